//! Which partitions are read, and from where.

use std::collections::{BTreeMap, BTreeSet};

use futures_util::{StreamExt, TryStreamExt, future::try_join3, stream};

use super::{ConsumeRequest, PartitionProgress, Position};
use crate::{
    Error, PartialFailure, TopicDescription, TopicName,
    engine::{Engine, OffsetAnswers, OffsetQuery},
};

/// Which partitions are read, from where, and how far.
pub(super) struct Plan {
    /// The progress of each partition; `next_offset` is where the read begins.
    pub(super) partitions: BTreeMap<(TopicName, i32), PartitionProgress>,
    /// Partitions that cannot be read.
    pub(super) failures: Vec<PartialFailure>,
}

impl Plan {
    pub(super) async fn make(engine: &dyn Engine, request: &ConsumeRequest) -> Result<Self, Error> {
        let (targets, leaderless) = targets(engine, request).await?;
        let queries = |query: OffsetQuery| -> BTreeMap<_, _> {
            targets
                .iter()
                .map(|target| (target.clone(), query))
                .collect()
        };
        let times = match request.position {
            Position::Timestamp(millis) => queries(OffsetQuery::Timestamp(millis)),
            _ => BTreeMap::new(),
        };
        let (starts, ends) = (queries(OffsetQuery::Start), queries(OffsetQuery::End));
        let (mut starts, mut ends, mut times) = try_join3(
            engine.list_offsets(&starts, request.isolation),
            engine.list_offsets(&ends, request.isolation),
            async {
                if times.is_empty() {
                    return Ok(OffsetAnswers::new());
                }
                engine.list_offsets(&times, request.isolation).await
            },
        )
        .await?;

        let mut plan = Self {
            partitions: BTreeMap::new(),
            failures: Vec::new(),
        };
        let mut last_error = None;
        for (topic, partition) in leaderless {
            let error = Error::leader_not_available("reading records");
            if let Some(previous) = last_error.replace((format!("{topic}-{partition}"), error)) {
                plan.fail(previous);
            }
        }
        for target in targets {
            let log = take(&mut starts, &target)
                .and_then(|start| Ok((start.unwrap_or(0), take(&mut ends, &target)?.unwrap_or(0))));
            let placed = log.and_then(|(start, end)| {
                let time = times.remove(&target).transpose()?.flatten();
                plan.place(&target, (start, end.max(start)), &request.position, time)
            });
            if let Err(error) = placed {
                let subject = format!("{}-{}", target.0, target.1);
                if let Some(previous) = last_error.replace((subject, error)) {
                    plan.fail(previous);
                }
            }
        }
        // The failure of everything is a failure, not an empty answer.
        match last_error {
            Some((_, error)) if plan.partitions.is_empty() => return Err(error),
            Some(last) => plan.fail(last),
            None => {}
        }
        Ok(plan)
    }

    fn fail(&mut self, (subject, error): (String, Error)) {
        self.failures.push(PartialFailure::new(subject, error));
    }

    /// Decides where the read of one partition begins.
    fn place(
        &mut self,
        target: &(TopicName, i32),
        (start, end): (i64, i64),
        position: &Position,
        time: Option<i64>,
    ) -> Result<(), Error> {
        let (topic, partition) = target;
        let out_of_range = |offset| Error::OffsetOutOfRange {
            topic: topic.to_string(),
            partition: *partition,
            offset,
            start,
            end,
        };
        let first_offset = match position {
            Position::Earliest => start,
            Position::Latest | Position::Recent => end,
            Position::Offset(offset) if (start..=end).contains(offset) => *offset,
            Position::Offset(offset) => return Err(out_of_range(*offset)),
            Position::Offsets(offsets) => match offsets.get(target).copied() {
                // Retention removed what lies between: say so, and go on with what is left.
                Some(offset) if offset < start => {
                    self.fail((format!("{topic}-{partition}"), out_of_range(offset)));
                    start
                }
                Some(offset) if offset > end => return Err(out_of_range(offset)),
                Some(offset) => offset,
                None => end,
            },
            Position::Timestamp(_) => time.map_or(end, |offset| offset.clamp(start, end)),
        };
        let progress = PartitionProgress {
            topic: topic.clone(),
            partition: *partition,
            log_start_offset: start,
            end_offset: end,
            first_offset,
            next_offset: first_offset,
        };
        self.partitions.insert(target.clone(), progress);
        Ok(())
    }
}

/// The partitions to read, and those among them that have no leader; all of them exist.
async fn targets(
    engine: &dyn Engine,
    request: &ConsumeRequest,
) -> Result<(BTreeSet<(TopicName, i32)>, BTreeSet<(TopicName, i32)>), Error> {
    if request.topics.is_empty() {
        return Err(Error::invalid("topics", "", "at least one topic is needed"));
    }
    if request.max_messages == 0 {
        return Err(Error::invalid(
            "max_messages",
            0,
            "at least one message has to be asked for",
        ));
    }
    let topics: BTreeSet<TopicName> = request.topics.iter().cloned().collect();
    // Owned names: with borrowed ones the compiler cannot prove the future to be Send.
    let described: Vec<TopicDescription> = stream::iter(topics)
        .map(|topic| async move { engine.describe_topic(&topic).await })
        .buffered(MAX_DESCRIPTIONS)
        .try_collect()
        .await?;
    let (mut targets, mut leaderless) = (BTreeSet::new(), BTreeSet::new());
    for topic in described {
        // A broker that refuses a fetch does so in a way that the engine takes for a pause.
        if topic.may_read == Some(false) {
            return Err(Error::may_not_read(&topic.name));
        }
        let asked: Vec<i32> = match &request.position {
            Position::Offsets(offsets) => offsets
                .keys()
                .filter(|(name, _)| *name == topic.name)
                .map(|(_, partition)| *partition)
                .collect(),
            _ if request.partitions.is_empty() => topic.partitions.iter().map(|p| p.id).collect(),
            _ => request.partitions.clone(),
        };
        for partition in asked {
            let known = topic.partitions.iter().find(|known| known.id == partition);
            let known = known.ok_or_else(|| Error::UnknownPartition {
                topic: topic.name.to_string(),
                partition,
                count: topic.partitions.len(),
            })?;
            let set = if known.is_offline() {
                &mut leaderless
            } else {
                &mut targets
            };
            set.insert((topic.name.clone(), partition));
        }
    }
    if targets.is_empty() && leaderless.is_empty() {
        return Err(Error::invalid(
            "partitions",
            "",
            "no partition is left to read",
        ));
    }
    Ok((targets, leaderless))
}

fn take(answers: &mut OffsetAnswers, target: &(TopicName, i32)) -> Result<Option<i64>, Error> {
    answers.remove(target).unwrap_or_else(|| {
        let reason = format!("no offset was reported for {}-{}", target.0, target.1);
        Err(Error::Protocol { reason })
    })
}

/// How many topics are described at a time.
const MAX_DESCRIPTIONS: usize = 16;
