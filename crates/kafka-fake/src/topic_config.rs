//! The settings that topics have, with their defaults in Apache Kafka 4.4.

/// A setting of topics.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TopicConfig {
    pub(crate) name: &'static str,
    pub(crate) default: &'static str,
    pub(crate) kind: Kind,
    /// The setting of brokers that it has its default from.
    pub(crate) broker: Option<&'static str>,
}

/// What the values of a setting look like; the numbers are those of DescribeConfigs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Boolean = 1,
    String = 2,
    Int = 3,
    Long = 5,
    Double = 6,
    List = 7,
}

/// Checks a setting that somebody asks for; the error says why it is refused.
pub(crate) fn check(name: &str, value: &str) -> Result<(), String> {
    let config = ALL.iter().find(|config| config.name == name);
    let config = config.ok_or_else(|| format!("unknown topic config name: {name}"))?;
    let is_valid = match config.kind {
        Kind::Boolean => matches!(value, "true" | "false"),
        Kind::Int => value.parse::<i32>().is_ok(),
        Kind::Long => value.parse::<i64>().is_ok(),
        Kind::Double => value.parse::<f64>().is_ok(),
        Kind::List | Kind::String => true,
    };
    let is_valid = is_valid
        && match name {
            "cleanup.policy" => value
                .split(',')
                .all(|policy| matches!(policy.trim(), "compact" | "delete")),
            "compression.type" => matches!(
                value,
                "producer" | "uncompressed" | "gzip" | "lz4" | "snappy" | "zstd"
            ),
            "max.message.bytes" | "message.timestamp.after.max.ms" => !value.starts_with('-'),
            "message.timestamp.type" => matches!(value, "CreateTime" | "LogAppendTime"),
            "min.insync.replicas" => value.parse().is_ok_and(|count: i32| count > 0),
            _ => true,
        };
    if !is_valid {
        return Err(format!("invalid value {value:?} for {name}"));
    }
    Ok(())
}

/// The default of a setting, if there is such a setting.
pub(crate) fn default(name: &str) -> Option<&'static str> {
    let config = ALL.iter().find(|config| config.name == name);
    config.map(|config| config.default)
}

/// A setting whose default no setting of brokers changes.
const fn own(name: &'static str, default: &'static str, kind: Kind) -> TopicConfig {
    TopicConfig {
        name,
        default,
        kind,
        broker: None,
    }
}

/// A setting whose default is the setting of the broker that is called `broker`.
const fn shared(
    name: &'static str,
    default: &'static str,
    kind: Kind,
    broker: &'static str,
) -> TopicConfig {
    TopicConfig {
        name,
        default,
        kind,
        broker: Some(broker),
    }
}

/// All of them, sorted by name.
pub(crate) const ALL: &[TopicConfig] = &[
    shared("cleanup.policy", "delete", Kind::List, "log.cleanup.policy"),
    shared(
        "compression.gzip.level",
        "-1",
        Kind::Int,
        "compression.gzip.level",
    ),
    shared(
        "compression.lz4.level",
        "9",
        Kind::Int,
        "compression.lz4.level",
    ),
    shared(
        "compression.type",
        "producer",
        Kind::String,
        "compression.type",
    ),
    shared(
        "compression.zstd.level",
        "3",
        Kind::Int,
        "compression.zstd.level",
    ),
    shared(
        "delete.retention.ms",
        "86400000",
        Kind::Long,
        "log.cleaner.delete.retention.ms",
    ),
    own(
        "errors.deadletterqueue.group.enable",
        "false",
        Kind::Boolean,
    ),
    shared(
        "file.delete.delay.ms",
        "60000",
        Kind::Long,
        "log.segment.delete.delay.ms",
    ),
    shared(
        "flush.messages",
        "9223372036854775807",
        Kind::Long,
        "log.flush.interval.messages",
    ),
    own("flush.ms", "9223372036854775807", Kind::Long),
    own("follower.replication.throttled.replicas", "", Kind::List),
    shared(
        "index.interval.bytes",
        "4096",
        Kind::Int,
        "log.index.interval.bytes",
    ),
    own("leader.replication.throttled.replicas", "", Kind::List),
    shared(
        "local.retention.bytes",
        "-2",
        Kind::Long,
        "log.local.retention.bytes",
    ),
    shared(
        "local.retention.ms",
        "-2",
        Kind::Long,
        "log.local.retention.ms",
    ),
    shared(
        "max.compaction.lag.ms",
        "9223372036854775807",
        Kind::Long,
        "log.cleaner.max.compaction.lag.ms",
    ),
    shared(
        "max.decompressed.message.bytes",
        "2147483639",
        Kind::Int,
        "max.decompressed.message.bytes",
    ),
    shared(
        "max.message.bytes",
        "1048588",
        Kind::Int,
        "message.max.bytes",
    ),
    shared(
        "message.timestamp.after.max.ms",
        "3600000",
        Kind::Long,
        "log.message.timestamp.after.max.ms",
    ),
    shared(
        "message.timestamp.before.max.ms",
        "9223372036854775807",
        Kind::Long,
        "log.message.timestamp.before.max.ms",
    ),
    shared(
        "message.timestamp.type",
        "CreateTime",
        Kind::String,
        "log.message.timestamp.type",
    ),
    shared(
        "min.cleanable.dirty.ratio",
        "0.5",
        Kind::Double,
        "log.cleaner.min.cleanable.ratio",
    ),
    shared(
        "min.compaction.lag.ms",
        "0",
        Kind::Long,
        "log.cleaner.min.compaction.lag.ms",
    ),
    shared("min.insync.replicas", "1", Kind::Int, "min.insync.replicas"),
    shared("preallocate", "false", Kind::Boolean, "log.preallocate"),
    shared(
        "remote.copy.lag.bytes",
        "-1",
        Kind::Long,
        "log.remote.copy.lag.bytes",
    ),
    shared(
        "remote.copy.lag.ms",
        "0",
        Kind::Long,
        "log.remote.copy.lag.ms",
    ),
    own("remote.log.copy.disable", "false", Kind::Boolean),
    own("remote.log.delete.on.disable", "false", Kind::Boolean),
    own("remote.storage.enable", "false", Kind::Boolean),
    shared("retention.bytes", "-1", Kind::Long, "log.retention.bytes"),
    own("retention.ms", "604800000", Kind::Long),
    shared(
        "segment.bytes",
        "1073741824",
        Kind::Int,
        "log.segment.bytes",
    ),
    shared(
        "segment.index.bytes",
        "10485760",
        Kind::Int,
        "log.index.size.max.bytes",
    ),
    own("segment.jitter.ms", "0", Kind::Long),
    own("segment.ms", "604800000", Kind::Long),
    shared(
        "unclean.leader.election.enable",
        "false",
        Kind::Boolean,
        "unclean.leader.election.enable",
    ),
];

/// How DescribeConfigs and CreateTopics call a value that was set for the topic.
pub(crate) const SOURCE_TOPIC: i8 = 1;

/// How they call a default.
pub(crate) const SOURCE_DEFAULT: i8 = 5;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_is_valid() {
        for config in ALL {
            assert_eq!(
                check(config.name, config.default),
                Ok(()),
                "{}",
                config.name
            );
        }
        assert!(ALL.is_sorted_by_key(|config| config.name));
    }

    #[test]
    fn values_of_another_kind_and_unknown_names_are_refused() {
        for (name, value) in [
            ("retention.ms", "a week"),
            ("preallocate", "yes"),
            ("cleanup.policy", "shred"),
            ("min.insync.replicas", "0"),
            ("no.such.config", "1"),
        ] {
            assert!(check(name, value).is_err(), "{name}={value}");
        }
    }
}
