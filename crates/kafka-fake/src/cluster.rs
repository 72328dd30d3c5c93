//! Running a cluster.

mod acls;
mod groups;
mod records;

use std::{fmt, net::SocketAddr, sync::Arc};

use tokio::sync::Mutex;

use crate::{
    Api, ClusterBuilder, Error, FaultRule, new_topic::NewTopic, node::Node, shared::Shared,
    state::State,
};

/// A cluster of Kafka nodes in this process, which listen on the loopback.
///
/// It ends with [`shutdown`](Self::shutdown), which waits for all of its tasks; a cluster that is
/// dropped tells them to end, and does not wait.
///
/// ```
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), kafka_fake::Error> {
/// let cluster = kafka_fake::Cluster::builder().nodes(3).start().await?;
/// cluster.create_topic("orders", 6)?;
/// println!("bootstrap.servers={}", cluster.bootstrap_servers());
/// cluster.shutdown().await;
/// # Ok(())
/// # }
/// ```
pub struct Cluster {
    shared: Arc<Shared>,
    nodes: Mutex<Vec<Node>>,
}

impl Cluster {
    /// Begins to describe a cluster.
    #[must_use]
    pub fn builder() -> ClusterBuilder {
        ClusterBuilder::default()
    }

    pub(crate) async fn start(builder: &ClusterBuilder) -> Result<Self, Error> {
        let count = builder.nodes;
        let last = i32::try_from(count)
            .ok()
            .filter(|last| (1..=100).contains(last));
        let last = last.ok_or(Error::NodeCount { count })?;
        let state = State::new(
            builder.cluster_id.clone(),
            builder.max_log_bytes,
            builder.clock.clone(),
        );
        let shared = Arc::new(Shared::new(state, builder)?);
        let mut nodes = Vec::new();
        for id in 1..=last {
            nodes.push(Node::start(id, None, Arc::clone(&shared)).await?);
        }
        Ok(Self {
            shared,
            nodes: Mutex::new(nodes),
        })
    }

    /// The addresses of all nodes, also of those that are down, comma-separated.
    #[must_use]
    pub fn bootstrap_servers(&self) -> String {
        let state = self.shared.state();
        let addresses: Vec<String> = state
            .brokers
            .values()
            .map(|broker| broker.address.to_string())
            .collect();
        addresses.join(",")
    }

    /// Where a node listens, whether it is up or not.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// let cluster = kafka_fake::Cluster::builder().nodes(3).start().await?;
    /// let second = cluster.node_address(2)?;
    /// assert!(cluster.bootstrap_servers().contains(&second.to_string()));
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If there is no such node.
    pub fn node_address(&self, node: i32) -> Result<SocketAddr, Error> {
        let state = self.shared.state();
        let broker = state.brokers.get(&node);
        broker
            .map(|broker| broker.address)
            .ok_or(Error::UnknownNode { node })
    }

    /// Creates a topic with default settings, replicated to three nodes or as many as there are.
    ///
    /// # Errors
    ///
    /// If a client that asked for it would be refused.
    pub fn create_topic(&self, name: &str, partitions: i32) -> Result<(), Error> {
        self.create_topic_with(name, partitions, &[])
    }

    /// Creates a topic with settings of its own, replicated to three nodes or as many as there are.
    ///
    /// ```
    /// # #[tokio::main(flavor = "current_thread")]
    /// # async fn main() -> Result<(), kafka_fake::Error> {
    /// # let cluster = kafka_fake::Cluster::builder().start().await?;
    /// cluster.create_topic_with("customers", 6, &[("cleanup.policy", "compact")])?;
    /// # assert!(cluster.create_topic_with("orders", 6, &[("no.such.setting", "1")]).is_err());
    /// # cluster.shutdown().await;
    /// # Ok(())
    /// # }
    /// ```
    ///
    /// # Errors
    ///
    /// If a client that asked for it would be refused.
    pub fn create_topic_with(
        &self,
        name: &str,
        partitions: i32,
        settings: &[(&str, &str)],
    ) -> Result<(), Error> {
        let mut state = self.shared.state();
        let mut topic = NewTopic::new(name.to_owned(), partitions, -1);
        let settings = settings.iter();
        topic.configs = settings
            .map(|(name, value)| ((*name).to_owned(), Some((*value).to_owned())))
            .collect();
        let plan = topic.plan(&state);
        let plan = plan.map_err(|(code, reason)| Error::TopicRefused {
            topic: name.to_owned(),
            code,
            reason,
        })?;
        state.add_topic(topic.name, plan.assignment, plan.configs);
        Ok(())
    }

    /// Moves the leadership of a partition to another of its replicas.
    ///
    /// # Errors
    ///
    /// If there is no such partition, or the node is not in sync with it.
    pub fn move_leader(&self, topic: &str, partition: i32, node: i32) -> Result<(), Error> {
        let mut state = self.shared.state();
        let found = state.partition_mut(topic, partition);
        let found = found.map_err(|_| unknown_partition(topic, partition))?;
        if found.lead_by(node) {
            self.shared.changed.notify_waiters();
            return Ok(());
        }
        Err(Error::NotAReplica {
            topic: topic.to_owned(),
            partition,
            node,
        })
    }

    /// The node that leads a partition; `None` if there is no leader, or no such partition.
    #[must_use]
    pub fn leader(&self, topic: &str, partition: i32) -> Option<i32> {
        self.shared.state().partition(topic, partition).ok()?.leader
    }

    /// Moves the role of the controller to a node. While that is down, the first node that is up has
    /// the role; when it starts again, it gets the role back.
    ///
    /// # Errors
    ///
    /// If the node is not up.
    pub fn move_controller(&self, node: i32) -> Result<(), Error> {
        let mut state = self.shared.state();
        state.live_node(node).ok_or(Error::NotUp { node })?;
        state.move_controller(node);
        Ok(())
    }

    /// Moves the coordination of a group to a node, and that of the producer whose transactional id is
    /// the same. Neither need exist yet. While the node is down, another coordinates; when it starts
    /// again, it does so again.
    ///
    /// Members that wait for a rebalance are told `NOT_COORDINATOR`, and the sessions of all members
    /// begin again.
    ///
    /// # Errors
    ///
    /// If the node is not up.
    pub fn move_coordinator(&self, group: &str, node: i32) -> Result<(), Error> {
        let mut state = self.shared.state();
        state.live_node(node).ok_or(Error::NotUp { node })?;
        state.move_coordinator(group, node);
        self.shared.changed.notify_waiters();
        Ok(())
    }

    /// Loses the records of a partition from `end` on, as an unclean election does: the leader's
    /// epoch grows, and the offsets are given again. A batch that reaches beyond `end` is lost as a
    /// whole. Returns where the log ends now.
    ///
    /// # Errors
    ///
    /// If there is no such partition.
    pub fn lose_records(&self, topic: &str, partition: i32, end: i64) -> Result<i64, Error> {
        let mut state = self.shared.state();
        let found = state.partition_mut(topic, partition);
        let found = found.map_err(|_| unknown_partition(topic, partition))?;
        let end = found.truncate(end);
        self.shared.changed.notify_waiters();
        Ok(end)
    }

    /// Stops a node as a crash does: its connections break, and others lead where it led. One that
    /// is down stays down.
    ///
    /// # Errors
    ///
    /// If there is no such node.
    pub async fn stop_node(&self, id: i32) -> Result<(), Error> {
        let mut nodes = self.nodes.lock().await;
        find(&mut nodes, id)?.stop().await;
        Ok(())
    }

    /// Starts a node again, at the address that it had. One that is up stays up.
    ///
    /// # Errors
    ///
    /// If there is no such node, or its address was taken by somebody else.
    pub async fn start_node(&self, id: i32) -> Result<(), Error> {
        let mut nodes = self.nodes.lock().await;
        let node = find(&mut nodes, id)?;
        if !node.is_up() {
            *node = Node::start(id, Some(node.address()), Arc::clone(&self.shared)).await?;
        }
        Ok(())
    }

    /// Cuts a node off from its clients, as a network that is interrupted does: connections stay
    /// open and new ones come about, but nothing is answered before [`reconnect_node`] ends it. To
    /// the other nodes it is there, and leads what it leads.
    ///
    /// [`reconnect_node`]: Self::reconnect_node
    ///
    /// # Errors
    ///
    /// If there is no such node.
    pub async fn isolate_node(&self, id: i32) -> Result<(), Error> {
        find(&mut self.nodes.lock().await, id)?.reach(false);
        Ok(())
    }

    /// Lets a node be reached again. What was sent to it in the meantime arrives now, on
    /// connections that are still open.
    ///
    /// # Errors
    ///
    /// If there is no such node.
    pub async fn reconnect_node(&self, id: i32) -> Result<(), Error> {
        find(&mut self.nodes.lock().await, id)?.reach(true);
        Ok(())
    }

    /// Makes requests fail from now on. Of several rules that fit a request, the one that was added
    /// first and is not used up is followed.
    pub fn inject(&self, rule: FaultRule) {
        self.shared.faults().add(rule);
    }

    /// Lets everything work again. What is happening at the moment still happens.
    pub fn clear_faults(&self) {
        self.shared.faults().clear();
    }

    /// How many requests of a kind have arrived at all nodes, also those that a fault happened to.
    #[must_use]
    pub fn request_count(&self, api: Api) -> u64 {
        self.shared.counted(api)
    }

    /// Stops all nodes, and returns when none of their tasks is left.
    pub async fn shutdown(self) {
        for node in self.nodes.lock().await.iter_mut() {
            node.stop().await;
        }
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster")
            .field("bootstrap_servers", &self.bootstrap_servers())
            .finish_non_exhaustive()
    }
}

fn find(nodes: &mut [Node], id: i32) -> Result<&mut Node, Error> {
    let found = nodes.iter_mut().find(|node| node.id() == id);
    found.ok_or(Error::UnknownNode { node: id })
}

fn unknown_partition(topic: &str, partition: i32) -> Error {
    Error::UnknownPartition {
        topic: topic.to_owned(),
        partition,
    }
}
