//! Whether a cluster is up, and what it looks like from outside.

use std::collections::BTreeMap;

use anyhow::Result;
use serde::Serialize;

use super::metadata;
use super::state::{Cluster, ClusterDirectory};
use crate::environment;

/// What there is to say about a cluster and about `KAFKA_TEST_BROKERS`.
#[derive(Debug, Serialize)]
pub(crate) struct Status {
    /// Whether every node runs and is listed in Metadata.
    pub(crate) up: bool,
    pub(crate) nodes: Vec<NodeStatus>,
    pub(crate) cluster: Option<Cluster>,
    /// The cluster that `KAFKA_TEST_BROKERS` names, unless it is this one.
    pub(crate) external: Option<External>,
}

/// How one node is.
#[derive(Debug, Serialize)]
pub(crate) struct NodeStatus {
    pub(crate) id: u16,
    pub(crate) pid: Option<u32>,
    pub(crate) plaintext: String,
    /// Whether its process is there.
    pub(crate) running: bool,
    /// Whether the cluster lists it in Metadata.
    pub(crate) listed: bool,
}

/// A cluster that somebody else runs.
#[derive(Debug, Serialize)]
pub(crate) struct External {
    pub(crate) bootstrap: String,
    /// The addresses that answered.
    pub(crate) reachable: Vec<String>,
    /// The addresses that did not, with the reason.
    pub(crate) unreachable: BTreeMap<String, String>,
    /// The brokers that the cluster lists.
    pub(crate) brokers: BTreeMap<i32, String>,
}

impl Status {
    /// Looks at processes and Metadata.
    ///
    /// # Errors
    ///
    /// Fails if the state file cannot be read.
    pub(crate) fn of(directory: &ClusterDirectory) -> Result<Self> {
        let cluster = directory.load()?;
        let nodes = cluster.as_ref().map(nodes).unwrap_or_default();
        let own = cluster.as_ref().map(Cluster::brokers).unwrap_or_default();
        let external = environment::variable("KAFKA_TEST_BROKERS")
            .filter(|bootstrap| bootstrap != own)
            .map(External::of);
        let up = !nodes.is_empty() && nodes.iter().all(|node| node.running && node.listed);
        Ok(Self {
            up,
            nodes,
            cluster,
            external,
        })
    }
}

impl External {
    fn of(bootstrap: String) -> Self {
        let mut external = Self {
            reachable: Vec::new(),
            unreachable: BTreeMap::new(),
            brokers: BTreeMap::new(),
            bootstrap: bootstrap.clone(),
        };
        for address in bootstrap
            .split(',')
            .map(str::trim)
            .filter(|address| !address.is_empty())
        {
            match metadata::brokers(address) {
                Ok(brokers) => {
                    external.reachable.push(address.to_owned());
                    external.brokers.extend(brokers);
                }
                Err(error) => {
                    external
                        .unreachable
                        .insert(address.to_owned(), format!("{error:#}"));
                }
            }
        }
        external
    }
}

fn nodes(cluster: &Cluster) -> Vec<NodeStatus> {
    let running: Vec<_> = cluster
        .nodes
        .iter()
        .filter(|node| node.is_running())
        .collect();
    let listed = running
        .iter()
        .find_map(|node| metadata::brokers(node.plaintext()).ok());
    let listed = listed.unwrap_or_default();
    let status = |node: &super::node::Node| NodeStatus {
        id: node.id,
        pid: node.pid,
        plaintext: node.plaintext().to_owned(),
        running: running.iter().any(|other| other.id == node.id),
        listed: listed.contains_key(&i32::from(node.id)),
    };
    cluster.nodes.iter().map(status).collect()
}
