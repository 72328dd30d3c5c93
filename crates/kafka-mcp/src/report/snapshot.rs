//! What the views draw: the cluster, and where its consumer groups stand.

mod cluster;
mod standing;

use futures_util::future::{OptionFuture, try_join};
use schemars::JsonSchema;
use serde::Serialize;

use super::LagScope;
use crate::{
    failure::{Failure, PartialError, PartialErrors},
    moment,
    page::Budget,
    view::View,
};
use cluster::Cluster;
use standing::Standing;

/// The cluster at one moment. Views ask for one every few seconds, so that it is small and costs
/// the cluster little.
#[derive(Debug, Serialize, JsonSchema)]
pub(crate) struct Snapshot {
    as_of: String,
    // A model sees the schemas in the list of tools, and has no use for what views draw.
    #[schemars(extend("type" = "object"), with = "()")]
    cluster: Cluster,
    /// Null if it was not asked for, or could not be measured.
    #[schemars(extend("type" = ["object", "null"]), with = "()")]
    lag: Option<Standing>,
    /// How many rows were left out for size.
    omitted: usize,
    #[serde(flatten)]
    coverage: PartialErrors,
}

impl Snapshot {
    /// Measures the cluster, and consumer lag within `scope` where it is given. Lag that could not
    /// be measured leaves the rest as it is.
    pub(crate) async fn measure(
        view: View<'_>,
        scope: Option<&LagScope>,
        mut budget: Budget,
    ) -> Result<Self, Failure> {
        let lag: OptionFuture<_> = scope.map(|scope| standing::measure(view, scope)).into();
        let (cluster, lag) =
            try_join(cluster::measure(view), async { Ok(lag.await.transpose()) }).await?;
        let (lag, errors) = match lag {
            Ok(Some((lag, errors))) => (Some(lag), errors),
            Ok(None) => (None, Vec::new()),
            Err(error) => (None, vec![PartialError::new("consumer lag", error)]),
        };
        let coverage: PartialErrors = errors.into_iter().collect();
        budget.take(&coverage);
        let (lag, lag_omitted) = lag.map(|lag| lag.fit(&mut budget)).unzip();
        let (cluster, omitted) = cluster.fit(&mut budget);
        Ok(Self {
            as_of: moment::stamp(view.now()),
            cluster,
            lag,
            omitted: omitted + lag_omitted.unwrap_or_default(),
            coverage,
        })
    }
}

#[cfg(test)]
mod tests;
