//! The tools: a table of them, and what they have in common.

mod cluster_health;
mod cluster_overview;
mod consume_messages;
mod consumer_lag;
mod describe_configs;
mod describe_consumer_group;
mod describe_topic;
mod list_brokers;
mod list_consumer_groups;
mod list_topics;
mod poll_cluster;
mod produce_message;
mod shown;
mod under_replicated_partitions;

use futures_util::future::{BoxFuture, FutureExt};
use rmcp::model::{
    self, CallToolResponse, CallToolResult, ContentBlock, InputRequiredResult, JsonObject,
    ToolAnnotations,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

pub(crate) use self::shown::{group, topic, topic_config};
use self::{
    cluster_health::ClusterHealth, cluster_overview::ClusterOverview,
    consume_messages::ConsumeMessages, consumer_lag::ConsumerLag,
    describe_configs::DescribeConfigs, describe_consumer_group::DescribeConsumerGroup,
    describe_topic::DescribeTopic, list_brokers::ListBrokers,
    list_consumer_groups::ListConsumerGroups, list_topics::ListTopics, poll_cluster::PollCluster,
    produce_message::ProduceMessage, under_replicated_partitions::UnderReplicatedPartitions,
};
use crate::{
    Access, Caller, Grant,
    app::AppTool,
    arguments,
    call::Call,
    confirmation::{Consent, Round},
    failure::{Code, Failure},
    nearest::nearest,
    schema, suggestion, text,
};

/// Which grant each tool needs, for whoever guards the way to the server.
pub fn tool_grants() -> impl Iterator<Item = (&'static str, Grant)> {
    TABLE.iter().map(|row| (row.name, row.grant))
}

/// A tool: what a model reads of it, and what it does.
trait Tool {
    const NAME: &'static str;
    const TITLE: &'static str;
    /// What it does and when to use it; then what comes back; then limits.
    const DESCRIPTION: &'static str;
    /// A tool that needs [`Grant::Write`] changes the cluster; others never do.
    const GRANT: Grant = Grant::Read;
    /// Whether it passes on what people outside the cluster wrote, or writes for them.
    const OPEN_WORLD: bool = false;
    /// What it has to do with the app, if anything.
    const APP: Option<AppTool> = None;

    type Arguments: DeserializeOwned + JsonSchema + Send;
    type Output: Serialize + JsonSchema;

    fn run(
        call: &Call<'_>,
        arguments: Self::Arguments,
    ) -> impl Future<Output = Result<Self::Output, Failure>> + Send;

    /// What somebody is asked to confirm before a tool that writes does so, with the arguments as
    /// they were `given`. Fails where [`Tool::run`] would, as far as that is known without Kafka.
    fn question(_: &Call<'_>, _: &Self::Arguments, given: &JsonObject) -> Result<String, Failure> {
        let given = text::excerpt(&json!(given).to_string());
        Ok(format!(
            "{}: call {} with {given}?",
            Self::TITLE,
            Self::NAME
        ))
    }
}

/// The arguments of a tool that takes none.
#[derive(Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NoArguments {}

/// Every tool with its definition, in the order in which they are listed.
#[derive(Debug)]
pub(crate) struct Toolbox(Vec<Entry>);

impl Toolbox {
    pub(crate) fn new() -> Self {
        Self(
            TABLE
                .iter()
                .map(|row| Entry {
                    row,
                    definition: (row.define)(),
                })
                .collect(),
        )
    }

    pub(crate) fn find(&self, name: &str) -> Option<&Entry> {
        self.0.iter().find(|entry| entry.row.name == name)
    }

    /// The definitions of the tools that `caller` may call.
    pub(crate) fn visible_to(&self, caller: &Caller, access: &Access) -> Vec<model::Tool> {
        let may_call = |grant| caller.has(grant) && !(grant == Grant::Write && access.read_only);
        let visible = self.0.iter().filter(|entry| may_call(entry.row.grant));
        visible.map(|entry| entry.definition.clone()).collect()
    }

    pub(crate) fn unknown(&self, name: &str) -> Failure {
        let known = self.0.iter().map(|entry| entry.row.name);
        Failure::new(
            Code::UnknownTool,
            format!("unknown tool {}", text::excerpt(name)),
        )
        .suggest(nearest(name, known))
        .hint("tools/list shows the tools")
    }
}

/// A tool with its definition.
#[derive(Debug)]
pub(crate) struct Entry {
    row: &'static Row,
    definition: model::Tool,
}

impl Entry {
    pub(crate) fn name(&self) -> &'static str {
        self.row.name
    }

    pub(crate) fn grant(&self) -> Grant {
        self.row.grant
    }

    /// Does the work of `call` with the arguments as they were given.
    pub(crate) async fn run(
        &self,
        call: &Call<'_>,
        given: JsonObject,
        round: Round<'_>,
    ) -> Result<CallToolResponse, Failure> {
        let schema = &self.definition.input_schema;
        let result = match (self.row.run)(call, schema, given, round).await {
            Ok(Answer::Done(result)) => result,
            Ok(Answer::Asked(question)) => return Ok((*question).into()),
            // Boxed, as it is large and rare.
            Err(failure) => return Err(suggestion::suggest(call, failure).boxed().await),
        };
        let text = result.to_string();
        call.check_size(&text)?;
        // For clients that do not know structured content, the same as text.
        let mut answer = CallToolResult::success(vec![ContentBlock::text(text)]);
        answer.structured_content = Some(result);
        Ok(answer.into())
    }
}

/// What a tool comes to.
enum Answer {
    /// Somebody is asked whether it should do its work.
    Asked(Box<InputRequiredResult>),
    Done(Value),
}

/// A [`Tool`] as a value.
#[derive(Debug)]
struct Row {
    name: &'static str,
    grant: Grant,
    define: fn() -> model::Tool,
    run: Run,
}

type Run = for<'a> fn(
    &'a Call<'_>,
    &'a JsonObject,
    JsonObject,
    Round<'a>,
) -> BoxFuture<'a, Result<Answer, Failure>>;

const fn row<T: Tool>() -> Row {
    Row {
        name: T::NAME,
        grant: T::GRANT,
        define: define::<T>,
        run: run::<T>,
    }
}

fn define<T: Tool>() -> model::Tool {
    let is_read_only = T::GRANT == Grant::Read;
    let hints = ToolAnnotations::with_title(T::TITLE)
        .read_only(is_read_only)
        // A null value deletes its key from a compacted topic.
        .destructive(!is_read_only)
        .idempotent(is_read_only)
        .open_world(T::OPEN_WORLD);
    let mut definition = model::Tool::new(
        T::NAME,
        T::DESCRIPTION,
        schema::of_arguments::<T::Arguments>(),
    )
    .with_title(T::TITLE)
    .with_raw_output_schema(schema::of_result::<T::Output>())
    .with_annotations(hints);
    definition.meta = T::APP.map(AppTool::meta);
    definition
}

fn run<'a, T: Tool>(
    call: &'a Call<'_>,
    schema: &'a JsonObject,
    given: JsonObject,
    round: Round<'a>,
) -> BoxFuture<'a, Result<Answer, Failure>> {
    async move {
        let arguments = if T::GRANT == Grant::Write {
            let arguments = arguments::parse(schema, given.clone())?;
            let question = || T::question(call, &arguments, &given);
            match round.consent(call, &given, question)? {
                Consent::Asked(question) => return Ok(Answer::Asked(question)),
                Consent::Given => arguments,
            }
        } else {
            arguments::parse(schema, given)?
        };
        answer::<T>(call, arguments).await.map(Answer::Done)
    }
    .boxed()
}

/// What a tool says.
async fn answer<T: Tool>(call: &Call<'_>, arguments: T::Arguments) -> Result<Value, Failure> {
    let output = T::run(call, arguments).await?;
    serde_json::to_value(output).map_err(|error| {
        Failure::new(
            Code::ProtocolError,
            format!("the result has no JSON form: {error}"),
        )
    })
}

const TABLE: &[Row] = &[
    row::<ProduceMessage>(),
    row::<ConsumeMessages>(),
    row::<ListBrokers>(),
    row::<DescribeTopic>(),
    row::<ListTopics>(),
    row::<ListConsumerGroups>(),
    row::<DescribeConsumerGroup>(),
    row::<DescribeConfigs>(),
    row::<ClusterOverview>(),
    row::<ClusterHealth>(),
    row::<UnderReplicatedPartitions>(),
    row::<ConsumerLag>(),
    row::<PollCluster>(),
];

#[cfg(test)]
mod tests;
