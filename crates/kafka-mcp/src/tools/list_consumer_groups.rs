//! Which consumer groups there are.

use kafka_tools::GroupSummary;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Tool;
use crate::{
    call::Call,
    failure::{Failure, PartialErrors},
    moment,
    page::{Page, Walk},
    text,
};

pub(super) struct ListConsumerGroups;

#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Arguments {
    /// Only ids that contain this, in any case.
    name_contains: Option<String>,
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<usize>,
    cursor: Option<String>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    groups: Vec<Row>,
    /// How many groups match, on all pages.
    total: usize,
    #[serde(flatten)]
    page: Page,
    #[serde(flatten)]
    coverage: PartialErrors,
}

#[derive(Serialize, JsonSchema)]
struct Row {
    group_id: String,
    state: String,
    protocol_type: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    group_type: Option<String>,
}

impl Tool for ListConsumerGroups {
    const NAME: &'static str = "list_consumer_groups";
    const TITLE: &'static str = "List consumer groups";
    const DESCRIPTION: &'static str = "\
Lists consumer groups with their states, to find one or to see which are empty or rebalancing. \
Sorted by id. complete is false when a broker did not answer: its groups are missing then.";

    type Arguments = Arguments;
    type Output = Output;

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Output, Failure> {
        let Arguments {
            name_contains,
            limit,
            cursor,
        } = arguments;
        let view = call.view();
        let wanted = name_contains.unwrap_or_default().to_lowercase();
        let listing = view.client().list_groups().await?;
        let mut groups = listing.groups;
        groups.retain(|group| {
            view.group_visible(&group.group_id)
                && group.group_id.as_str().to_lowercase().contains(&wanted)
        });
        let total = groups.len();

        let coverage = PartialErrors::from(listing.failures);
        let mut budget = call.budget(limit.is_some());
        budget.take(&coverage);
        let walk = Walk {
            cursors: call.cursors(Self::NAME, &[("name_contains", json!(wanted))]),
            cursor: cursor.as_deref(),
            limit,
            narrow: Some("name_contains"),
        };
        let (groups, page) = walk.page(
            &mut budget,
            groups,
            |group| group.group_id.to_string(),
            Row::from,
        )?;
        Ok(Output {
            as_of: moment::stamp(view.now()),
            groups,
            total,
            page,
            coverage,
        })
    }
}

impl From<GroupSummary> for Row {
    fn from(group: GroupSummary) -> Self {
        Self {
            group_id: text::name(group.group_id.as_str()),
            state: group.state,
            protocol_type: group.protocol_type,
            group_type: group.group_type,
        }
    }
}
