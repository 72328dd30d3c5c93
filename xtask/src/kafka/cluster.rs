//! What the commands do to a cluster.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use ring::rand::{SecureRandom as _, SystemRandom};

use super::certificates::TlsFiles;
use super::jars::jars;
use super::java::Java;
use super::listener::Listener;
use super::metadata;
use super::node::Node;
use super::ports::Ports;
use super::state::{Cluster, ClusterDirectory};
use super::topic::NewTopic;
use super::user::User;
use super::version::Version;
use crate::deadline::Deadline;

/// What a new cluster shall be; what is not said is taken from the cluster that exists, or else
/// by default.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct Wish {
    /// Number of brokers, 1 or 3 [default: 1]
    #[arg(long, value_parser = node_count)]
    nodes: Option<u16>,
    #[arg(long, value_name = "X.Y.Z")]
    #[arg(help = format!("Version of Apache Kafka [default: {}]", Version::default()))]
    version: Option<Version>,
    /// First port; each broker takes ten in a row [default: free ones from 21000 on]
    #[arg(long, value_name = "PORT")]
    port_base: Option<u16>,
    /// Seconds until a cluster that is not ready counts as failed
    #[arg(long, value_name = "SECONDS", default_value_t = 90)]
    timeout: u64,
    /// A topic to create; may be given several times
    #[arg(long = "topic", value_name = "NAME[:PARTITIONS]")]
    topics: Vec<NewTopic>,
}

/// A majority of two would stand for as little as one, so it is one broker or three.
fn node_count(text: &str) -> Result<u16, &'static str> {
    match text {
        "1" => Ok(1),
        "3" => Ok(3),
        _ => Err("a cluster has 1 or 3 brokers"),
    }
}

/// A cluster that is up.
#[derive(Debug)]
pub(crate) struct Up {
    pub(crate) cluster: Cluster,
    /// How long the start took; `None` if the cluster was up already.
    pub(crate) started_in: Option<Duration>,
}

/// Brings a cluster up: makes a new one, or starts the nodes that are down and lets those go on that
/// are frozen.
///
/// # Errors
///
/// Fails if the cluster that exists is another one than the wish, and if the cluster does not
/// become ready in time.
pub(crate) fn up(directory: &ClusterDirectory, wish: &Wish) -> Result<Up> {
    let _lock = directory.lock()?;
    let limit = Duration::from_secs(wish.timeout);
    let clock = Deadline::after(limit);
    let existing = directory.load()?;
    if let Some(cluster) = &existing {
        ensure_same(cluster, wish)?;
    }
    if let Some(cluster) = &existing {
        cluster.nodes.iter().try_for_each(Node::resume)?;
    }
    let all_running = |cluster: &Cluster| cluster.nodes.iter().all(Node::is_running);
    let (cluster, started) = match existing {
        Some(cluster) if all_running(&cluster) => (cluster, false),
        Some(mut cluster) => {
            let java = Java::find()?;
            // The jars may have changed since the last start.
            cluster.jars = jars(&cluster.version)?;
            start_missing(directory, &mut cluster, &java)?;
            (cluster, true)
        }
        None => (create(directory, wish)?, true),
    };
    // Fetching the jars is not on the brokers' time.
    let nodes: Vec<_> = cluster.nodes.iter().collect();
    wait_until_ready(&cluster, &nodes, Deadline::after(limit))?;
    if let Some(node) = nodes.first() {
        for topic in &wish.topics {
            topic.create(node.plaintext(), nodes.len())?;
        }
    }
    Ok(Up {
        cluster,
        started_in: started.then(|| clock.elapsed()),
    })
}

/// Ends the cluster's processes and removes its data; returns whether there was one.
///
/// # Errors
///
/// Fails if a process does not end or a file cannot be removed.
pub(crate) fn down(directory: &ClusterDirectory) -> Result<bool> {
    let _lock = directory.lock()?;
    let Some(mut cluster) = directory.load()? else {
        directory.remove()?;
        return Ok(false);
    };
    // The data goes too, so nothing is gained by an orderly shutdown.
    for node in &mut cluster.nodes {
        node.kill()?;
    }
    directory.remove()?;
    Ok(true)
}

/// Ends one node at once, as a power cut would.
///
/// # Errors
///
/// Fails if there is no such node or its process does not end.
pub(crate) fn kill(directory: &ClusterDirectory, id: u16) -> Result<()> {
    change(directory, id, Node::kill)
}

/// Ends one node in an orderly way.
///
/// # Errors
///
/// Fails if there is no such node or its process does not end.
pub(crate) fn stop(directory: &ClusterDirectory, id: u16) -> Result<()> {
    change(directory, id, Node::stop)
}

/// Freezes one node, until it is started.
///
/// # Errors
///
/// Fails if there is no such node or it does not run.
pub(crate) fn pause(directory: &ClusterDirectory, id: u16) -> Result<()> {
    change(directory, id, |node| node.pause())
}

fn change(
    directory: &ClusterDirectory,
    id: u16,
    what: impl FnOnce(&mut Node) -> Result<()>,
) -> Result<()> {
    let _lock = directory.lock()?;
    let mut cluster = existing(directory)?;
    what(cluster.node_mut(id)?)?;
    directory.save(&cluster)
}

/// Starts one node again, or lets it go on if it was frozen, and waits until Metadata lists it.
///
/// # Errors
///
/// Fails if there is no such node or it does not become ready in time.
pub(crate) fn start(directory: &ClusterDirectory, id: u16, limit: Duration) -> Result<Up> {
    let _lock = directory.lock()?;
    let deadline = Deadline::after(limit);
    let mut cluster = existing(directory)?;
    let jars = jars(&cluster.version)?;
    let node = cluster.node_mut(id)?;
    let started = !node.is_running();
    node.resume()?;
    if started {
        node.start(&Java::find()?, &jars)?;
        directory.save(&cluster)?;
    }
    let nodes = cluster.nodes.iter();
    let nodes: Vec<_> = nodes
        .filter(|node| node.id == id || node.is_running())
        .collect();
    wait_until_ready(&cluster, &nodes, deadline)?;
    Ok(Up {
        cluster,
        started_in: started.then(|| deadline.elapsed()),
    })
}

/// Returns the cluster of this name.
///
/// # Errors
///
/// Fails if there is none.
pub(crate) fn existing(directory: &ClusterDirectory) -> Result<Cluster> {
    let name = directory.name();
    directory.load()?.with_context(|| {
        format!("there is no cluster {name}: `cargo xtask kafka up --name {name}` makes it")
    })
}

fn ensure_same(cluster: &Cluster, wish: &Wish) -> Result<()> {
    let Cluster {
        name,
        version,
        nodes,
        ..
    } = cluster;
    let base = nodes.first().and_then(Node::port_base);
    let other_nodes = wish
        .nodes
        .is_some_and(|count| usize::from(count) != nodes.len());
    let other_version = wish.version.as_ref().is_some_and(|v| v != version);
    let other_ports = wish.port_base.is_some() && wish.port_base != base;
    if other_nodes || other_version || other_ports {
        bail!(
            "cluster {name} exists with Kafka {version}, {} node(s), ports from {}: end it with \
             `cargo xtask kafka down --name {name}` or choose another --name",
            nodes.len(),
            base.unwrap_or_default()
        );
    }
    Ok(())
}

fn create(directory: &ClusterDirectory, wish: &Wish) -> Result<Cluster> {
    let count = wish.nodes.unwrap_or(1);
    let version = wish.version.clone().unwrap_or_default();
    let java = Java::find()?;
    let ports = match wish.port_base {
        Some(base) => Ports::at(base, count)?,
        None => Ports::free(count, &directory.foreign_ports())?,
    };
    let jars = jars(&version)?;

    // A directory without a state file is what an interrupted start left behind.
    directory.remove()?;
    let path = directory.path();
    fs::create_dir_all(path).with_context(|| format!("creating {}", path.display()))?;
    let nodes: Vec<_> = (1..=count)
        .map(|id| Node::new(id, ports.base(), path))
        .collect();
    let mut cluster = Cluster {
        name: directory.name().to_owned(),
        version,
        cluster_id: cluster_id()?,
        jars,
        listeners: bootstrap_addresses(&nodes),
        nodes,
        users: User::all(),
        tls: TlsFiles::create(&path.join("tls"))?,
    };
    let formatting = cluster
        .nodes
        .iter()
        .map(|node| node.format(&java, &cluster));
    for formatting in formatting.collect::<Result<Vec<_>>>()? {
        formatting.finish()?;
    }

    directory.save(&cluster)?;
    ports.release();
    start_missing(directory, &mut cluster, &java)?;
    Ok(cluster)
}

/// Starts what does not run; saves after every process, so that `down` finds each of them.
fn start_missing(directory: &ClusterDirectory, cluster: &mut Cluster, java: &Java) -> Result<()> {
    for index in 0..cluster.nodes.len() {
        let jars = cluster.jars.clone();
        if let Some(node) = cluster
            .nodes
            .get_mut(index)
            .filter(|node| !node.is_running())
        {
            node.start(java, &jars)?;
            directory.save(cluster)?;
        }
    }
    Ok(())
}

/// Waits until each of the nodes answers and lists all of them.
fn wait_until_ready(cluster: &Cluster, nodes: &[&Node], deadline: Deadline) -> Result<()> {
    let expected: BTreeSet<_> = nodes.iter().map(|node| i32::from(node.id)).collect();
    for node in nodes {
        let ready = deadline.poll(|| {
            if !node.is_running() {
                bail!("node {} has ended; {}", node.id, node.last_words());
            }
            let listed = metadata::brokers(node.plaintext()).unwrap_or_default();
            Ok(expected
                .iter()
                .all(|id| listed.contains_key(id))
                .then_some(()))
        })?;
        ready.with_context(|| {
            format!(
                "node {} is not ready after {} s; it goes on, `cargo xtask kafka down --name {}` \
                 ends it; {}",
                node.id,
                deadline.limit().as_secs(),
                cluster.name,
                node.last_words()
            )
        })?;
    }
    Ok(())
}

fn bootstrap_addresses(nodes: &[Node]) -> BTreeMap<Listener, String> {
    let addresses = |listener: &Listener| {
        let addresses = nodes.iter().filter_map(|node| node.listeners.get(listener));
        addresses.map(String::as_str).collect::<Vec<_>>().join(",")
    };
    Listener::ALL
        .into_iter()
        .map(|listener| (listener, addresses(&listener)))
        .collect()
}

/// Makes a cluster id: 16 random bytes in URL-safe Base64.
fn cluster_id() -> Result<String> {
    let mut bytes = [0; 16];
    SystemRandom::new()
        .fill(&mut bytes)
        .ok()
        .context("the system gives no random bytes")?;
    // An id that began with `-` would look like an option to the storage tool.
    bytes[0] &= 0x7f;
    Ok(BASE64_URL_SAFE_NO_PAD.encode(bytes))
}
