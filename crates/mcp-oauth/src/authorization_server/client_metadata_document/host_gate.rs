//! Who may fetch from a host.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::{Mutex as Turn, OwnedMutexGuard};

/// Lets in one at a time for each host, and few at once: nobody's server is flooded from here, and
/// who waits finds what the one before found.
#[derive(Debug, Default)]
pub(super) struct HostGate {
    queues: Mutex<HashMap<String, Queue>>,
}

#[derive(Debug, Default)]
struct Queue {
    turn: Arc<Turn<()>>,
    members: usize,
}

impl HostGate {
    /// Waits for the turn of the caller. `None` if there are too many already.
    pub(super) async fn enter(&self, host: &str) -> Option<Pass<'_>> {
        let (mut pass, turn) = self.join(host)?;
        pass.turn = Some(turn.lock_owned().await);
        Some(pass)
    }

    fn join(&self, host: &str) -> Option<(Pass<'_>, Arc<Turn<()>>)> {
        let mut queues = self.queues();
        if queues.len() >= MAX_HOSTS && !queues.contains_key(host) {
            return None;
        }
        let queue = queues.entry(host.to_owned()).or_default();
        if queue.members == MAX_MEMBERS {
            return None;
        }
        queue.members += 1;
        let pass = Pass {
            gate: self,
            host: host.to_owned(),
            turn: None,
        };
        Some((pass, Arc::clone(&queue.turn)))
    }

    fn leave(&self, host: &str) {
        let mut queues = self.queues();
        if let Some(queue) = queues.get_mut(host) {
            queue.members -= 1;
            if queue.members == 0 {
                queues.remove(host);
            }
        }
    }

    fn queues(&self) -> MutexGuard<'_, HashMap<String, Queue>> {
        self.queues.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place in a queue, and the turn when it has come. Dropped, it goes to the next.
#[derive(Debug)]
pub(super) struct Pass<'a> {
    gate: &'a HostGate,
    host: String,
    turn: Option<OwnedMutexGuard<()>>,
}

impl Drop for Pass<'_> {
    fn drop(&mut self) {
        self.gate.leave(&self.host);
    }
}

const MAX_HOSTS: usize = 32;
const MAX_MEMBERS: usize = 64;

#[cfg(test)]
mod tests {
    use futures_util::FutureExt;

    use super::*;

    #[tokio::test]
    async fn one_at_a_time_is_let_in_for_each_host() {
        let gate = HostGate::default();
        let first = gate.enter("a").await.unwrap();
        assert!(gate.enter("a").now_or_never().is_none());
        assert!(gate.enter("b").now_or_never().is_some());
        drop(first);
        assert!(gate.enter("a").now_or_never().is_some());
        assert!(gate.queues().is_empty(), "nothing is left behind");
    }

    #[tokio::test]
    async fn who_is_too_many_is_sent_away() {
        let gate = HostGate::default();
        let hosts: Vec<String> = (0..=MAX_HOSTS).map(|n| n.to_string()).collect();
        let mut passes = Vec::new();
        for host in hosts.iter().take(MAX_HOSTS) {
            passes.push(gate.enter(host).await.unwrap());
        }
        assert!(gate.enter(hosts.last().unwrap()).await.is_none());

        let mut waiting: Vec<_> = (1..MAX_MEMBERS)
            .map(|_| Box::pin(gate.enter("0")))
            .collect();
        for member in &mut waiting {
            assert!(member.now_or_never().is_none());
        }
        assert!(gate.enter("0").await.is_none());
    }
}
