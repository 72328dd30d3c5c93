//! The reports as prompts: one Markdown message with the numbers, likely causes and next steps.

mod cluster_overview;
mod consumer_lag_report;
mod health_check;
mod markdown;
mod sections;
mod under_replicated_partitions;

use rmcp::model::{GetPromptResult, JsonObject, Prompt, PromptArgument, PromptMessage, Role};
use serde_json::Value;

use crate::{
    failure::{Code, Failure},
    nearest::nearest,
    report::{Health, Lag, LagScope, Overview, Replication, Threshold},
    text,
    view::View,
};

/// The prompts.
pub(crate) fn list() -> Vec<Prompt> {
    PROMPTS.iter().map(Entry::prompt).collect()
}

/// Measures the cluster and renders what the prompt `name` says about it.
pub(crate) async fn render(
    view: View<'_>,
    name: &str,
    arguments: &JsonObject,
) -> Result<GetPromptResult, Failure> {
    let entry = find(name)?;
    entry.check(arguments)?;
    let markdown = match entry.report {
        Report::ClusterOverview => cluster_overview::markdown(&Overview::measure(view).await?),
        Report::ConsumerLag => {
            let scope = LagScope {
                threshold: threshold(arguments)?,
                ..LagScope::default()
            };
            consumer_lag_report::markdown(&Lag::measure(view, &scope).await?)
        }
        Report::HealthCheck => health_check::markdown(&Health::measure(view).await?),
        Report::UnderReplicatedPartitions => {
            under_replicated_partitions::markdown(&Replication::measure(view).await?)
        }
    };
    Ok(
        GetPromptResult::new(vec![PromptMessage::new_text(Role::User, markdown)])
            .with_description(entry.title),
    )
}

/// The prompt that is called `name`.
pub(crate) fn find_name(name: &str) -> Result<&'static str, Failure> {
    find(name).map(|entry| entry.name)
}

/// The name under which a call for the prompt `name` is counted.
pub(crate) fn metric_name(name: &str) -> &'static str {
    find(name).map_or("unknown", |entry| entry.name)
}

/// A prompt as it is listed.
#[derive(Debug)]
struct Entry {
    report: Report,
    name: &'static str,
    title: &'static str,
    description: &'static str,
    arguments: &'static [Argument],
}

#[derive(Debug)]
struct Argument {
    name: &'static str,
    description: &'static str,
}

/// What a prompt reports on.
#[derive(Clone, Copy, Debug)]
enum Report {
    ClusterOverview,
    ConsumerLag,
    HealthCheck,
    UnderReplicatedPartitions,
}

impl Entry {
    fn prompt(&self) -> Prompt {
        let arguments: Vec<_> = self
            .arguments
            .iter()
            .map(Argument::prompt_argument)
            .collect();
        let arguments = (!arguments.is_empty()).then_some(arguments);
        Prompt::new(self.name, Some(self.description), arguments).with_title(self.title)
    }

    /// Refuses arguments that the prompt does not have.
    fn check(&self, arguments: &JsonObject) -> Result<(), Failure> {
        let known: Vec<_> = self
            .arguments
            .iter()
            .map(|argument| argument.name)
            .collect();
        let Some(unknown) = arguments
            .keys()
            .find(|name| !known.contains(&name.as_str()))
        else {
            return Ok(());
        };
        let allowed = match known.as_slice() {
            [] => "this prompt takes none".to_owned(),
            known => format!("known are {}", known.join(", ")),
        };
        let message = format!("unknown argument {}: {allowed}", text::excerpt(unknown));
        Err(Failure::new(Code::UnknownArgument, message).suggest(nearest(unknown, known)))
    }
}

impl Argument {
    fn prompt_argument(&self) -> PromptArgument {
        PromptArgument::new(self.name)
            .with_description(self.description)
            .with_required(false)
    }
}

fn find(name: &str) -> Result<&'static Entry, Failure> {
    PROMPTS
        .iter()
        .find(|entry| entry.name == name)
        .ok_or_else(|| {
            let known = || PROMPTS.iter().map(|entry| entry.name);
            let message = format!("there is no prompt {}", text::excerpt(name));
            Failure::new(Code::UnknownPrompt, message)
                .hint(format!(
                    "the prompts are {}",
                    known().collect::<Vec<_>>().join(", ")
                ))
                .suggest(nearest(name, known()))
        })
}

/// Arguments of prompts are strings; some clients send the number that was meant.
fn threshold(arguments: &JsonObject) -> Result<Threshold, Failure> {
    match arguments.get(THRESHOLD) {
        None | Some(Value::Null) => Ok(Threshold::default()),
        Some(Value::String(text)) => Threshold::parse(text),
        Some(other) => Threshold::parse(&other.to_string()),
    }
}

static PROMPTS: [Entry; 4] = [
    Entry {
        report: Report::ClusterOverview,
        name: "kafka_cluster_overview",
        title: "Kafka cluster overview",
        description: "The cluster in numbers, live: brokers, controller, topics, partitions, and \
                      what is wrong with them.",
        arguments: &[],
    },
    Entry {
        report: Report::HealthCheck,
        name: "kafka_health_check",
        title: "Kafka health check",
        description: "The health of brokers, controller, partitions and consumer groups, live, \
                      with likely causes and next steps.",
        arguments: &[],
    },
    Entry {
        report: Report::UnderReplicatedPartitions,
        name: "kafka_under_replicated_partitions",
        title: "Under-replicated partitions",
        description: "The partitions with too few replicas in sync, live, with the brokers that \
                      are behind and next steps.",
        arguments: &[],
    },
    Entry {
        report: Report::ConsumerLag,
        name: "kafka_consumer_lag_report",
        title: "Consumer lag",
        description: "Consumer groups and how far they are behind, live, with likely causes and \
                      next steps.",
        arguments: &[Argument {
            name: THRESHOLD,
            description: "Partitions are listed when their lag is above this many records. \
                          Default: 1000.",
        }],
    },
];

const THRESHOLD: &str = "threshold";

#[cfg(test)]
mod tests;
