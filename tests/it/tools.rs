//! Every tool through a real MCP client, on both transports, against a real Kafka.

use kafka_tools::TopicName;
use krafka::Record as Outgoing;
use serde_json::{Value, json};
use testkit::{McpClient, RealKafka, Transport, unique_name};

use crate::{
    consume_positions::numbered,
    groups::{commit, forget, group},
    output_schemas::promises::Promises,
};

#[tokio::test]
async fn thirteen_tools_are_listed_with_schemas_titles_and_all_four_hints() {
    for transport in Transport::ALL {
        let client = McpClient::connect(transport, &[]).await;
        let tools = client.service().list_all_tools().await.expect("tools");
        let mut names: Vec<&str> = tools.iter().map(|tool| &*tool.name).collect();
        names.sort_unstable();
        assert_eq!(names, TOOLS);
        for tool in &tools {
            let tool = json!(tool);
            let name = &tool["name"];
            assert_eq!(tool["inputSchema"]["additionalProperties"], false, "{name}");
            assert_eq!(tool["outputSchema"]["type"], "object", "{name}");
            assert!(
                tool["title"].is_string() && tool["description"].is_string(),
                "{name}"
            );
            for hint in [
                "readOnlyHint",
                "destructiveHint",
                "idempotentHint",
                "openWorldHint",
            ] {
                assert!(tool["annotations"][hint].is_boolean(), "{name}: {hint}");
            }
            assert_eq!(
                tool["annotations"]["readOnlyHint"],
                name != "produce_message",
                "{name}"
            );
        }
        let bytes = json!(tools).to_string().len();
        assert!(bytes / 4 <= 5_000, "the list takes {} tokens", bytes / 4);
    }
}

#[tokio::test]
async fn a_record_is_produced_and_consumed() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    for transport in Transport::ALL {
        let topic = kafka.topic(2).await;
        let client = connect(transport, &kafka).await;
        let produced = client
            .result(
                "produce_message",
                json!({
                    "topic": topic.as_str(), "key": "k", "value": "grüße \u{1f600}", "partition": 1,
                    "timestamp": "2026-01-01T00:00:00Z",
                    "headers": [{"key": "h", "value": "1"}, {"key": "h", "value": null}],
                }),
            )
            .await;
        assert_eq!(
            (&produced["topic"], &produced["partition"]),
            (&json!(topic.as_str()), &json!(1))
        );
        assert_eq!(
            (&produced["offset"], &produced["written"]),
            (&json!(0), &json!(1))
        );

        // The default arguments of clients of old.
        let consumed = client
            .result("consume_messages", json!({"topics": [topic.as_str()]}))
            .await;
        let message = &consumed["messages"][0];
        for (field, value) in [
            ("topic", json!(topic.as_str())),
            ("partition", json!(1)),
            ("offset", json!(0)),
            ("key", json!("k")),
            ("value", json!("grüße \u{1f600}")),
            ("timestamp", json!(1_767_225_600_000_i64)),
        ] {
            assert_eq!(message[field], value, "{field}");
        }
        assert_eq!(message["headers"][0], json!({"key": "h", "value": "1"}));
        assert_eq!(message["headers"][1], json!({"key": "h", "value": null}));
        assert_eq!(consumed["stopped"], "end_of_log");
    }
}

#[tokio::test]
async fn null_empty_and_binary_values_are_told_apart() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    for transport in Transport::ALL {
        let topic = kafka.topic(1).await;
        let client = connect(transport, &kafka).await;
        let batch = json!([
            {"key": "a", "value": null},
            {"key": "", "value": ""},
            {"value": "/wCA", "value_encoding": "base64"},
        ]);
        let arguments = json!({"topic": topic.as_str(), "messages": batch});
        let produced = client.result("produce_message", arguments).await;
        assert_eq!(produced["written"], 3);
        assert_eq!(produced["results"][2]["offset"], 2);

        let messages = client.messages(&topic).await;
        assert_eq!(
            (&messages[0]["key"], &messages[0]["value"]),
            (&json!("a"), &Value::Null)
        );
        assert_eq!(
            (&messages[1]["key"], &messages[1]["value"]),
            (&json!(""), &json!(""))
        );
        assert_eq!(
            (&messages[2]["key"], &messages[2]["value"]),
            (&Value::Null, &json!("/wCA"))
        );
        assert_eq!(messages[2]["value_encoding"], "base64");
    }
}

#[tokio::test]
async fn a_cursor_leads_through_the_whole_log() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(3).await;
    kafka
        .write((0..25).map(|n| numbered(&topic, n % 3, n)))
        .await;
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let first = json!({"topics": [topic.as_str()], "position": "earliest", "max_messages": 10});
        let mut page = client.result("consume_messages", first).await;
        let mut seen = Vec::new();
        loop {
            let messages = page["messages"].as_array().expect("messages");
            seen.extend(messages.iter().map(|message| message["value"].clone()));
            if page["has_more"] == false {
                break;
            }
            let next = json!({
                "topics": [topic.as_str()], "cursor": page["next_cursor"], "max_messages": 10,
            });
            page = client.result("consume_messages", next).await;
        }
        seen.sort_by_key(|value| value.as_str().and_then(|text| text.parse::<i32>().ok()));
        assert_eq!(
            seen,
            (0..25).map(|n| json!(n.to_string())).collect::<Vec<_>>()
        );
    }
}

#[tokio::test]
async fn a_result_of_large_records_is_cut_whole_and_says_so() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    kafka
        .write((0..200).map(|_| Outgoing::new(topic.as_str(), "x".repeat(2_000))))
        .await;
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let all =
            json!({"topics": [topic.as_str()], "max_messages": 200, "max_value_bytes": 100_000});
        let result = client.result("consume_messages", all).await;
        assert!(
            result.to_string().len() <= 80_000,
            "{} bytes",
            result.to_string().len()
        );
        let shown = result["messages"].as_array().expect("messages").len();
        assert!((1..200).contains(&shown));
        assert_eq!(
            (&result["truncated"], &result["omitted"]),
            (&json!(true), &json!(200 - shown))
        );
        assert!(result["hint"].is_string());
    }
}

#[tokio::test]
async fn ten_megabytes_in_one_record_come_back_as_a_preview() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka
        .topic_with(1, &[("max.message.bytes", "12000000")])
        .await;
    let mut request = kafka_tools::ProduceRequest::new(topic.clone(), Vec::new());
    request.records = vec![kafka_tools::NewRecord::new("y".repeat(10_000_000))];
    let report = kafka
        .client()
        .produce(request)
        .await
        .expect("the topic exists");
    assert!(report.results[0].is_ok(), "{:?}", report.results[0]);
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let result = client
            .result("consume_messages", json!({"topics": [topic.as_str()]}))
            .await;
        let message = &result["messages"][0];
        assert_eq!(
            (&message["value_bytes"], &message["value_truncated"]),
            (&json!(10_000_000), &json!(true))
        );
        assert!(result.to_string().len() < 20_000);
    }
}

#[tokio::test]
async fn topics_are_listed_and_described() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(3).await;
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let listed = client
            .result("list_topics", json!({"name_contains": topic.as_str()}))
            .await;
        let row = &listed["topics"][0];
        assert_eq!(
            (&row["name"], &row["partition_count"]),
            (&json!(topic.as_str()), &json!(3))
        );
        assert_eq!(row["is_internal"], false);
        assert!(row["replication_factor"].as_u64() >= Some(1));

        let described = client
            .result("describe_topic", json!({"topic_name": topic.as_str()}))
            .await;
        assert_eq!(described["topic_name"], topic.as_str());
        let partitions = described["partitions"].as_array().expect("partitions");
        assert_eq!(partitions.len(), 3);
        for (id, partition) in partitions.iter().enumerate() {
            assert_eq!(partition["partition_id"], id);
            assert!(partition["leader"].as_i64() >= Some(0));
            assert_eq!(partition["replicas"], partition["isr"]);
        }
        // The other word for the same argument, and numbers and lists written loosely.
        client
            .result("describe_topic", json!({"topic": topic.as_str()}))
            .await;
        let loose = json!({"topics": topic.as_str(), "max_messages": "5"});
        client.result("consume_messages", loose).await;
    }
}

#[tokio::test]
async fn brokers_are_the_configured_ones_and_the_live_ones() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let result = client.result("list_brokers", json!({})).await;
        let configured: Vec<&str> = kafka.brokers().split(',').collect();
        assert_eq!(result["brokers"], json!(configured));
        assert!(!result["live"].as_array().expect("live brokers").is_empty());
    }
}

#[tokio::test]
async fn groups_are_listed_described_and_measured() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(2).await;
    kafka
        .write((0..100).map(|n| numbered(&topic, n % 2, n)))
        .await;
    let group = group("tools");
    commit(&kafka, &group, &topic, &[(0, 10), (1, 50)]).await;
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let only = json!({"name_contains": group.as_str()});
        let listed = client.result("list_consumer_groups", only).await;
        assert_eq!(listed["groups"][0]["group_id"], group.as_str());
        assert_eq!(listed["groups"][0]["state"], "Empty");
        assert_eq!(listed["complete"], true);

        let with = json!({"group_id": group.as_str(), "include_offsets": true});
        let described = client.result("describe_consumer_group", with).await;
        assert_eq!(
            (&described["group_id"], &described["members"]),
            (&json!(group.as_str()), &json!([]))
        );
        let offsets = &described["offsets"];
        assert_eq!(
            (&offsets[0]["commit_offset"], &offsets[0]["lag"]),
            (&json!(10), &json!(40))
        );
        assert_eq!(
            (&offsets[1]["commit_offset"], &offsets[1]["lag"]),
            (&json!(50), &json!(0))
        );
        let without = json!({"group_id": group.as_str()});
        assert!(
            client
                .result("describe_consumer_group", without)
                .await
                .get("offsets")
                .is_none()
        );

        let threshold = json!({"group_id": group.as_str(), "threshold": 39});
        let lag = client.result("consumer_lag", threshold).await;
        assert_eq!(lag["group_summary"][0]["total_lag"], 40);
        assert_eq!(lag["high_lag_details"].as_array().map(Vec::len), Some(1));
        let above = json!({"topic": topic.as_str(), "threshold": 40});
        let lag = client.result("consumer_lag", above).await;
        assert_eq!(
            (&lag["high_lag_details"], &lag["groups_with_high_lag"]),
            (&json!([]), &json!(0))
        );
    }
    forget(&kafka, &group).await;
}

#[tokio::test]
async fn configurations_are_described() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic_with(1, &[("retention.ms", "4242")]).await;
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let keys = json!({
            "resource_type": "topic", "resource_name": topic.as_str(),
            "config_keys": ["retention.ms", "no.such.key"],
        });
        let result = client.result("describe_configs", keys).await;
        assert_eq!(
            result["configs"],
            json!([{
                "name": "retention.ms", "value": "4242", "is_default": false, "is_read_only": false,
                "is_sensitive": false, "source": "DYNAMIC_TOPIC_CONFIG",
            }])
        );
        assert_eq!(result["unknown_keys"], json!(["no.such.key"]));

        let brokers = client.result("list_brokers", json!({})).await;
        let broker = json!({
            "resource_type": "broker", "resource_name": brokers["live"][0]["id"],
            "non_default_only": true,
        });
        let result = client.result("describe_configs", broker).await;
        let configs = result["configs"].as_array().expect("configs");
        assert!(configs.iter().all(|config| config["is_default"] == false));
        assert!(
            configs
                .iter()
                .any(|config| config["source"] == "STATIC_BROKER_CONFIG")
        );
        assert!(
            !result.to_string().contains("-secret"),
            "a password was shown"
        );
    }
}

#[tokio::test]
async fn the_cluster_is_overviewed_and_checked() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        let overview = client.result("cluster_overview", json!({})).await;
        assert!(overview["broker_count"].as_u64() >= Some(1));
        assert_eq!(overview["offline_partitions_count"], 0);
        assert_eq!(overview["under_replicated_partitions_count"], 0);
        assert_eq!(overview["offline_broker_ids"], json!([]));
        let health = client.result("cluster_health", json!({})).await;
        assert_eq!(health["broker_status"]["status"], "healthy");
        assert_eq!(health["controller_status"]["status"], "healthy");
        assert_eq!(health["partition_status"]["status"], "healthy");
        let replication = client
            .result("under_replicated_partitions", json!({}))
            .await;
        assert_eq!(replication["under_replicated_partition_count"], 0);
        assert_eq!(replication["details"], json!([]));
    }
}

#[tokio::test]
async fn results_of_a_real_kafka_hold_what_their_schemas_promise() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    kafka.write([numbered(&topic, 0, 1)]).await;
    let client = connect(Transport::Stdio, &kafka).await;
    let tools = client.service().list_all_tools().await.expect("tools");
    for (name, arguments) in [
        ("consume_messages", json!({"topics": [topic.as_str()]})),
        (
            "produce_message",
            json!({"topic": topic.as_str(), "value": "1"}),
        ),
        ("list_brokers", json!({})),
        ("list_topics", json!({})),
        ("describe_topic", json!({"topic_name": topic.as_str()})),
        ("list_consumer_groups", json!({})),
        (
            "describe_configs",
            json!({"resource_type": "topic", "resource_name": topic.as_str()}),
        ),
        ("cluster_overview", json!({})),
        ("cluster_health", json!({})),
        ("under_replicated_partitions", json!({})),
        ("consumer_lag", json!({})),
    ] {
        let result = client.result(name, arguments).await;
        let tool = tools.iter().find(|tool| tool.name == name);
        let promises = Promises::of(tool.expect("listed"));
        promises.assert_kept(&result);
        promises.assert_nothing_else(&result);
    }
}

#[tokio::test]
async fn read_only_hides_and_refuses_writes() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let topic = kafka.topic(1).await;
    for transport in Transport::ALL {
        let settings = [
            ("KAFKA_BROKERS", kafka.brokers()),
            ("KAFKA_MCP_READ_ONLY", "true"),
        ];
        let client = McpClient::connect(transport, &settings).await;
        let tools = client.service().list_all_tools().await.expect("tools");
        assert!(tools.iter().all(|tool| tool.name != "produce_message"));
        let write = json!({"topic": topic.as_str(), "value": "1"});
        assert_eq!(
            client.failure("produce_message", write).await["code"],
            "read_only"
        );
        assert!(client.messages(&topic).await.is_empty());
    }
}

#[tokio::test]
async fn denied_topics_and_groups_stay_out_of_tools_resources_and_prompts() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let (open, denied) = (kafka.topic(1).await, kafka.topic(1).await);
    kafka
        .write([numbered(&denied, 0, 1), numbered(&open, 0, 1)])
        .await;
    let (group, hidden) = (group("open"), group("hidden"));
    for group in [&group, &hidden] {
        commit(&kafka, group, &denied, &[(0, 0)]).await;
        commit(&kafka, group, &open, &[(0, 0)]).await;
    }
    for transport in Transport::ALL {
        let client = McpClient::connect(
            transport,
            &[
                ("KAFKA_BROKERS", kafka.brokers()),
                ("KAFKA_MCP_TOPICS_DENY", denied.as_str()),
                ("KAFKA_MCP_GROUPS_DENY", "*-hidden-*"),
            ],
        )
        .await;
        for (tool, arguments) in [
            ("describe_topic", json!({"topic_name": denied.as_str()})),
            (
                "consume_messages",
                json!({"topics": [open.as_str(), denied.as_str()]}),
            ),
            (
                "produce_message",
                json!({"topic": denied.as_str(), "value": "1"}),
            ),
            (
                "describe_configs",
                json!({"resource_type": "topic", "resource_name": denied.as_str()}),
            ),
            (
                "describe_consumer_group",
                json!({"group_id": hidden.as_str()}),
            ),
            ("consumer_lag", json!({"group_id": hidden.as_str()})),
            ("consumer_lag", json!({"topic": denied.as_str()})),
            ("poll_cluster", json!({"group_id": hidden.as_str()})),
            ("poll_cluster", json!({"topic": denied.as_str()})),
        ] {
            assert_eq!(
                client.failure(tool, arguments).await["code"],
                "access_denied",
                "{tool}"
            );
        }
        let group = json!({"group_id": group.as_str(), "include_offsets": true});
        let polled = json!({"group_id": group["group_id"], "include_lag": true});
        let lag = "kafka-mcp://consumer-lag-report?threshold=0";
        let seen = [
            client.result("list_topics", json!({})).await.to_string(),
            client
                .result("list_consumer_groups", json!({}))
                .await
                .to_string(),
            client
                .result("describe_consumer_group", group)
                .await
                .to_string(),
            client
                .result("consumer_lag", json!({"threshold": 0}))
                .await
                .to_string(),
            client.result("poll_cluster", polled).await.to_string(),
            client
                .result("poll_cluster", json!({"include_lag": true}))
                .await
                .to_string(),
            client
                .result("under_replicated_partitions", json!({}))
                .await
                .to_string(),
            client.resource(lag).await.expect("a report").to_string(),
            client
                .prompt("kafka_consumer_lag_report", json!({"threshold": "0"}))
                .await
                .expect("a report"),
        ];
        for text in seen {
            assert!(
                !text.contains(denied.as_str()) && !text.contains(hidden.as_str()),
                "{text}"
            );
        }
    }
    for group in [group, hidden] {
        forget(&kafka, &group).await;
    }
}

#[tokio::test]
async fn an_internal_topic_is_denied_unless_it_is_allowed() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let group = group("internal");
    let topic = kafka.topic(1).await;
    commit(&kafka, &group, &topic, &[(0, 0)]).await;
    let arguments = || json!({"topics": ["__consumer_offsets"], "max_messages": 1});
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        assert_eq!(
            client.failure("consume_messages", arguments()).await["code"],
            "access_denied"
        );
        let settings = [
            ("KAFKA_BROKERS", kafka.brokers()),
            ("KAFKA_MCP_TOPICS_ALLOW", "*,__*"),
        ];
        let client = McpClient::connect(transport, &settings).await;
        client.result("consume_messages", arguments()).await;
    }
    forget(&kafka, &group).await;
}

#[tokio::test]
async fn nothing_that_is_refused_is_created() {
    let Some(kafka) = RealKafka::find().await else {
        return;
    };
    let missing: TopicName = unique_name("missing").parse().expect("a name");
    for transport in Transport::ALL {
        let client = connect(transport, &kafka).await;
        for (tool, arguments) in [
            ("describe_topic", json!({"topic_name": missing.as_str()})),
            ("consume_messages", json!({"topics": [missing.as_str()]})),
            (
                "produce_message",
                json!({"topic": missing.as_str(), "value": "1"}),
            ),
            (
                "describe_configs",
                json!({"resource_type": "topic", "resource_name": missing.as_str()}),
            ),
            ("consumer_lag", json!({"topic": missing.as_str()})),
        ] {
            let failure = client.failure(tool, arguments).await;
            assert_eq!(failure["code"], "unknown_topic", "{tool}: {failure}");
        }
    }
    let topics = kafka.client().list_topics().await.expect("topics").topics;
    assert!(topics.iter().all(|topic| topic.name != missing));
}

pub(crate) async fn connect(transport: Transport, kafka: &RealKafka) -> McpClient {
    McpClient::connect(transport, &[("KAFKA_BROKERS", kafka.brokers())]).await
}

const TOOLS: [&str; 13] = [
    "cluster_health",
    "cluster_overview",
    "consume_messages",
    "consumer_lag",
    "describe_configs",
    "describe_consumer_group",
    "describe_topic",
    "list_brokers",
    "list_consumer_groups",
    "list_topics",
    "poll_cluster",
    "produce_message",
    "under_replicated_partitions",
];
