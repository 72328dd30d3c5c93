use super::*;

fn call(name: &'static str, outcome: &'static str) -> Metrics {
    let metrics = Metrics::new(1.5);
    metrics.call_finished(Call {
        kind: "tool",
        name,
        outcome,
        kafka_error: Some("UNKNOWN_TOPIC_OR_PARTITION"),
        duration: Duration::from_millis(3),
        bytes_read: 7,
        bytes_written: 0,
    });
    metrics
}

#[test]
fn a_call_shows_in_every_counter() {
    let text = call("list_topics", "unknown_topic").exposition(None, 3);
    for line in [
        r#"kafka_mcp_calls_total{kind="tool",name="list_topics",outcome="unknown_topic"} 1"#,
        r#"kafka_mcp_call_duration_seconds_bucket{kind="tool",name="list_topics",le="0.0025"} 0"#,
        r#"kafka_mcp_call_duration_seconds_bucket{kind="tool",name="list_topics",le="0.005"} 1"#,
        r#"kafka_mcp_call_duration_seconds_bucket{kind="tool",name="list_topics",le="+Inf"} 1"#,
        r#"kafka_mcp_call_duration_seconds_sum{kind="tool",name="list_topics"} 0.003"#,
        r#"kafka_mcp_call_duration_seconds_count{kind="tool",name="list_topics"} 1"#,
        r#"kafka_mcp_kafka_errors_total{kafka_error="UNKNOWN_TOPIC_OR_PARTITION"} 1"#,
        "kafka_mcp_bytes_read_total 7",
        "kafka_mcp_streams 3",
        "process_start_time_seconds 1.5",
    ] {
        assert!(text.lines().any(|actual| actual == line), "{line}\n{text}");
    }
}

#[test]
fn connections_are_open_until_they_are_dropped() {
    let metrics = Metrics::new(0.0);
    let first = metrics.connection_opened();
    let second = metrics.connection_opened();
    drop(first);
    let text = metrics.exposition(None, 3);
    assert!(text.contains("\nkafka_mcp_http_connections 1\n"), "{text}");
    assert!(
        text.contains("\nkafka_mcp_http_connections_total 2\n"),
        "{text}"
    );
    drop(second);
}

#[test]
fn every_sample_has_a_type_and_a_number() {
    let metrics = call("quote\"\\\n", "ok");
    metrics.request_answered("/mcp", 200);
    let text = metrics.exposition(None, 3);
    assert!(text.contains(r#"name="quote\"\\\n""#), "{text}");
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let (series, value) = line.rsplit_once(' ').unwrap();
        assert!(value.parse::<f64>().is_ok(), "{line}");
        let name = series.split('{').next().unwrap();
        let family = ["_bucket", "_sum", "_count"]
            .iter()
            .find_map(|suffix| {
                name.strip_suffix(suffix)
                    .filter(|n| n.ends_with("_seconds"))
            })
            .unwrap_or(name);
        assert!(text.contains(&format!("# TYPE {family} ")), "{line}");
    }
}
