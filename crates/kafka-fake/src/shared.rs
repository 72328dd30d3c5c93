//! What the nodes of a cluster share.

use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

use tokio::{sync::Notify, time::Duration};

use crate::{
    Api, ClusterBuilder, Error, authorizer::Authorizer, fault::Faults, sasl::Users, state::State,
    stream::Security,
};

/// The state of a cluster, and what its owner has to do with it.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    faults: Mutex<Faults>,
    counts: Mutex<BTreeMap<Api, u64>>,
    /// Wakes those who wait for records, or for something to be amiss.
    pub(crate) changed: Notify,
    /// The longest frame that is read.
    pub(crate) max_request_bytes: usize,
    /// How long a connection may be of no use.
    pub(crate) max_idle: Duration,
    /// What members of groups of KIP-848 are to keep to.
    pub(crate) group_heartbeat_interval: Duration,
    pub(crate) group_session_timeout: Duration,
    /// Who may log in; everybody is let in if there is nobody.
    pub(crate) users: Users,
    /// Who may do what; everybody may do everything if there is nothing.
    pub(crate) authorizer: Option<Authorizer>,
    pub(crate) security: Security,
}

impl Shared {
    /// Fails if there is an ACL that makes no sense.
    pub(crate) fn new(state: State, builder: &ClusterBuilder) -> Result<Self, Error> {
        Ok(Self {
            state: Mutex::new(state),
            faults: Mutex::default(),
            counts: Mutex::default(),
            changed: Notify::new(),
            max_request_bytes: builder.max_request_bytes,
            max_idle: builder.max_idle,
            group_heartbeat_interval: builder.group_heartbeat_interval,
            group_session_timeout: builder.group_session_timeout,
            users: builder.users.clone(),
            authorizer: Authorizer::new(&builder.super_users, &builder.acls)?,
            security: builder.security.clone(),
        })
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    pub(crate) fn faults(&self) -> MutexGuard<'_, Faults> {
        lock(&self.faults)
    }

    /// Counts a request that has arrived.
    pub(crate) fn count(&self, api: Api) {
        *lock(&self.counts).entry(api).or_default() += 1;
    }

    /// How many have arrived.
    pub(crate) fn counted(&self, api: Api) -> u64 {
        lock(&self.counts).get(&api).copied().unwrap_or_default()
    }
}

pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A request that panicked takes its connection with it, and not the cluster.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
