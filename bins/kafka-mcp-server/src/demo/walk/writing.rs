//! Who may write, and who may not.

use http::StatusCode;
use serde_json::{Value, json};

use super::Walk;
use crate::demo::{
    client::{challenge, shown},
    surprise::{Found, Surprise, expect},
};

impl Walk<'_> {
    pub(super) async fn may_not_write(&self) -> Found {
        let arguments = order();
        let asked = self
            .client
            .answer_of_tool(self.reader()?, PRODUCE, arguments);
        let answer = asked.await?;
        let challenge = challenge(answer.headers());
        let is_refused = answer.status() == StatusCode::FORBIDDEN
            && challenge.contains("insufficient_scope")
            && challenge.contains("kafka:write");
        let expected = "403, with insufficient_scope and the scope that is needed";
        expect(is_refused, expected, shown(&answer))?;
        Ok(
            "produce_message with the token for reading: 403 insufficient_scope. The challenge asks \
            for kafka:read kafka:write; Kafka never hears of it"
                .to_owned(),
        )
    }

    pub(super) async fn writes(&mut self) -> Found {
        let token = self.writer.as_ref();
        let token = token.ok_or_else(|| Surprise::new("a token from an earlier step", "none"))?;
        let answer = self.client.call(token, PRODUCE, order()).await?;
        let place = answer["partition"].as_i64().zip(answer["offset"].as_i64());
        let place = place.ok_or_else(|| Surprise::new("a partition and an offset", &answer))?;
        self.written = Some(place);
        let (partition, offset) = place;
        Ok(format!(
            "the same with kafka:write: written to orders, partition {partition}, offset {offset}"
        ))
    }

    pub(super) async fn reads_back(&self) -> Found {
        let written = self.written;
        let (partition, offset) = written.ok_or_else(|| Surprise::new("a record", "none"))?;
        let arguments = json!({
            "topics": ["orders"], "partitions": [partition], "offset": offset, "max_messages": 1,
        });
        let read = self
            .client
            .call(self.reader()?, "consume_messages", arguments);
        let read = read.await?;
        let message = &read["messages"][0];
        let fields = ["key", "value"].map(|field| message[field] == order()[field]);
        let header = &message["headers"][0]["value"];
        let is_same = message["offset"] == offset && fields == [true; 2] && header == "agent";
        expect(is_same, format!("the record at offset {offset}"), &read)?;
        let value = message["value"].as_str().unwrap_or_default();
        Ok(format!(
            "consume_messages finds it there, with its key and its header\n{value}"
        ))
    }
}

fn order() -> Value {
    json!({
        "topic": "orders",
        "key": "c-07",
        "value": r#"{"order":1041,"customer":"c-07","item":"tea pot","total":"24.50"}"#,
        "headers": [{ "key": "source", "value": "agent" }],
    })
}

const PRODUCE: &str = "produce_message";
