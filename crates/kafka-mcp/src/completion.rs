//! `completion/complete`: what can stand for a variable of a template, or an argument of a prompt.

mod ceiling;
mod known;
mod matches;
mod variable;

use kafka_tools::{ConfigQuery, ConfigResource, Error, GroupId, TopicName};
use rmcp::model::{CompleteRequestParams, CompleteResult};

pub(crate) use self::variable::metric_name;
use self::{
    ceiling::Ceiling,
    known::{Known, KnownBy},
    matches::matches,
    variable::{TOPIC_NAME, Variable},
};
use crate::{call::Call, failure::Failure};

/// Completes what people type.
///
/// They type faster than brokers have to be asked: what the cluster said is known for a moment, to
/// all who may see it.
#[derive(Debug, Default)]
pub(crate) struct Completions {
    ceiling: Ceiling,
    /// With whether each is internal.
    topics: Known<Vec<(TopicName, bool)>>,
    groups: Known<Vec<GroupId>>,
    config_keys: KnownBy<TopicName, Vec<String>>,
}

impl Completions {
    /// The values that fit what was typed, and that who calls may see.
    pub(crate) async fn complete(
        &self,
        call: &Call<'_>,
        request: &CompleteRequestParams,
    ) -> Result<CompleteResult, Failure> {
        self.ceiling.count(&call.caller().identity())?;
        let variable = Variable::of(&request.r#ref, &request.argument.name)?;
        let (view, typed) = (call.view(), &*request.argument.value);
        let completion = match variable {
            Variable::ConfigKey => {
                let context = request.context.as_ref();
                let topic = context.and_then(|context| context.get_argument(TOPIC_NAME));
                // Which keys there are depends on the topic. Of one that is not there, or not to
                // be seen, there are none.
                match topic.and_then(|name| view.topic(TOPIC_NAME, name).ok()) {
                    Some(topic) => {
                        call.about(&topic);
                        let ask = config_keys(call, topic.clone());
                        let keys = self.config_keys.get(topic, ask).await?;
                        matches(keys.iter().map(String::as_str), typed)
                    }
                    None => matches([], typed),
                }
            }
            Variable::GroupId => {
                let groups = self.groups.get(groups(call)).await?;
                let visible = groups.iter().filter(|id| view.group_visible(id));
                matches(visible.map(GroupId::as_str), typed)
            }
            Variable::Threshold => matches(THRESHOLDS, typed),
            Variable::TopicName => {
                let topics = self.topics.get(topics(call)).await?;
                let visible = topics
                    .iter()
                    .filter(|(name, is_internal)| view.topic_visible(name, *is_internal));
                matches(visible.map(|(name, _)| name.as_str()), typed)
            }
        };
        Ok(CompleteResult::new(completion))
    }
}

async fn topics(call: &Call<'_>) -> Result<Vec<(TopicName, bool)>, Failure> {
    let topics = call.view().client().list_topics().await?.topics;
    let topics = topics
        .into_iter()
        .map(|topic| (topic.name, topic.is_internal));
    Ok(topics.collect())
}

/// The groups of the brokers that answer: some names are better than none.
async fn groups(call: &Call<'_>) -> Result<Vec<GroupId>, Failure> {
    let groups = call.view().client().list_groups().await?.groups;
    Ok(groups.into_iter().map(|group| group.group_id).collect())
}

async fn config_keys(call: &Call<'_>, topic: TopicName) -> Result<Vec<String>, Failure> {
    let query = ConfigQuery::new(ConfigResource::Topic(topic));
    match call.view().client().describe_configs(query).await {
        Ok(entries) => Ok(entries.into_iter().map(|entry| entry.name).collect()),
        Err(Error::UnknownTopic { .. }) => Ok(Vec::new()),
        Err(error) => Err(error.into()),
    }
}

/// Any number is allowed; these are where people begin.
const THRESHOLDS: [&str; 5] = ["0", "100", "1000", "10000", "100000"];
