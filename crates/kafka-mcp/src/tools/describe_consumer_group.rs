//! One consumer group: members, assignments, offsets.

use kafka_tools::{CommittedOffset, GroupAssignment, GroupDescription, GroupMember};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Tool;
use crate::{
    app::{AppTool, AppView},
    call::Call,
    failure::Failure,
    moment,
    page::{Budget, Page, Walk},
    text,
    view::View,
};

pub(super) struct DescribeConsumerGroup;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    group_id: String,
    #[serde(default)]
    include_offsets: bool,
    /// Continues the offsets.
    cursor: Option<String>,
}

impl Arguments {
    /// With the offsets, from the first on.
    pub(super) fn whole(group_id: String) -> Self {
        Self {
            group_id,
            include_offsets: true,
            cursor: None,
        }
    }
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    group_id: String,
    state: String,
    protocol_type: String,
    protocol: String,
    group_type: String,
    member_count: usize,
    members: Vec<MemberRow>,
    #[serde(skip_serializing_if = "Option::is_none")]
    offsets: Option<Vec<OffsetRow>>,
    #[serde(flatten)]
    page: Page,
}

#[derive(Serialize, JsonSchema)]
struct MemberRow {
    member_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    instance_id: Option<String>,
    client_id: String,
    client_host: String,
    /// Null where the protocol is not a consumer's.
    assignments: Option<Vec<AssignmentRow>>,
}

#[derive(Serialize, JsonSchema)]
struct AssignmentRow {
    topic: String,
    partitions: Vec<i32>,
}

#[derive(Serialize, JsonSchema)]
struct OffsetRow {
    topic: String,
    partition: i32,
    /// Null if nothing was committed.
    commit_offset: Option<i64>,
    end_offset: Option<i64>,
    /// Null is unknown, not zero.
    lag: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    metadata: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<String>,
}

impl Tool for DescribeConsumerGroup {
    const NAME: &'static str = "describe_consumer_group";
    const TITLE: &'static str = "Describe consumer group";
    const DESCRIPTION: &'static str = "\
Shows one consumer group: its state, its members with what they are assigned, and with \
include_offsets the committed offset and lag of each partition. A lag of null is unknown: nothing \
was committed.";
    const APP: Option<AppTool> = Some(AppTool::Shown(AppView::Lag));

    type Arguments = Arguments;
    type Output = Output;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Output, Failure> {
        let Arguments {
            group_id,
            include_offsets,
            cursor,
        } = arguments;
        // A cursor is one of the offsets.
        let include_offsets = include_offsets || cursor.is_some();
        let view = call.view();
        let group_id = view.group("group_id", &group_id)?;
        let group = view
            .client()
            .describe_group(&group_id, include_offsets)
            .await?;
        let GroupDescription {
            state,
            protocol_type,
            protocol,
            group_type,
            ..
        } = group;
        let member_count = group.members.len();

        let mut budget = call.budget(false);
        let mut members_budget = if include_offsets {
            budget.half()
        } else {
            budget
        };
        let (members, members_omitted) = members_budget.rows(
            group
                .members
                .into_iter()
                .map(|member| MemberRow::new(view, member)),
        );
        budget.take(&members);
        let (offsets, mut page) = match group.offsets {
            Some(offsets) => {
                let walk = Walk {
                    cursors: call.cursors(Self::NAME, &[("group_id", json!(group_id.as_str()))]),
                    cursor: cursor.as_deref(),
                    limit: None,
                    narrow: Some("consumer_lag for one topic"),
                };
                let (rows, page) = offset_rows(view, walk, &mut budget, offsets)?;
                (Some(rows), page)
            }
            None => (None, Page::default()),
        };
        if members_omitted > 0 {
            page.truncated = true;
            page.omitted += members_omitted;
            let hint = format!("{members_omitted} members are left out for size");
            page.hint = Some(
                page.hint
                    .map_or(hint.clone(), |more| format!("{hint}; {more}")),
            );
        }
        Ok(Output {
            as_of: moment::stamp(view.now()),
            group_id: text::name(group_id.as_str()),
            state,
            protocol_type,
            protocol,
            group_type,
            member_count,
            members,
            offsets,
            page,
        })
    }
}

fn offset_rows(
    view: View<'_>,
    walk: Walk<'_>,
    budget: &mut Budget,
    mut offsets: Vec<CommittedOffset>,
) -> Result<(Vec<OffsetRow>, Page), Failure> {
    let key = |offset: &CommittedOffset| format!("{}\0{:010}", offset.topic, offset.partition);
    offsets.retain(|offset| view.topic_visible(&offset.topic, false));
    offsets.sort_by_cached_key(key);
    walk.page(budget, offsets, key, OffsetRow::from)
}

impl MemberRow {
    fn new(view: View<'_>, member: GroupMember) -> Self {
        let assignments = member.assignments.map(|assignments| {
            let is_visible = |a: &GroupAssignment| view.topic_visible(&a.topic, false);
            assignments
                .into_iter()
                .filter(is_visible)
                .map(AssignmentRow::from)
                .collect()
        });
        Self {
            member_id: text::name(&member.member_id),
            instance_id: member.instance_id.as_deref().map(text::name),
            client_id: text::name(&member.client_id),
            client_host: text::name(&member.client_host),
            assignments,
        }
    }
}

impl From<GroupAssignment> for AssignmentRow {
    fn from(assignment: GroupAssignment) -> Self {
        Self {
            topic: assignment.topic.to_string(),
            partitions: assignment.partitions,
        }
    }
}

impl From<CommittedOffset> for OffsetRow {
    fn from(committed: CommittedOffset) -> Self {
        let metadata = committed.metadata.filter(|metadata| !metadata.is_empty());
        Self {
            topic: committed.topic.to_string(),
            partition: committed.partition,
            commit_offset: committed.offset,
            end_offset: committed.end_offset,
            lag: committed.lag,
            metadata: metadata.map(|metadata| text::excerpt(&metadata)),
            error: committed
                .error
                .map(|error| Failure::from(error).message().to_owned()),
        }
    }
}
