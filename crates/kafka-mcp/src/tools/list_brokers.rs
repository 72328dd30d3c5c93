//! The brokers, as configured and as they are.

use schemars::JsonSchema;
use serde::Serialize;

use super::{NoArguments, Tool};
use crate::{
    call::Call,
    failure::{Failure, PartialErrors},
    moment,
    report::BrokerRow,
};

pub(super) struct ListBrokers;

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    /// The addresses that the server was configured with.
    brokers: Vec<String>,
    /// The brokers that are alive; null if none answered.
    live: Option<Vec<BrokerRow>>,
    #[serde(flatten)]
    coverage: PartialErrors,
}

impl Tool for ListBrokers {
    const NAME: &'static str = "list_brokers";
    const TITLE: &'static str = "List brokers";
    const DESCRIPTION: &'static str = "\
Lists the brokers: the configured bootstrap addresses, and in live the members of the cluster \
with their ids. Answers when Kafka is down too; live is null then.";

    type Arguments = NoArguments;
    type Output = Output;

    async fn run(call: &Call<'_>, NoArguments {}: NoArguments) -> Result<Output, Failure> {
        let view = call.view();
        let configured = view
            .client()
            .config()
            .brokers
            .iter()
            .map(ToString::to_string)
            .collect();
        let (live, coverage) = match view.client().brokers().await {
            Ok(brokers) => (
                Some(brokers.into_iter().map(BrokerRow::from).collect()),
                PartialErrors::default(),
            ),
            Err(error) => (None, PartialErrors::one("live", error)),
        };
        Ok(Output {
            as_of: moment::stamp(view.now()),
            brokers: configured,
            live,
            coverage,
        })
    }
}
