//! The brokers of a cluster.

use crate::{Client, Error};

impl Client {
    /// Lists the brokers that are alive, sorted by id.
    ///
    /// # Errors
    ///
    /// If no broker answers.
    pub async fn brokers(&self) -> Result<Vec<Broker>, Error> {
        let metadata = self
            .within("listing brokers", None, self.engine.metadata())
            .await?;
        Ok(metadata.brokers.clone())
    }
}

/// A broker as the cluster's metadata lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broker {
    /// The broker's `node.id`.
    pub id: i32,
    /// The advertised host.
    pub host: String,
    /// The advertised port.
    pub port: u16,
    /// The rack, where one is configured.
    pub rack: Option<String>,
}
