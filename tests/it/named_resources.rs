//! Resources that are named by their URI, and the completion of their names.

use rmcp::model::CompletionContext;
use serde_json::{Value, json};
use testkit::{AnyKafka, McpClient, Transport};

async fn connect(transport: Transport, kafka: &AnyKafka) -> McpClient {
    McpClient::connect(transport, &[("KAFKA_BROKERS", kafka.brokers())]).await
}

fn timeless(mut answer: Value) -> Value {
    answer.as_object_mut().expect("an object").remove("as_of");
    answer
}

#[tokio::test]
async fn a_topic_and_its_settings_are_found_by_name_and_shown_as_by_tools() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic_with(3, &[("retention.ms", "12345")]).await;
        let name = topic.as_str();
        for transport in Transport::ALL {
            let client = connect(transport, &kafka).await;
            let shown = client.resource(&format!("kafka-mcp://topic/{name}")).await;
            let shown = timeless(shown.expect("a topic"));
            let said = client
                .result("describe_topic", json!({"topic_name": name}))
                .await;
            assert_eq!(shown["partition_count"], 3);
            assert_eq!(shown, timeless(said));

            let uri = format!("kafka-mcp://topic/{name}/config/retention.ms");
            let setting = client.resource(&uri).await.expect("a setting");
            assert_eq!(setting["value"], "12345");
            assert_eq!(setting["source"], "DYNAMIC_TOPIC_CONFIG");

            let uri = format!("kafka-mcp://topic/{name}/config/retention.m");
            let missing = client.resource(&uri).await.expect_err("no such setting");
            assert!(
                format!("{missing:?}").contains("retention.ms"),
                "{missing:?}"
            );
        }
    }
}

#[tokio::test]
async fn names_and_keys_are_completed_as_the_cluster_knows_them() {
    let template = "kafka-mcp://topic/{name}/config/{key}";
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(1).await;
        let name = topic.as_str();
        for transport in Transport::ALL {
            let client = connect(transport, &kafka).await;
            let service = client.service();
            let typed = name.to_uppercase();
            let names = service
                .complete_resource_simple(template, "name", typed)
                .await;
            assert_eq!(names.expect("names"), [name]);

            let known = [("name".to_owned(), name.to_owned())].into();
            let context = Some(CompletionContext::with_arguments(known));
            let keys = service.complete_resource_argument(template, "key", "retention", context);
            let keys = keys.await.expect("keys").values;
            assert!(
                keys.starts_with(&["retention.bytes".to_owned()]),
                "{keys:?}"
            );
            assert!(keys.contains(&"retention.ms".to_owned()), "{keys:?}");
            // A part of a key is enough, behind those that begin with it.
            assert!(keys.contains(&"delete.retention.ms".to_owned()), "{keys:?}");
        }
    }
}
