//! What there is to read.

use serde_json::{Value, json};

use super::Walk;
use crate::demo::surprise::{Found, Surprise, expect};

impl Walk<'_> {
    pub(super) async fn lists_topics(&self) -> Found {
        let list = self.reads("list_topics", json!({})).await?;
        let topics = rows(&list["topics"]).map(|topic| {
            let (name, partitions) = (text(&topic["name"]), &topic["partition_count"]);
            format!("{name} ({partitions})")
        });
        let topics: Vec<_> = topics.collect();
        let expected = "customers, orders, payments and receipts";
        expect(list["total"] == 4, expected, topics.join(", "))?;
        let topics = topics.join(", ");
        Ok(format!(
            "list_topics, with the number of partitions: {topics}"
        ))
    }

    pub(super) async fn describes_a_topic(&self) -> Found {
        let arguments = json!({ "topic_name": "orders" });
        let topic = self.reads("describe_topic", arguments).await?;
        let partitions: Vec<_> = rows(&topic["partitions"]).collect();
        let is_in_sync = |row: &&&Value| rows(&row["isr"]).count() == 3;
        let in_sync = partitions.iter().filter(is_in_sync).count();
        let expected = "3 partitions with 3 replicas in sync";
        expect(partitions.len() == 3 && in_sync == 3, expected, &topic)?;
        Ok("describe_topic: orders has 3 partitions, each on 3 nodes, and all replicas are in sync"
            .to_owned())
    }

    pub(super) async fn reads_the_latest(&self) -> Found {
        let arguments = json!({ "topics": ["orders"], "max_messages": 2 });
        let read = self.reads("consume_messages", arguments).await?;
        let latest = rows(&read["messages"]).map(|message| text(&message["value"]));
        let latest: Vec<_> = latest.collect();
        let is_latest = latest
            .last()
            .is_some_and(|value| value.contains("\"order\":1040"));
        let expected = "the two latest orders, up to 1040";
        expect(latest.len() == 2 && is_latest, expected, &read)?;
        let latest = latest.join("\n");
        Ok(format!(
            "consume_messages: the latest two orders. It joins no group and commits no offset: the \
             cluster is as it was before\n{latest}"
        ))
    }

    pub(super) async fn sees_nothing_aborted(&self) -> Found {
        let count = async |isolation: &str| {
            let arguments = json!({
                "topics": ["payments"],
                "position": "earliest",
                "max_messages": 100,
                "isolation_level": isolation,
            });
            let read = self.reads("consume_messages", arguments).await?;
            let messages = rows(&read["messages"]);
            let is_aborted = |message: &Value| text(&message["value"]).contains("charged twice");
            let (aborted, valid): (Vec<_>, Vec<_>) = messages.partition(|row| is_aborted(row));
            Ok::<_, Surprise>((valid.len(), aborted.len()))
        };
        let expected = "12 payments and 2 aborted ones in the log, and 12 and none when committed";
        let (all, committed) = (
            count("read_uncommitted").await?,
            count("read_committed").await?,
        );
        let came = format!("{all:?} in the log, and {committed:?} when committed");
        expect((all, committed) == ((12, 2), (12, 0)), expected, came)?;
        Ok("14 payments are in the log, and 12 are shown: a transaction that charged two customers \
            twice was aborted. read_uncommitted shows those as well"
            .to_owned())
    }

    pub(super) async fn reads_odd_values(&self) -> Found {
        let arguments = json!({ "topics": ["customers", "receipts"], "position": "earliest" });
        let read = self.reads("consume_messages", arguments).await?;
        let messages: Vec<_> = rows(&read["messages"]).collect();
        let deleted = messages.iter().find(|message| message["value"].is_null());
        let deleted = deleted.map(|message| text(&message["key"]));
        let binary = messages
            .iter()
            .find(|message| message["value_encoding"] == "base64");
        let binary = binary.map(|message| text(&message["value"]));
        let expected = "a tombstone of c-03, and a value in base64";
        let (Some("c-03"), Some(binary)) = (deleted, binary) else {
            return Err(Surprise::new(expected, &read));
        };
        Ok(format!(
            "a tombstone says that customer c-03 is to be forgotten: its value is null. A receipt is \
             a picture, and comes as base64: {binary}"
        ))
    }

    pub(super) async fn finds_who_is_behind(&self) -> Found {
        let lag = self
            .reads("consumer_lag", json!({ "threshold": 5 }))
            .await?;
        let behind = rows(&lag["group_summary"]).map(|group| {
            let (name, state, lag) = (&group["group_id"], &group["state"], &group["total_lag"]);
            (text(name), text(state), lag.as_i64())
        });
        let behind: Vec<_> = behind.collect();
        let expected = [
            ("fraud-check", "Empty", Some(27)),
            ("shipping", "Stable", Some(3)),
            ("billing", "Stable", Some(0)),
        ];
        expect(
            behind == expected,
            format!("{expected:?}"),
            format!("{behind:?}"),
        )?;
        Ok("consumer_lag, the worst first: fraud-check is 27 orders behind and has no members, so \
            nobody works on it; shipping is 3 behind; billing keeps up"
            .to_owned())
    }

    /// What a tool answers who may read.
    async fn reads(&self, tool: &str, arguments: Value) -> Result<Value, Surprise> {
        self.client.call(self.reader()?, tool, arguments).await
    }
}

fn rows(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}
