//! What there is to say about one setting.

/// One setting. Its environment variable is its name; every other spelling follows from it.
#[derive(Debug)]
pub(crate) struct Setting {
    /// The environment variable, such as `KAFKA_BROKERS`.
    pub(crate) name: &'static str,
    /// The value when nobody gives one; `None` if it is then unset.
    pub(crate) default: Option<&'static str>,
    /// The values that are allowed, in words.
    pub(crate) allowed: &'static str,
    /// What it means, in sentences.
    pub(crate) doc: &'static str,
    /// Other environment variables that mean the same.
    pub(crate) aliases: &'static [&'static str],
    /// Whether the variables belong to the whole machine and not to this server. Then it is no
    /// mistake of its operator when they disagree: the first counts.
    pub(crate) ambient: bool,
    /// How much of the value may be shown.
    pub(crate) exposure: Exposure,
}

/// How much of a value may be shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exposure {
    /// All of it.
    Full,
    /// Nothing, and it is never taken from the command line, where every user of the machine can
    /// read it.
    Secret,
    /// It is a URL, whose user and query may be secrets.
    Url,
}

impl Setting {
    /// The key in a configuration file, such as `kafka_brokers`.
    pub(crate) fn key(&self) -> String {
        self.name.to_ascii_lowercase()
    }

    /// The flag without its dashes, such as `kafka-brokers`.
    pub(crate) fn flag(&self) -> String {
        self.key().replace('_', "-")
    }

    /// Whether the value is never shown.
    pub(crate) fn is_secret(&self) -> bool {
        self.exposure == Exposure::Secret
    }
}

/// Settings that belong together.
#[derive(Debug)]
pub(crate) struct Section {
    /// The heading in the help and the reference.
    pub(crate) title: &'static str,
    /// Its settings, in the order of the reference.
    pub(crate) settings: &'static [&'static Setting],
}
