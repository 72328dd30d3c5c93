//! Writing records.

mod draft;
mod question;

use kafka_tools::{NewRecord, ProduceRequest, Produced, TopicName};
use rmcp::model::JsonObject;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use self::draft::Draft;
use super::Tool;
use crate::{
    Grant,
    call::Call,
    failure::{Code, Failure, PartialError},
    moment,
};

pub(super) struct ProduceMessage;

// Fields that are flattened rule `deny_unknown_fields` out; the schema is closed all the same.
#[derive(Deserialize, JsonSchema)]
pub(super) struct Arguments {
    topic: String,
    #[serde(flatten)]
    single: Draft,
    // Several records instead of one, as the tool's description says.
    #[serde(default)]
    #[schemars(length(max = 50), transform = undescribed)]
    messages: Vec<Draft>,
    #[schemars(range(min = 1, max = 600_000))]
    timeout_ms: Option<u64>,
}

#[derive(Serialize, JsonSchema)]
pub(super) struct Output {
    as_of: String,
    topic: String,
    /// Where a single record went.
    #[serde(flatten)]
    #[schemars(with = "Written")]
    single: Option<Written>,
    /// What became of several, in their order.
    #[serde(skip_serializing_if = "Option::is_none")]
    results: Option<Vec<Outcome>>,
    written: usize,
    complete: bool,
}

#[derive(Clone, Copy, Serialize, JsonSchema)]
struct Written {
    partition: i32,
    /// Null if the broker only confirmed an earlier try.
    offset: Option<i64>,
    timestamp: Option<i64>,
}

#[derive(Serialize, JsonSchema)]
struct Outcome {
    #[serde(flatten)]
    #[schemars(with = "Written")]
    written: Option<Written>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<PartialError>,
}

impl Tool for ProduceMessage {
    const NAME: &'static str = "produce_message";
    const TITLE: &'static str = "Produce message";
    const DESCRIPTION: &'static str = "\
Writes one record to a topic, or several with messages. Returns where it was written. A value of \
null is a tombstone; without a partition the key decides. A failed write is not repeated: \
maybe_written means to look before trying again. The topic has to exist.";
    const GRANT: Grant = Grant::Write;
    const OPEN_WORLD: bool = true;

    type Arguments = Arguments;
    type Output = Output;

    fn question(call: &Call<'_>, arguments: &Arguments, _: &JsonObject) -> Result<String, Failure> {
        let topic = arguments.topic(call)?;
        Ok(question::question(&topic, &arguments.records()?))
    }

    async fn run(call: &Call<'_>, arguments: Arguments) -> Result<Output, Failure> {
        let view = call.view();
        let topic = arguments.topic(call)?;
        let is_single = arguments.messages.is_empty();
        let records = arguments.records()?;
        let sizes: Vec<_> = records.iter().map(size).collect();
        let mut request = ProduceRequest::new(topic.clone(), records);
        request.timeout = Some(call.timeout(arguments.timeout_ms));

        let report = view.client().produce(request).await?;
        let mut results = report.results;
        let is_written = results.iter().map(Result::is_ok).collect::<Vec<_>>();
        let written = is_written.iter().filter(|ok| **ok).count();
        let bytes = sizes
            .iter()
            .zip(&is_written)
            .filter(|(_, ok)| **ok)
            .map(|(bytes, _)| bytes);
        call.wrote_bytes(bytes.sum());
        if written == 0 {
            return Err(match results.into_iter().find_map(Result::err) {
                Some(error) => error.into(),
                None => Failure::new(Code::ProtocolError, "the broker acknowledged nothing"),
            });
        }
        let complete = written == results.len();
        let single = results
            .pop_if(|_| is_single)
            .and_then(Result::ok)
            .map(Written::from);
        let results = (!is_single).then(|| results.into_iter().map(Outcome::from).collect());
        let as_of = moment::stamp(view.now());
        Ok(Output {
            as_of,
            topic: topic.to_string(),
            single,
            results,
            written,
            complete,
        })
    }
}

impl Arguments {
    fn topic(&self, call: &Call<'_>) -> Result<TopicName, Failure> {
        let topic = call.view().topic("topic", &self.topic)?;
        call.about(&topic);
        Ok(topic)
    }

    fn records(&self) -> Result<Vec<NewRecord>, Failure> {
        if self.messages.is_empty() {
            return Ok(vec![self.single.record("")?]);
        }
        if !self.single.is_empty() {
            let message = "messages excludes the arguments of a single record";
            return Err(Failure::new(Code::InvalidArgument, message));
        }
        let drafts = self.messages.iter().enumerate();
        drafts
            .map(|(index, draft)| draft.record(&format!("messages[{index}].")))
            .collect()
    }
}

impl From<Produced> for Written {
    fn from(produced: Produced) -> Self {
        Self {
            partition: produced.partition,
            offset: produced.offset,
            timestamp: produced.timestamp,
        }
    }
}

impl From<Result<Produced, kafka_tools::Error>> for Outcome {
    fn from(result: Result<Produced, kafka_tools::Error>) -> Self {
        match result {
            Ok(produced) => Self {
                written: Some(produced.into()),
                error: None,
            },
            Err(error) => Self {
                written: None,
                error: Some(PartialError::new("record", error)),
            },
        }
    }
}

fn size(record: &NewRecord) -> usize {
    let len = |bytes: Option<&bytes::Bytes>| bytes.map_or(0, bytes::Bytes::len);
    let headers = record
        .headers
        .iter()
        .map(|h| h.key.len() + len(h.value.as_ref()));
    len(record.key.as_ref()) + len(record.value.as_ref()) + headers.sum::<usize>()
}

/// What the fields of a record mean, the arguments for a single one say.
fn undescribed(schema: &mut schemars::Schema) {
    let fields = schema.pointer_mut("/items/properties");
    let fields = fields.and_then(Value::as_object_mut).into_iter().flatten();
    for field in fields.filter_map(|(_, field)| field.as_object_mut()) {
        field.remove("description");
    }
}
