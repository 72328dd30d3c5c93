//! Resources and prompts through a real MCP client, on both transports, against a real Kafka.

use serde_json::{Value, json};
use testkit::{McpClient, RealKafka, Transport};

use crate::{
    consume_positions::numbered,
    groups::{commit, forget, group},
    tools::connect,
};

#[tokio::test]
async fn reports_views_a_template_and_four_prompts_are_listed() {
    for transport in Transport::ALL {
        let client = McpClient::connect(transport, &[]).await;
        let resources = client
            .service()
            .list_all_resources()
            .await
            .expect("resources");
        let mut uris: Vec<&str> = resources.iter().map(|resource| &*resource.uri).collect();
        uris.sort_unstable();
        let reports = RESOURCES.iter().map(|(uri, _)| *uri);
        let views = ["ui://kafka/cluster.html", "ui://kafka/lag.html"];
        assert_eq!(uris, reports.chain(views).collect::<Vec<_>>());
        let templates = client
            .service()
            .list_all_resource_templates()
            .await
            .expect("templates");
        assert_eq!(
            templates[0].uri_template,
            "kafka-mcp://consumer-lag-report{?threshold}"
        );
        let prompts = client.service().list_all_prompts().await.expect("prompts");
        let mut names: Vec<&str> = prompts.iter().map(|prompt| &*prompt.name).collect();
        names.sort_unstable();
        assert_eq!(names, PROMPTS);
    }
}

#[tokio::test]
async fn each_resource_has_the_fields_that_clients_know() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        for (uri, fields) in RESOURCES {
            let resource = client.resource(uri).await.expect("a report");
            for field in fields {
                assert!(
                    resource.pointer(field).is_some(),
                    "{uri} lacks {field}: {resource}"
                );
            }
        }
    }
}

#[tokio::test]
async fn the_threshold_decides_which_lag_is_high() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    kafka.write((0..30).map(|n| numbered(&topic, 0, n))).await;
    let group = group("threshold");
    commit(&kafka, &group, &topic, &[(0, 10)]).await;
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        for (threshold, high) in [(19, true), (20, false)] {
            let uri = format!("kafka-mcp://consumer-lag-report?threshold={threshold}");
            let report = client.resource(&uri).await.expect("a report");
            assert_eq!(report["lag_threshold"], threshold);
            let rows = report["high_lag_details"].as_array().expect("rows");
            let row = rows.iter().find(|row| row["group_id"] == group.as_str());
            assert_eq!(row.is_some(), high, "{threshold}: {report}");
            if let Some(row) = row {
                assert_eq!(
                    (&row["current_offset"], &row["log_end_offset"]),
                    (&json!(10), &json!(30))
                );
                assert_eq!(
                    (&row["lag"], &row["topic"]),
                    (&json!(20), &json!(topic.as_str()))
                );
            }
            let arguments = json!({"threshold": threshold.to_string()});
            let prompt = client.prompt("kafka_consumer_lag_report", arguments).await;
            let prompt = prompt.expect("a report");
            assert_eq!(prompt.contains("| 10 | 30 | 20 |"), high, "{prompt}");
        }
    }
    forget(&kafka, &group).await;
}

#[tokio::test]
async fn each_prompt_is_a_live_report_in_markdown() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        for name in PROMPTS {
            let markdown = client.prompt(name, Value::Null).await.expect("a report");
            assert!(markdown.starts_with('#'), "{name}: {markdown}");
            assert!(markdown.len() > 100, "{name}: {markdown}");
        }
    }
}

#[tokio::test]
async fn what_does_not_exist_and_what_makes_no_sense_is_an_error() {
    for transport in Transport::ALL {
        let client = McpClient::connect(transport, &[]).await;
        for uri in [
            "kafka-mcp://nope",
            "kafka-mcp://overview?x=1",
            "kafka-mcp://consumer-lag-report?threshold=x",
            "kafka-mcp://consumer-lag-report?threshold=-1",
            "file:///etc/passwd",
        ] {
            let error = client.resource(uri).await.expect_err("refused");
            // The code for a resource that is not there changed with the revisions of the protocol.
            let codes = ["-32602", "-32002"];
            let text = error.to_string();
            assert!(
                codes.iter().any(|code| text.contains(code)),
                "{uri}: {text}"
            );
        }
        client
            .prompt("kafka_nope", Value::Null)
            .await
            .expect_err("refused");
        let threshold = json!({"threshold": "many"});
        client
            .prompt("kafka_consumer_lag_report", threshold)
            .await
            .expect_err("refused");
        let unknown = json!({"treshold": "5"});
        client
            .prompt("kafka_consumer_lag_report", unknown)
            .await
            .expect_err("refused");
    }
}

const RESOURCES: [(&str, &[&str]); 4] = [
    (
        "kafka-mcp://consumer-lag-report",
        &[
            "/timestamp",
            "/lag_threshold",
            "/group_count",
            "/group_summary",
            "/high_lag_details",
            "/groups_with_high_lag",
            "/recommendations",
        ],
    ),
    (
        "kafka-mcp://health-check",
        &[
            "/timestamp",
            "/broker_status/total_brokers",
            "/broker_status/offline_brokers",
            "/broker_status/offline_broker_ids",
            "/broker_status/status",
            "/controller_status/controller_id",
            "/controller_status/status",
            "/partition_status/total_partitions",
            "/partition_status/under_replicated_partitions",
            "/partition_status/offline_partitions",
            "/partition_status/status",
            "/consumer_status/total_groups",
            "/consumer_status/groups_with_high_lag",
            "/consumer_status/status",
            "/consumer_status/error",
            "/overall_status",
        ],
    ),
    (
        "kafka-mcp://overview",
        &[
            "/timestamp",
            "/broker_count",
            "/controller_id",
            "/topic_count",
            "/partition_count",
            "/under_replicated_partitions",
            "/offline_partitions",
            "/offline_broker_ids",
            "/health_status",
        ],
    ),
    (
        "kafka-mcp://under-replicated-partitions",
        &[
            "/timestamp",
            "/under_replicated_partition_count",
            "/details",
            "/recommendations",
        ],
    ),
];

const PROMPTS: [&str; 4] = [
    "kafka_cluster_overview",
    "kafka_consumer_lag_report",
    "kafka_health_check",
    "kafka_under_replicated_partitions",
];
