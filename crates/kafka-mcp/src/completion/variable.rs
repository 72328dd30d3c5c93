//! What can be completed.

use rmcp::model::Reference;

use crate::{
    failure::{Code, Failure},
    nearest::nearest,
    prompts,
    resources::{self, GROUP_TEMPLATE, LAG_TEMPLATE, TOPIC_CONFIG_TEMPLATE, TOPIC_TEMPLATE},
    text,
};

/// What a variable of a template, or an argument of a prompt, stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Variable {
    ConfigKey,
    GroupId,
    Threshold,
    TopicName,
}

impl Variable {
    /// What `argument` of `reference` stands for.
    pub(super) fn of(reference: &Reference, argument: &str) -> Result<Self, Failure> {
        let name = named(reference)?;
        let mut arguments = of(name);
        let found = arguments.find(|(known, _)| *known == argument);
        found
            .map(|(_, variable)| variable)
            .ok_or_else(|| unknown(name, argument))
    }
}

/// The name under which a completion for `reference` is counted.
pub(crate) fn metric_name(reference: &Reference) -> &'static str {
    named(reference).unwrap_or("unknown")
}

fn named(reference: &Reference) -> Result<&'static str, Failure> {
    match reference {
        Reference::Prompt(prompt) => prompts::find_name(&prompt.name),
        Reference::Resource(template) => resources::find_template(&template.uri),
        // There is no such kind yet.
        other => resources::find_template(other.reference_type()),
    }
}

fn of(name: &str) -> impl Iterator<Item = (&'static str, Variable)> {
    let rows = TABLE.iter().filter(move |(of, ..)| *of == name);
    rows.map(|(_, argument, variable)| (*argument, *variable))
}

fn unknown(name: &str, argument: &str) -> Failure {
    let known: Vec<_> = of(name).map(|(known, _)| known).collect();
    let allowed = match known.as_slice() {
        [] => format!("{name} takes none"),
        known => format!("those of {name} are {}", known.join(", ")),
    };
    let argument_shown = text::excerpt(argument);
    Failure::new(
        Code::UnknownArgument,
        format!("unknown argument {argument_shown}: {allowed}"),
    )
    .suggest(nearest(argument, known))
}

/// The topic that a setting is one of, among what is known already.
pub(super) const TOPIC_NAME: &str = "name";

const TABLE: [(&str, &str, Variable); 6] = [
    (LAG_TEMPLATE, "threshold", Variable::Threshold),
    (TOPIC_TEMPLATE, TOPIC_NAME, Variable::TopicName),
    (GROUP_TEMPLATE, "id", Variable::GroupId),
    (TOPIC_CONFIG_TEMPLATE, TOPIC_NAME, Variable::TopicName),
    (TOPIC_CONFIG_TEMPLATE, "key", Variable::ConfigKey),
    (
        "kafka_consumer_lag_report",
        "threshold",
        Variable::Threshold,
    ),
];

#[cfg(test)]
mod tests {
    use rmcp::{ErrorData, model::ErrorCode};

    use super::*;

    #[track_caller]
    fn refused(reference: Reference, argument: &str) -> ErrorData {
        let error: ErrorData = Variable::of(&reference, argument).unwrap_err().into();
        assert_eq!(error.code, ErrorCode::INVALID_PARAMS, "{error:?}");
        error
    }

    #[test]
    fn every_variable_and_argument_that_is_listed_can_be_completed() {
        let mut completed = 0;
        for template in resources::templates() {
            let uri = template.uri_template;
            for variable in uri.split('{').skip(1) {
                let (variable, _) = variable.split_once('}').unwrap();
                let variable = variable.trim_start_matches('?');
                Variable::of(&Reference::for_resource(&uri), variable).unwrap();
                completed += 1;
            }
        }
        for prompt in prompts::list() {
            for argument in prompt.arguments.into_iter().flatten() {
                Variable::of(&Reference::for_prompt(&prompt.name), &argument.name).unwrap();
                completed += 1;
            }
        }
        assert_eq!(completed, TABLE.len());
    }

    #[test]
    fn what_is_not_there_is_refused_by_its_name_and_counted_as_unknown() {
        for (reference, argument, message) in [
            (
                Reference::for_resource("kafka-mcp://topics/{name}"),
                "name",
                "there is no resource template kafka-mcp://topics/{name}",
            ),
            (
                Reference::for_resource("kafka-mcp://topic/orders"),
                "name",
                "there is no resource template kafka-mcp://topic/orders",
            ),
            (
                Reference::for_prompt("kafka_lag"),
                "threshold",
                "there is no prompt kafka_lag",
            ),
        ] {
            assert_eq!(metric_name(&reference), "unknown");
            let error = refused(reference, argument);
            assert!(error.message.starts_with(message), "{error:?}");
        }
        let topic = Reference::for_resource(TOPIC_TEMPLATE);
        let error = refused(topic, "nam");
        assert_eq!(error.data.unwrap()["did_you_mean"][0], "name");
        let health = Reference::for_prompt("kafka_health_check");
        let error = refused(health, "threshold");
        let expected = "unknown argument threshold: kafka_health_check takes none";
        assert_eq!(error.message, expected);
    }
}
