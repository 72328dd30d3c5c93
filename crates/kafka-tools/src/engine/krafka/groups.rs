//! Consumer groups.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicBool, Ordering},
};

use krafka::admin::{
    ConsumerGroupDescription, ConsumerGroupMember, DescribeConsumerGroupsOptions,
    ListConsumerGroupOffsetsOptions, ListConsumerGroupsOptions, ListTopicsOptions,
};

use super::{
    connection::Connection,
    fault::{Context, translate},
};
use crate::{
    Error, GroupAssignment, GroupDescription, GroupId, GroupListing, GroupMember, GroupSummary,
    PartialFailure, TopicName,
    engine::{CommittedOffsets, GroupDescriptions},
};

pub(super) async fn list(connection: &Connection) -> Result<GroupListing, Error> {
    let context = Context::new("listing consumer groups");
    let session = connection.open().await?;
    let asked = AtomicBool::new(false);
    let listed = session.hedge.first_answer(|| {
        let again = asked.swap(true, Ordering::Relaxed);
        let session = &session;
        async move {
            if again {
                // All brokers are asked that krafka knows of, and one that has just gone until the
                // deadline. So it has to learn who is there.
                let options = ListTopicsOptions::default().timeout(session.timeout);
                session.admin.list_topics(options).await?;
            }
            let options = ListConsumerGroupsOptions::default().timeout(session.timeout);
            session.admin.list_consumer_groups(options).await
        }
    });
    let listed = listed.await.map_err(|error| translate(error, &context))?;

    let answered = listed.values().any(Result::is_ok);
    let mut groups = BTreeMap::new();
    let mut failures = Vec::new();
    for (broker, listing) in listed {
        match listing {
            Ok(listing) => groups.extend(listing.into_iter().map(|group| {
                let summary = GroupSummary {
                    group_id: GroupId::from_broker(group.group_id),
                    state: group.state.unwrap_or_else(|| "Unknown".to_owned()),
                    protocol_type: group.protocol_type,
                    group_type: group.group_type.map(|kind| kind.to_string()),
                };
                (summary.group_id.clone(), summary)
            })),
            Err(error) => {
                let error = translate(error, &context);
                if !answered {
                    return Err(error);
                }
                failures.push(PartialFailure::new(format!("broker {broker}"), error));
            }
        }
    }
    failures.sort_by(|a, b| a.subject.cmp(&b.subject));
    Ok(GroupListing {
        groups: groups.into_values().collect(),
        failures,
    })
}

pub(super) async fn describe(
    connection: &Connection,
    groups: &[GroupId],
) -> Result<GroupDescriptions, Error> {
    let session = connection.open().await?;
    let options = DescribeConsumerGroupsOptions::default().timeout(session.timeout);
    let ids = groups.iter().map(GroupId::as_str);
    let described = session.admin.describe_consumer_groups(ids, options).await;
    let described =
        described.map_err(|error| translate(error, &Context::new("describing consumer groups")))?;
    Ok(described
        .into_iter()
        .map(|(id, result)| {
            let id = GroupId::from_broker(id);
            let context = Context::new("describing the consumer group").group(&id);
            let result = result
                .map_err(|error| translate(error, &context))
                .and_then(|group| {
                    // Before 4.0 a classic group that does not exist is described as dead.
                    if group.state == "Dead" && group.members.is_empty() {
                        return Err(Error::UnknownGroup {
                            group_id: id.to_string(),
                        });
                    }
                    Ok(description(&id, group))
                });
            (id, result)
        })
        .collect())
}

pub(super) async fn committed_offsets(
    connection: &Connection,
    group: &GroupId,
) -> Result<CommittedOffsets, Error> {
    let context = Context::new("reading committed offsets").group(group);
    let session = connection.open().await?;
    let options = ListConsumerGroupOffsetsOptions::default().timeout(session.timeout);
    let listed = session
        .admin
        .list_consumer_group_offsets(group.as_str(), options)
        .await;
    let listed = listed.map_err(|error| translate(error, &context))?;
    Ok(listed
        .into_iter()
        .map(|(partition, offset)| {
            let topic = TopicName::from_broker(partition.topic());
            let context =
                Context::new("reading committed offsets").partition(&topic, partition.partition());
            let offset = offset
                .map(|offset| {
                    (
                        offset.offset,
                        offset.metadata.filter(|text| !text.is_empty()),
                    )
                })
                .map_err(|error| translate(error, &context));
            ((topic, partition.partition()), offset)
        })
        .collect())
}

fn description(id: &GroupId, group: ConsumerGroupDescription) -> GroupDescription {
    let mut members: Vec<GroupMember> = group.members.into_iter().map(member).collect();
    members.sort_by(|a, b| a.member_id.cmp(&b.member_id));
    GroupDescription {
        group_id: id.clone(),
        state: group.state,
        // A KIP-848 group is a consumer group by definition and reports no protocol type.
        protocol_type: group.protocol_type.unwrap_or_else(|| "consumer".to_owned()),
        protocol: group.assignor.unwrap_or_default(),
        group_type: group.group_type.to_string(),
        members,
        offsets: None,
    }
}

fn member(member: ConsumerGroupMember) -> GroupMember {
    let assignments = member.assignment.map(|assignment| {
        let mut topics: Vec<_> = assignment
            .into_iter()
            .map(|topic| {
                let mut partitions = topic.partitions;
                partitions.sort_unstable();
                GroupAssignment {
                    topic: TopicName::from_broker(topic.topic_name),
                    partitions,
                }
            })
            .collect();
        topics.sort_by(|a, b| a.topic.cmp(&b.topic));
        topics
    });
    GroupMember {
        member_id: member.member_id,
        instance_id: member.instance_id,
        client_id: member.client_id,
        // Java prints an InetAddress, which begins with a slash.
        client_host: member.client_host.trim_start_matches('/').to_owned(),
        assignments,
    }
}
