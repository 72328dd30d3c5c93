//! The cluster's id and its controller.

use std::time::Duration;

use krafka::{
    admin::{ClusterDescription, DescribeClusterOptions, DescribeMetadataQuorumOptions},
    error::{ErrorCode, KrafkaError},
};

use super::{
    connection::Session,
    fault::{Context, translate},
};
use crate::Error;

pub(super) async fn describe(session: &Session) -> Result<ClusterDescription, Error> {
    let described = session.hedge.first_answer(|| {
        let options = DescribeClusterOptions::default().timeout(session.timeout);
        session.admin.describe_cluster(options)
    });
    described
        .await
        .map_err(|error| translate(error, &Context::new("describing the cluster")))
}

/// What is known of the leader of the metadata quorum.
pub(super) enum Leader {
    /// The controller's node id.
    Is(i32),
    /// There is none.
    None,
    /// The brokers do not tell: they keep their metadata in ZooKeeper, or the principal lacks the
    /// right to ask.
    Undisclosed,
}

/// Asks for the leader of the metadata quorum, which is the controller. With KRaft, Metadata and
/// DescribeCluster name any live broker instead (KIP-590), also when there is no controller.
pub(super) async fn controller(session: &Session) -> Leader {
    let options = DescribeMetadataQuorumOptions::default();
    let options = options.timeout(session.timeout.min(QUORUM_TIMEOUT));
    match session.admin.describe_metadata_quorum(options).await {
        Ok(quorum) if quorum.leader_id >= 0 => Leader::Is(quorum.leader_id),
        Ok(_) => Leader::None,
        // A broker passes the question on to the controller, and waits for one.
        Err(KrafkaError::Timeout { .. }) => Leader::None,
        Err(KrafkaError::Broker { code, .. }) if is_leaderless(code) => Leader::None,
        Err(_) => Leader::Undisclosed,
    }
}

fn is_leaderless(code: ErrorCode) -> bool {
    matches!(
        code,
        ErrorCode::BrokerNotAvailable
            | ErrorCode::LeaderNotAvailable
            | ErrorCode::NotController
            | ErrorCode::NotLeaderForPartition
            | ErrorCode::RequestTimedOut
    )
}

/// How long to wait for a controller to answer.
const QUORUM_TIMEOUT: Duration = Duration::from_secs(3);
