//! What is known about a cluster, and the directory that holds it.

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{self, File, TryLockError};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use serde::{Deserialize, Serialize};

use super::certificates::TlsFiles;
use super::listener::Listener;
use super::node::Node;
use super::user::User;
use super::version::Version;

/// A cluster as the state file describes it to tests and scripts.
#[derive(Debug, Deserialize, Serialize)]
pub(crate) struct Cluster {
    pub(crate) name: String,
    pub(crate) version: Version,
    pub(crate) cluster_id: String,
    /// The directory of the broker's jars, for tests that run Java clients.
    pub(crate) jars: PathBuf,
    pub(crate) nodes: Vec<Node>,
    /// The bootstrap addresses of each listener, comma-separated.
    pub(crate) listeners: BTreeMap<Listener, String>,
    pub(crate) users: Vec<User>,
    pub(crate) tls: TlsFiles,
}

impl Cluster {
    /// Returns the addresses for `KAFKA_TEST_BROKERS`.
    pub(crate) fn brokers(&self) -> &str {
        self.listeners
            .get(&Listener::Plaintext)
            .map_or("", String::as_str)
    }

    /// Returns the node with this id.
    ///
    /// # Errors
    ///
    /// Fails with the ids that exist.
    pub(crate) fn node_mut(&mut self, id: u16) -> Result<&mut Node> {
        let ids: Vec<_> = self.nodes.iter().map(|node| node.id.to_string()).collect();
        self.nodes
            .iter_mut()
            .find(|node| node.id == id)
            .with_context(|| {
                format!(
                    "cluster {} has no node {id}; its nodes: {}",
                    self.name,
                    ids.join(", ")
                )
            })
    }
}

/// The directory of one cluster: its data, logs, certificates and state file.
#[derive(Debug)]
pub(crate) struct ClusterDirectory {
    name: String,
    path: PathBuf,
}

impl ClusterDirectory {
    /// Names the directory, which need not exist.
    ///
    /// # Errors
    ///
    /// Fails if the name could not be a plain directory name.
    pub(crate) fn new(name: &str) -> Result<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        if name.is_empty() || name.len() > 40 || !name.chars().all(plain) {
            bail!("cluster name {name:?}: use 1 to 40 letters, digits, `-` and `_`");
        }
        Ok(Self {
            name: name.to_owned(),
            path: root().join(name),
        })
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Returns the path for `KAFKA_TEST_STATE`.
    pub(crate) fn state_file(&self) -> PathBuf {
        self.path.join(STATE_FILE)
    }

    /// Waits until no other task changes a cluster; the lock ends with the returned file.
    ///
    /// One lock serves all clusters, so that two that start at a time find different ports.
    ///
    /// # Errors
    ///
    /// Fails if the lock file cannot be written.
    pub(crate) fn lock(&self) -> Result<File> {
        fs::create_dir_all(root()).with_context(|| format!("creating {}", root().display()))?;
        let path = root().join(".lock");
        let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(TryLockError::WouldBlock) => {
                eprintln!("waiting for another task that changes a cluster");
                file.lock()
            }
            Err(TryLockError::Error(error)) => Err(error),
        }
        .with_context(|| format!("locking {}", path.display()))?;
        Ok(file)
    }

    /// Reads the state file; `None` if there is no such cluster.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be read or is not a state file.
    pub(crate) fn load(&self) -> Result<Option<Cluster>> {
        load(&self.state_file())
    }

    /// Replaces the state file in one step, so that no reader sees half of it.
    ///
    /// # Errors
    ///
    /// Fails if the file cannot be written.
    pub(crate) fn save(&self, cluster: &Cluster) -> Result<()> {
        let path = self.state_file();
        let fresh = path.with_extension("json.new");
        let text = serde_json::to_string_pretty(cluster).context("describing the cluster")?;
        fs::write(&fresh, text).with_context(|| format!("writing {}", fresh.display()))?;
        fs::rename(&fresh, &path).with_context(|| format!("writing {}", path.display()))
    }

    /// Removes the cluster's data, logs, certificates and state file.
    ///
    /// # Errors
    ///
    /// Fails if something of it cannot be removed.
    pub(crate) fn remove(&self) -> Result<()> {
        match fs::remove_dir_all(&self.path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("removing {}", self.path.display()))
            }
            _ => Ok(()),
        }
    }

    /// Returns the ports that belong to other clusters, up or down.
    pub(crate) fn foreign_ports(&self) -> BTreeSet<u16> {
        let Ok(entries) = fs::read_dir(root()) else {
            return BTreeSet::new();
        };
        entries
            .flatten()
            .filter(|entry| entry.path() != self.path)
            .filter_map(|entry| load(&entry.path().join(STATE_FILE)).ok().flatten())
            .flat_map(|cluster| cluster.nodes)
            .flat_map(|node| node.ports())
            .collect()
    }
}

fn load(path: &Path) -> Result<Option<Cluster>> {
    let text = match fs::read_to_string(path) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        text => text.with_context(|| format!("reading {}", path.display()))?,
    };
    serde_json::from_str(&text).map(Some).with_context(|| {
        format!(
            "{} is not a state file of this version: delete its directory",
            path.display()
        )
    })
}

/// Returns the directory of all clusters, in the build directory of this checkout.
fn root() -> PathBuf {
    let workspace = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(1);
    workspace.unwrap_or(Path::new(".")).join("target/kafka")
}

const STATE_FILE: &str = "cluster.json";

#[cfg(test)]
mod tests {
    use super::ClusterDirectory;

    #[test]
    fn a_cluster_name_is_a_plain_directory_name() {
        for name in ["dev", "three-nodes", "v3_9"] {
            assert!(ClusterDirectory::new(name).is_ok(), "{name:?} was refused");
        }
        for name in ["", ".", "..", "a/b", "a b", "a.b", &"x".repeat(41)] {
            assert!(
                ClusterDirectory::new(name).is_err(),
                "{name:?} was accepted"
            );
        }
    }
}
