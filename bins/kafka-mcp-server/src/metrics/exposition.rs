//! The text that Prometheus reads (exposition format 0.0.4).

use std::{
    fmt::{self, Display, Write},
    sync::atomic::Ordering,
};

use mcp_oauth_provider::Provider;

use super::{Metrics, identity, lock, process::Process};

impl Metrics {
    /// All counters as text, with those of the identity provider, if there is one, and with how many
    /// streams are open.
    pub(crate) fn exposition(&self, provider: Option<&Provider>, open_streams: usize) -> String {
        let mut text = Exposition(String::with_capacity(4096));
        self.write_calls(&mut text);
        self.write_http(&mut text);
        let help = "Open streams of updates.";
        text.single("kafka_mcp_streams", "gauge", help, open_streams);
        if let Some(provider) = provider {
            self.write_validations(&mut text);
            self.write_logins(&mut text);
            identity::write(provider, &mut text);
        }
        self.write_process(&mut text);
        text.0
    }

    fn write_calls(&self, text: &mut Exposition) {
        let calls = lock(&self.calls);
        text.head(
            "kafka_mcp_calls_total",
            "counter",
            "Calls that ended, by outcome.",
        );
        for ((kind, name), stats) in calls.iter() {
            for (outcome, count) in &stats.outcomes {
                let labels = [("kind", *kind), ("name", *name), ("outcome", *outcome)];
                text.sample("kafka_mcp_calls_total", &labels, count);
            }
        }
        let name = "kafka_mcp_call_duration_seconds";
        text.head(name, "histogram", "How long calls took.");
        for ((kind, call), stats) in calls.iter() {
            let labels = [("kind", *kind), ("name", *call)];
            for (bound, count) in stats.durations.cumulative() {
                let bound = if bound.is_finite() {
                    bound.to_string()
                } else {
                    "+Inf".to_owned()
                };
                let labels = [labels[0], labels[1], ("le", bound.as_str())];
                text.sample(&format!("{name}_bucket"), &labels, count);
            }
            text.sample(&format!("{name}_sum"), &labels, stats.durations.sum());
            text.sample(&format!("{name}_count"), &labels, stats.durations.count());
        }
        drop(calls);
        let name = "kafka_mcp_kafka_errors_total";
        text.head(
            name,
            "counter",
            "Calls that failed with an error of a broker.",
        );
        for (error, count) in lock(&self.kafka_errors).iter() {
            text.sample(name, &[("kafka_error", *error)], count);
        }
        let read = self.bytes_read.load(Ordering::Relaxed);
        text.single(
            "kafka_mcp_bytes_read_total",
            "counter",
            "Bytes of records read.",
            read,
        );
        let written = self.bytes_written.load(Ordering::Relaxed);
        text.single(
            "kafka_mcp_bytes_written_total",
            "counter",
            "Bytes of records written.",
            written,
        );
    }

    fn write_http(&self, text: &mut Exposition) {
        let name = "kafka_mcp_http_requests_total";
        text.head(name, "counter", "HTTP requests that were answered.");
        for ((route, status), count) in lock(&self.requests).iter() {
            let status = status.to_string();
            text.sample(
                name,
                &[("route", *route), ("status", status.as_str())],
                count,
            );
        }
        let open = self.connections_open.load(Ordering::Relaxed);
        text.single(
            "kafka_mcp_http_connections",
            "gauge",
            "Open HTTP connections.",
            open,
        );
        let total = self.connections_total.load(Ordering::Relaxed);
        let name = "kafka_mcp_http_connections_total";
        text.single(name, "counter", "HTTP connections accepted.", total);
    }

    fn write_process(&self, text: &mut Exposition) {
        text.head(
            "kafka_mcp_build_info",
            "gauge",
            "The version of the server.",
        );
        text.sample(
            "kafka_mcp_build_info",
            &[("version", env!("CARGO_PKG_VERSION"))],
            1,
        );
        let process = Process::sample();
        for (name, help, value) in [
            (
                "process_resident_memory_bytes",
                "Resident memory.",
                process.resident_bytes,
            ),
            (
                "process_open_fds",
                "Open file descriptors.",
                process.open_fds,
            ),
            (
                "process_max_fds",
                "The limit of open file descriptors.",
                process.max_fds,
            ),
        ] {
            if let Some(value) = value {
                text.single(name, "gauge", help, value);
            }
        }
        let name = "process_start_time_seconds";
        text.single(
            name,
            "gauge",
            "Start of the process since 1970.",
            self.started_at,
        );
    }
}

/// Text in the making.
pub(super) struct Exposition(String);

impl Exposition {
    pub(super) fn head(&mut self, name: &str, kind: &str, help: &str) {
        self.line(format_args!("# HELP {name} {help}\n# TYPE {name} {kind}"));
    }

    pub(super) fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.line(format_args!("{name}{} {value}", Labels(labels)));
    }

    pub(super) fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.head(name, kind, help);
        self.sample(name, &[], value);
    }

    fn line(&mut self, line: fmt::Arguments<'_>) {
        // Writing to a string does not fail.
        let _ = writeln!(self.0, "{line}");
    }
}

struct Labels<'a>(&'a [(&'a str, &'a str)]);

impl Display for Labels<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, (name, value)) in self.0.iter().enumerate() {
            let opening = if position == 0 { '{' } else { ',' };
            let value = value
                .replace('\\', r"\\")
                .replace('"', "\\\"")
                .replace('\n', r"\n");
            write!(f, "{opening}{name}=\"{value}\"")?;
        }
        if self.0.is_empty() {
            Ok(())
        } else {
            f.write_char('}')
        }
    }
}
