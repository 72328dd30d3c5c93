//! Reading records, partition by partition.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::Arc,
    time::Duration,
};

use futures_util::{StreamExt, future::BoxFuture, stream};
use tokio::time::sleep;

use super::{
    cursor::Cursor,
    partitions::{MAX_IN_FLIGHT, Partitions},
};
use crate::{
    Record, TopicName,
    engine::{ReadFailure, ReadOptions, Reader},
};

/// Fetches every partition for itself.
pub(super) struct RskafkaReader {
    partitions: Arc<Partitions>,
    cursors: BTreeMap<(TopicName, i32), Cursor>,
    /// The partitions in the order in which they are fetched.
    queue: VecDeque<(TopicName, i32)>,
    failures: VecDeque<ReadFailure>,
    options: ReadOptions,
}

impl RskafkaReader {
    pub(super) fn new(
        partitions: Arc<Partitions>,
        starts: &BTreeMap<(TopicName, i32), i64>,
        options: ReadOptions,
    ) -> Self {
        let cursors = starts
            .iter()
            .map(|(key, start)| (key.clone(), Cursor::new(key.clone(), *start)));
        Self {
            partitions,
            cursors: cursors.collect(),
            queue: starts.keys().cloned().collect(),
            failures: VecDeque::new(),
            options,
        }
    }

    /// Fetches the partitions whose turn it is, and waits for all of them.
    async fn fetch(&mut self, wait: Duration) {
        let turns = u32::try_from(self.queue.len().div_ceil(MAX_IN_FLIGHT)).unwrap_or(u32::MAX);
        let wait = wait / turns.max(1);
        let turn = self.queue.len().min(MAX_IN_FLIGHT);
        if turn == 0 {
            return sleep(wait).await;
        }
        let share = i32::try_from(self.options.max_bytes / turn).unwrap_or(i32::MAX);
        let share = share.clamp(MIN_FETCH_BYTES, MAX_FETCH_BYTES);
        let keys = self.queue.iter().take(turn).cloned();
        let requests: Vec<_> = keys
            .filter_map(|key| {
                let request = self.cursors.get(&key)?.request(share);
                Some((key, request))
            })
            .collect();
        self.queue.rotate_left(turn);

        let partitions = Arc::clone(&self.partitions);
        let partitions = &*partitions;
        let mut answers = stream::iter(requests)
            .map(|(key, request)| async move { (key, request.send(partitions, wait).await) })
            .buffer_unordered(MAX_IN_FLIGHT);
        while let Some((key, fetched)) = answers.next().await {
            let Some(cursor) = self.cursors.get_mut(&key) else {
                continue;
            };
            if let Err(error) = cursor.advance(fetched) {
                self.stop(&key);
                self.failures.push_back(ReadFailure {
                    partition: Some(key),
                    error,
                });
            }
        }
    }

    fn stop(&mut self, key: &(TopicName, i32)) {
        self.queue.retain(|queued| queued != key);
    }

    /// Hands out records that were fetched.
    fn take(&mut self) -> Vec<Record> {
        let mut taken = Vec::new();
        for cursor in self.cursors.values_mut() {
            let room = self.options.max_records.saturating_sub(taken.len());
            let count = cursor.records.len().min(room);
            taken.extend(cursor.records.drain(..count));
        }
        taken
    }
}

impl Reader for RskafkaReader {
    fn next(&mut self, wait: Duration) -> BoxFuture<'_, Result<Vec<Record>, ReadFailure>> {
        Box::pin(async move {
            let fetched = self
                .cursors
                .values()
                .any(|cursor| !cursor.records.is_empty());
            if !fetched && self.failures.is_empty() {
                self.fetch(wait).await;
            }
            let records = self.take();
            match self.failures.pop_front_if(|_| records.is_empty()) {
                Some(failure) => Err(failure),
                None => Ok(records),
            }
        })
    }

    fn position<'a>(&'a self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, Option<i64>> {
        Box::pin(async move { self.cursors.get(partition).map(Cursor::position) })
    }

    fn pause<'a>(&'a mut self, partition: &'a (TopicName, i32)) -> BoxFuture<'a, ()> {
        Box::pin(async move {
            self.stop(partition);
            if let Some(cursor) = self.cursors.get_mut(partition) {
                cursor.rewind();
            }
        })
    }
}

/// Bounds on what one fetch of one partition asks for.
const MIN_FETCH_BYTES: i32 = 64 * 1024;
const MAX_FETCH_BYTES: i32 = 1024 * 1024;
