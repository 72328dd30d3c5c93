//! What the views of the app ask for, through a real MCP client. The views themselves are tested in
//! a browser, by `tests/typescript`.

use krafka::{
    admin::{NewTopic, TopicPartition},
    consumer::OffsetAndMetadata,
};
use serde_json::{Value, json};
use testkit::{AnyKafka, FakeCluster, KafkaAccess, McpClient, Transport, eventually, unique_name};

use crate::{
    consume_positions::numbered,
    groups::{assigned_member, commit, forget, group},
};

#[tokio::test]
async fn a_poll_of_the_cluster_agrees_with_the_tools() {
    for kafka in AnyKafka::all().await {
        let _topic = kafka.topic(2).await;
        let client = connect(&kafka).await;
        let snapshot = client.result("poll_cluster", json!({})).await;
        let overview = client.result("cluster_overview", json!({})).await;
        let live = client.result("list_brokers", json!({})).await;
        let cluster = &snapshot["cluster"];
        for field in [
            "cluster_id",
            "controller_id",
            "broker_count",
            "offline_broker_ids",
            "offline_partitions_count",
            "under_replicated_partitions_count",
        ] {
            assert_eq!(cluster[field], overview[field], "{field}");
        }
        assert_eq!(cluster["brokers"], live["live"]);
        assert_eq!(cluster["health_status"], "healthy");
        assert_eq!(
            (&snapshot["lag"], &snapshot["complete"]),
            (&Value::Null, &json!(true)),
            "lag was not asked for"
        );
    }
}

#[tokio::test]
async fn a_poll_of_a_group_lists_each_partition_and_null_where_nothing_is_known() {
    for kafka in AnyKafka::all().await {
        // A member is not waited for long.
        let client = connect(&kafka).await;
        let topic = kafka.topic(3).await;
        kafka
            .write((0..30).map(|n| numbered(&topic, n % 3, n)))
            .await;
        let group = group("polled");
        let member = assigned_member(&kafka, &group, &topic, 3).await;
        let offsets = [(0, 9), (2, 3)].map(|(partition, offset)| {
            let partition = TopicPartition::new(topic.as_str(), partition);
            (partition, OffsetAndMetadata::new(offset))
        });
        member.commit_offsets(offsets).await.expect("committed");

        let arguments = json!({"include_lag": true, "group_id": group.as_str()});
        let lag = client.result("poll_cluster", arguments).await["lag"].take();
        let rows: Vec<_> = lag["partitions"].as_array().expect("rows").iter().collect();
        let field = |name| rows.iter().map(|row| row[name].clone()).collect::<Vec<_>>();
        assert_eq!(field("partition"), [2, 0, 1], "{lag}");
        assert_eq!(field("lag"), [json!(7), json!(1), Value::Null]);
        assert_eq!(field("current_offset"), [json!(3), json!(9), Value::Null]);
        assert_eq!(field("log_end_offset"), [10, 10, 10]);
        let described = &lag["groups"][0];
        assert_eq!(
            (&described["state"], &described["total_lag"]),
            (&json!("Stable"), &json!(8))
        );
        assert_eq!(described["uncommitted_partitions"], 1);
        assert_eq!(
            (&lag["partition_count"], &lag["partitions_with_unknown_lag"]),
            (&json!(3), &json!(1))
        );
        member.close().await.expect("left");
        forget(&kafka, &group).await;
    }
}

#[tokio::test]
async fn a_poll_of_all_groups_lists_the_furthest_behind_first() {
    for kafka in AnyKafka::all().await {
        let topic = kafka.topic(2).await;
        kafka
            .write((0..40).map(|n| numbered(&topic, n % 2, n)))
            .await;
        let (near, far) = (group("near"), group("far"));
        commit(&kafka, &near, &topic, &[(0, 20), (1, 20)]).await;
        commit(&kafka, &far, &topic, &[(0, 1), (1, 15)]).await;
        let client = connect(&kafka).await;

        let arguments = json!({"include_lag": true, "topic": topic.as_str()});
        let snapshot = client.result("poll_cluster", arguments).await;
        let lag = &snapshot["lag"];
        assert_eq!(
            [&lag["groups"][0]["group_id"], &lag["groups"][1]["group_id"]],
            [far.as_str(), near.as_str()]
        );
        assert_eq!(
            [
                &lag["groups"][0]["total_lag"],
                &lag["groups"][1]["total_lag"]
            ],
            [24, 0]
        );
        // Who has caught up has no partition that is behind.
        let partitions = lag["partitions"].as_array().expect("rows").iter();
        let lags: Vec<_> = partitions.map(|row| row["lag"].as_i64()).collect();
        assert_eq!(lags, [Some(19), Some(5)]);
        for (field, value) in [
            ("group_count", 2),
            ("groups_behind", 1),
            ("groups_with_unknown_lag", 0),
            ("total_lag", 24),
            ("partition_count", 2),
        ] {
            assert_eq!(lag[field], value, "{field}");
        }
        forget(&kafka, &near).await;
        forget(&kafka, &far).await;
    }
}

#[tokio::test]
async fn a_poll_says_why_a_groups_lag_is_missing_and_shows_the_cluster_all_the_same() {
    for kafka in AnyKafka::all().await {
        let client = connect(&kafka).await;
        let arguments = json!({"include_lag": true, "group_id": group("nobody").as_str()});
        let snapshot = client.result("poll_cluster", arguments).await;
        assert_eq!(
            (&snapshot["lag"], &snapshot["complete"]),
            (&Value::Null, &json!(false))
        );
        assert_eq!(snapshot["partial_errors"][0]["code"], "unknown_group");
        assert!(snapshot["cluster"]["broker_count"].as_u64() >= Some(1));
    }
}

#[tokio::test]
async fn a_poll_names_the_partitions_that_a_broker_took_with_it_as_far_as_they_are_open() {
    let kafka = FakeCluster::start(3).await;
    let [lost, thin, secret] = ["lost", "thin", "secret"].map(unique_name);
    kafka
        .create([
            NewTopic::new(&lost, 3, 1).expect("valid"),
            NewTopic::new(&thin, 1, 3).expect("valid"),
            NewTopic::new(&secret, 1, 3).expect("valid"),
        ])
        .await;
    let settings = [
        ("KAFKA_BROKERS", kafka.brokers()),
        ("KAFKA_MCP_TOPICS_DENY", &secret),
    ];
    let client = McpClient::connect(Transport::Http, &settings).await;
    kafka.cluster().stop_node(3).await.expect("a node");

    let snapshot = eventually("the loss of a broker", || async {
        let snapshot = client.result("poll_cluster", json!({})).await;
        let is_lost = snapshot["cluster"]["offline_broker_ids"] == json!([3]);
        is_lost.then_some(snapshot)
    });
    let cluster = &snapshot.await["cluster"];
    let [offline] = cluster["offline_partitions"]
        .as_array()
        .expect("rows")
        .as_slice()
    else {
        panic!("one of three partitions was on the third broker: {cluster}")
    };
    assert_eq!(
        (&offline["topic"], &offline["replicas"]),
        (&json!(lost), &json!([3]))
    );
    let behind = &cluster["under_replicated_partitions"];
    assert_eq!(behind[0]["topic"], thin, "{cluster}");
    assert_eq!(behind[0]["missing_replicas"], json!([3]));
    assert_eq!(
        (
            &cluster["under_replicated_partitions_count"],
            &cluster["hidden_partition_count"]
        ),
        (&json!(2), &json!(1))
    );
    assert!(!cluster.to_string().contains(&secret), "{cluster}");
    assert_eq!(cluster["health_status"], "critical");
}

#[tokio::test]
async fn a_poll_stays_small_however_many_partitions_are_behind() {
    let kafka = FakeCluster::start(1).await;
    let topic = kafka.topic(200).await;
    kafka.write((0..200).map(|n| numbered(&topic, n, n))).await;
    let group = group("wide");
    let offsets: Vec<_> = (0..200).map(|partition| (partition, 0)).collect();
    commit(&kafka, &group, &topic, &offsets).await;
    let client = connect(&kafka).await;
    let arguments = json!({"include_lag": true, "group_id": group.as_str()});
    let snapshot = client.result("poll_cluster", arguments).await;
    assert!(snapshot.to_string().len() < 24_000);
    let listed = snapshot["lag"]["partitions"]
        .as_array()
        .expect("rows")
        .len();
    assert!(listed >= 50, "{listed}");
    assert_eq!(snapshot["lag"]["partition_count"], 200);
    assert_eq!(snapshot["omitted"], 200 - listed);
}

async fn connect(kafka: &KafkaAccess) -> McpClient {
    McpClient::connect(Transport::Http, &[("KAFKA_BROKERS", kafka.brokers())]).await
}
