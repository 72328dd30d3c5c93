//! How far consumer groups are behind.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, stream};

use crate::{
    Client, Error, Filter, GroupDescription, GroupId, PartialFailure, TopicName,
    engine::{CommittedOffsets, OffsetAnswers},
};

impl Client {
    /// Measures the lag of consumer groups: OffsetFetch for at most 16 groups at a time, and one
    /// ListOffsets request per leader for all of them together.
    ///
    /// # Errors
    ///
    /// If no broker answers; groups and partitions that fail beside others are in the report.
    pub async fn lag(&self, query: LagQuery) -> Result<LagReport, Error> {
        let measuring = self.measure_lag(query);
        let mut report = self
            .within("measuring consumer lag", None, measuring)
            .await?;
        self.complete_parts(&mut report.failures);
        Ok(report)
    }

    async fn measure_lag(&self, query: LagQuery) -> Result<LagReport, Error> {
        let listing = self.engine.list_groups().await?;
        let mut failures = listing.failures;
        // Share and streams groups keep their positions elsewhere.
        let ids: Vec<GroupId> = listing
            .groups
            .into_iter()
            .filter(|group| {
                matches!(
                    group.group_type.as_deref(),
                    None | Some("classic" | "consumer")
                )
            })
            .map(|group| group.group_id)
            .filter(|id| query.groups.matches(id))
            .collect();
        let described = self.engine.describe_groups(&ids).await?;
        let mut groups = Vec::new();
        for (id, description) in described {
            match description {
                Ok(description) => groups.push(description),
                // It was deleted in between.
                Err(Error::UnknownGroup { .. }) => {}
                Err(error) => failures.push(PartialFailure::new(format!("group {id}"), error)),
            }
        }

        let fetched: Vec<_> = stream::iter(groups)
            .map(|group| async {
                let committed = self.engine.committed_offsets(&group.group_id).await;
                (group, committed)
            })
            .buffered(MAX_OFFSET_FETCHES)
            .collect()
            .await;

        let mut standing = Vec::new();
        let mut wanted = BTreeSet::new();
        for (group, committed) in fetched {
            match committed {
                Ok(mut committed) => {
                    committed.retain(|(topic, _), _| query.topics.matches(topic));
                    let mut partitions = group.partitions(&committed);
                    partitions.retain(|(topic, _)| query.topics.matches(topic));
                    wanted.extend(partitions.iter().cloned());
                    standing.push((group, committed, partitions));
                }
                Err(error) => {
                    let subject = format!("group {}", group.group_id);
                    failures.push(PartialFailure::new(subject, error));
                }
            }
        }
        let mut ends = BTreeMap::new();
        for ((topic, partition), end) in self.end_offsets(wanted.into_iter()).await? {
            match end {
                Ok(end) => {
                    ends.insert((topic, partition), Ok(end));
                }
                Err(error) => {
                    failures.push(PartialFailure::new(format!("{topic}-{partition}"), error));
                }
            }
        }

        let mut report = LagReport {
            threshold: query.threshold,
            groups: Vec::new(),
            high_lag: Vec::new(),
            failures,
        };
        for (group, committed, partitions) in standing {
            report.add(&group, committed, &partitions, &ends);
        }
        report.groups.sort_by(|a, b| {
            b.total_lag
                .cmp(&a.total_lag)
                .then_with(|| a.group_id.cmp(&b.group_id))
        });
        report.high_lag.sort_by(|a, b| {
            let name =
                |lag: &PartitionLag| (lag.group_id.clone(), lag.topic.clone(), lag.partition);
            b.lag.cmp(&a.lag).then_with(|| name(a).cmp(&name(b)))
        });
        Ok(report)
    }
}

impl LagReport {
    fn add(
        &mut self,
        group: &GroupDescription,
        mut committed: CommittedOffsets,
        partitions: &BTreeSet<(TopicName, i32)>,
        ends: &OffsetAnswers,
    ) {
        let group_id = &group.group_id;
        let mut total_lag = None;
        let mut uncommitted_partitions = 0;
        let listed = self.high_lag.len();
        for key in partitions {
            let (topic, partition) = key;
            let current_offset = match committed.remove(key) {
                Some(Ok((Some(offset), _))) => offset,
                Some(Ok((None, _))) | None => {
                    uncommitted_partitions += 1;
                    continue;
                }
                Some(Err(error)) => {
                    let subject = format!("group {group_id} on {topic}-{partition}");
                    self.failures.push(PartialFailure::new(subject, error));
                    continue;
                }
            };
            let Some(Ok(Some(log_end_offset))) = ends.get(key) else {
                continue;
            };
            let lag = (log_end_offset - current_offset).max(0);
            total_lag = Some(total_lag.unwrap_or(0) + lag);
            if lag > self.threshold {
                self.high_lag.push(PartitionLag {
                    group_id: group_id.clone(),
                    topic: topic.clone(),
                    partition: *partition,
                    current_offset,
                    log_end_offset: *log_end_offset,
                    lag,
                });
            }
        }
        let topics: BTreeSet<_> = partitions.iter().map(|(topic, _)| topic.clone()).collect();
        self.groups.push(GroupLag {
            group_id: group_id.clone(),
            state: group.state.clone(),
            member_count: group.members.len(),
            topics: topics.into_iter().collect(),
            total_lag,
            has_high_lag: self.high_lag.len() > listed,
            uncommitted_partitions,
        });
    }
}

/// How many groups are asked for their offsets at a time.
const MAX_OFFSET_FETCHES: usize = 16;

/// Which groups to look at, and from which lag on they are worth a line.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct LagQuery {
    /// A partition is listed when its lag is strictly above this. Default: 1,000.
    pub threshold: i64,
    /// The groups that are covered.
    pub groups: Filter<GroupId>,
    /// The topics whose partitions are covered.
    pub topics: Filter<TopicName>,
}

impl LagQuery {
    /// Covers all groups and topics.
    #[must_use]
    pub fn new(threshold: i64) -> Self {
        Self {
            threshold,
            groups: Filter::default(),
            topics: Filter::default(),
        }
    }
}

impl Default for LagQuery {
    fn default() -> Self {
        Self::new(1_000)
    }
}

/// The lag of consumer groups.
#[derive(Debug)]
#[non_exhaustive]
pub struct LagReport {
    /// The threshold that was applied.
    pub threshold: i64,
    /// The groups, the largest total lag first.
    pub groups: Vec<GroupLag>,
    /// The partitions above the threshold, the largest lag first.
    pub high_lag: Vec<PartitionLag>,
    /// What could not be measured.
    pub failures: Vec<PartialFailure>,
}

/// The lag of one group.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct GroupLag {
    /// The group.
    pub group_id: GroupId,
    /// Its state in Kafka's words.
    pub state: String,
    /// How many members it has.
    pub member_count: usize,
    /// The topics it has committed offsets for or members assigned to, sorted.
    pub topics: Vec<TopicName>,
    /// The sum over all partitions with a committed offset; `None` if there is none.
    pub total_lag: Option<i64>,
    /// Whether one of its partitions is above the threshold.
    pub has_high_lag: bool,
    /// How many assigned partitions have no committed offset: their lag is unknown.
    pub uncommitted_partitions: usize,
}

/// A partition whose lag is above the threshold.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PartitionLag {
    /// The group.
    pub group_id: GroupId,
    /// The topic.
    pub topic: TopicName,
    /// The partition.
    pub partition: i32,
    /// The committed offset.
    pub current_offset: i64,
    /// The end of the log (high watermark).
    pub log_end_offset: i64,
    /// The difference.
    pub lag: i64,
}
