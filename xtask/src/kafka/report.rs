//! The answers of the commands, for people and for scripts.

use std::fmt::Write as _;
use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde_json::{Value, json};

use super::cluster::Up;
use super::state::{Cluster, ClusterDirectory};
use super::status::{External, Status};

/// Returns the `export` lines that point tests to a cluster.
pub(crate) fn exports(brokers: &str, state: Option<&Path>) -> String {
    let mut text = format!("export KAFKA_TEST_BROKERS={}\n", quoted(brokers));
    if let Some(state) = state {
        let _ = writeln!(
            text,
            "export KAFKA_TEST_STATE={}",
            quoted(&state.to_string_lossy())
        );
    }
    text
}

/// Tells what `up` and `start` have done.
pub(crate) fn up(directory: &ClusterDirectory, up: &Up) -> String {
    let Up {
        cluster,
        started_in,
    } = up;
    let outcome = started_in.map_or_else(
        || "was already up".to_owned(),
        |time| format!("is up after {}", seconds(time)),
    );
    format!(
        "cluster {}: Kafka {}, {} node(s), {outcome}\n{}\n{}\n{}",
        cluster.name,
        cluster.version,
        cluster.nodes.len(),
        description(cluster),
        exports(cluster.brokers(), Some(&directory.state_file())),
        next_steps(cluster)
    )
}

/// How to go on, with a cluster that has no topics unless it was asked for some.
fn next_steps(cluster: &Cluster) -> String {
    let name = match cluster.name.as_str() {
        "dev" => String::new(),
        name => format!(" --name {name}"),
    };
    let brokers = quoted(cluster.brokers());
    format!(
        "A topic to write to:  cargo xtask kafka up{name} --topic orders:6\n\
         The server beside it: KAFKA_BROKERS={brokers} MCP_TRANSPORT=http cargo run --release\n\
         And the end of it:    cargo xtask kafka down{name}\n"
    )
}

/// Tells scripts what `up` and `start` have done.
pub(crate) fn up_json(directory: &ClusterDirectory, up: &Up) -> Value {
    json!({
        "already_up": up.started_in.is_none(),
        "started_in_ms": up.started_in.map(|time| time.as_millis()),
        "environment": environment(directory, &up.cluster),
        "cluster": up.cluster,
    })
}

/// Tells how a cluster is.
pub(crate) fn status(directory: &ClusterDirectory, status: &Status) -> String {
    let mut text = String::new();
    match &status.cluster {
        Some(cluster) => {
            let outcome = if status.up {
                "is up"
            } else {
                "is not complete"
            };
            let _ = writeln!(
                text,
                "cluster {}: Kafka {}, {} node(s), {outcome}",
                cluster.name,
                cluster.version,
                cluster.nodes.len()
            );
            for node in &status.nodes {
                let _ = writeln!(
                    text,
                    "  node {}         {}, {}, {}",
                    node.id,
                    node.plaintext,
                    match node.pid.filter(|_| node.running) {
                        Some(pid) => format!("process {pid}"),
                        None => "not running".to_owned(),
                    },
                    if node.listed {
                        "listed in Metadata"
                    } else {
                        "not listed in Metadata"
                    },
                );
            }
            let _ = write!(
                text,
                "{}\n{}",
                description(cluster),
                exports(cluster.brokers(), Some(&directory.state_file()))
            );
        }
        None => {
            let name = directory.name();
            let _ = writeln!(
                text,
                "cluster {name}: there is none; `cargo xtask kafka up --name {name}` makes it"
            );
        }
    }
    if let Some(external) = &status.external {
        text.push_str(&outside(external));
    }
    text
}

/// Tells scripts how a cluster is.
pub(crate) fn status_json(directory: &ClusterDirectory, status: &Status) -> Value {
    #[derive(Serialize)]
    struct Answer<'a> {
        environment: Option<Value>,
        #[serde(flatten)]
        status: &'a Status,
    }
    let environment = status
        .cluster
        .as_ref()
        .map(|cluster| environment(directory, cluster));
    json!(Answer {
        environment,
        status
    })
}

fn environment(directory: &ClusterDirectory, cluster: &Cluster) -> Value {
    json!({
        "KAFKA_TEST_BROKERS": cluster.brokers(),
        "KAFKA_TEST_STATE": directory.state_file(),
    })
}

fn description(cluster: &Cluster) -> String {
    let mut text = String::new();
    for (listener, addresses) in &cluster.listeners {
        let _ = writeln!(text, "  {:<14} {addresses}", listener.name());
    }
    let users: Vec<_> = cluster
        .users
        .iter()
        .map(|user| format!("{}/{}", user.name, user.password))
        .collect();
    let _ = writeln!(text, "  {:<14} {}", "SASL users", users.join("  "));
    let tls = cluster.tls.ca.parent().unwrap_or(Path::new(""));
    let _ = writeln!(text, "  {:<14} {}", "certificates", tls.display());
    text
}

fn outside(external: &External) -> String {
    let mut text = format!("KAFKA_TEST_BROKERS={}\n", external.bootstrap);
    for address in &external.reachable {
        let _ = writeln!(text, "  {address}: reachable");
    }
    for (address, error) in &external.unreachable {
        let _ = writeln!(text, "  {address}: not reachable: {error}");
    }
    for (id, address) in &external.brokers {
        let _ = writeln!(text, "  broker {id} at {address}");
    }
    text
}

fn seconds(time: Duration) -> String {
    format!("{:.1} s", time.as_secs_f64())
}

/// Quotes a value for a POSIX shell if it needs that.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:,".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::exports;

    #[test]
    fn exports_survive_a_shell() {
        let text = exports("127.0.0.1:1,localhost:2", Some(Path::new("/a b/it's.json")));

        assert_eq!(
            text,
            "export KAFKA_TEST_BROKERS=127.0.0.1:1,localhost:2\n\
             export KAFKA_TEST_STATE='/a b/it'\\''s.json'\n"
        );
    }
}
