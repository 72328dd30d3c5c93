//! Connections, frames and versions.

use bytes::Buf;
use kafka_fake::{Api, Cluster, Error};
use kafka_protocol::{
    messages::{ApiVersionsRequest, ApiVersionsResponse, MetadataRequest, ResponseHeader},
    protocol::Decodable,
};

use tokio::time::Duration;

use crate::{subject::Subject, wire::Wire};

#[tokio::test]
async fn a_version_that_is_too_new_is_answered_in_version_0_with_those_that_are_known() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        // ApiVersions 99, in a header that has tags.
        wire.send_bytes(&[0, 0, 0, 12, 0, 18, 0, 99, 0, 0, 0, 7, 0, 0, 0, 0])
            .await;
        let mut frame = wire.read().await.expect("an answer");
        assert_eq!(
            ResponseHeader::decode(&mut frame, 0)
                .unwrap()
                .correlation_id,
            7
        );
        let answer = ApiVersionsResponse::decode(&mut frame, 0).unwrap();
        assert!(!frame.has_remaining());
        assert_eq!(answer.error_code, 35, "{}", subject.name);
        let keys: Vec<i16> = answer.api_keys.iter().map(|api| api.api_key).collect();
        assert_eq!(keys, [18], "{}", subject.name);
        // The connection stays usable.
        let answer = wire.ask(&ApiVersionsRequest::default(), 0).await;
        assert_eq!(answer.error_code, 0);
        subject.clean().await;
    }
}

#[tokio::test]
async fn every_api_is_listed_with_its_versions_in_every_version() {
    let cluster = Cluster::builder().start().await.unwrap();
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    for version in Api::ApiVersions.versions() {
        let answer = wire.ask(&ApiVersionsRequest::default(), version).await;
        let listed: Vec<_> = answer
            .api_keys
            .iter()
            .map(|api| (api.api_key, api.min_version..=api.max_version))
            .collect();
        let known: Vec<_> = Api::ALL
            .iter()
            .map(|api| (api.key(), api.versions()))
            .collect();
        assert_eq!(listed, known);
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn what_cannot_be_answered_ends_its_connection_and_no_other() {
    let broken: [&[u8]; 7] = [
        b"GET / HTTP/1.1\r\nHost: kafka\r\n\r\n",
        // Lengths that are negative, and beyond what is read.
        &[0xff, 0xff, 0xff, 0xff],
        &[0x7f, 0xff, 0xff, 0xff],
        // Too short, of an unknown kind, of an unknown version, and cut short.
        &[0, 0, 0, 3, 0, 3, 0],
        &[0, 0, 0, 10, 0x7f, 0xff, 0, 0, 0, 0, 0, 1, 0xff, 0xff],
        &[0, 0, 0, 10, 0, 3, 0, 99, 0, 0, 0, 1, 0xff, 0xff],
        &[0, 0, 0, 12, 0, 3, 0, 1, 0, 0, 0, 1, 0xff, 0xff, 0, 0],
    ];
    for subject in Subject::all().await {
        let mut bystander = subject.connect().await;
        for bytes in broken {
            let mut wire = subject.connect().await;
            wire.send_bytes(bytes).await;
            assert_eq!(wire.read().await, None, "{}: {bytes:?}", subject.name);
        }
        bystander.ask(&ApiVersionsRequest::default(), 3).await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_request_longer_than_the_limit_is_not_read() {
    let cluster = Cluster::builder().max_request_bytes(100).start().await;
    let cluster = cluster.unwrap();
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    wire.send_bytes(&101_i32.to_be_bytes()).await;
    assert_eq!(wire.read().await, None);
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_node_that_is_stopped_breaks_its_connections_and_comes_back_at_its_address() {
    let cluster = Cluster::builder().nodes(3).start().await.unwrap();
    let mut first = Wire::to_node(&cluster, 1).await;
    let mut second = Wire::to_node(&cluster, 2).await;

    cluster.stop_node(1).await.unwrap();
    cluster.stop_node(1).await.unwrap();
    assert_eq!(first.read().await, None);
    let brokers = second.ask(&MetadataRequest::default(), 9).await.brokers;
    let ids: Vec<i32> = brokers.iter().map(|broker| broker.node_id.0).collect();
    assert_eq!(ids, [2, 3]);

    cluster.start_node(1).await.unwrap();
    let mut first = Wire::to_node(&cluster, 1).await;
    let brokers = first.ask(&MetadataRequest::default(), 9).await.brokers;
    assert_eq!(brokers.len(), 3);
    let error = cluster.stop_node(4).await.unwrap_err();
    assert!(matches!(error, Error::UnknownNode { node: 4 }), "{error}");
    cluster.shutdown().await;
}

#[tokio::test]
async fn a_cluster_has_1_to_100_nodes() {
    for count in [0, 101] {
        let error = Cluster::builder().nodes(count).start().await.unwrap_err();
        assert!(matches!(error, Error::NodeCount { .. }), "{error}");
    }
}

#[tokio::test]
async fn a_connection_that_is_of_no_use_ends() {
    let idle = Duration::from_millis(100);
    let cluster = Cluster::builder().max_idle(idle).start().await.unwrap();
    let servers = cluster.bootstrap_servers();
    let mut silent = Wire::connect(&servers).await;
    assert_eq!(silent.read().await, None);
    // Half a request is none.
    let mut slow = Wire::connect(&servers).await;
    slow.send_bytes(&[0, 0, 0, 12, 0, 18]).await;
    assert_eq!(slow.read().await, None);
    cluster.shutdown().await;
}
