//! Changes to the settings of a topic.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    ErrorCode,
    topic_config::{self, Kind},
};

/// What is to become of a setting (KIP-339).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ConfigChange {
    /// These are added to a list.
    Append(String),
    Reset,
    Set(String),
    /// These are taken out of a list.
    Subtract(String),
}

/// Settings after some changes, if all of these make sense.
pub(crate) fn apply(
    set: &BTreeMap<String, String>,
    changes: &[(String, ConfigChange)],
) -> Result<BTreeMap<String, String>, (ErrorCode, String)> {
    let mut seen = BTreeSet::new();
    let mut after = set.clone();
    for (name, change) in changes {
        if !seen.insert(name) {
            let reason = format!("{name} is changed more than once");
            return Err((ErrorCode::INVALID_REQUEST, reason));
        }
        let value = match change {
            ConfigChange::Reset => {
                after.remove(name);
                continue;
            }
            ConfigChange::Set(value) => value.clone(),
            ConfigChange::Append(items) => {
                let mut list = list(set, name)?;
                let new = items.split(',').filter(|item| !item.is_empty());
                let new: Vec<String> = new.map(str::to_owned).collect();
                list.extend(
                    new.into_iter()
                        .filter(|item| !list.contains(item))
                        .collect::<Vec<_>>(),
                );
                list.join(",")
            }
            ConfigChange::Subtract(items) => {
                let mut list = list(set, name)?;
                list.retain(|item| !items.split(',').any(|gone| gone == item));
                list.join(",")
            }
        };
        topic_config::check(name, &value).map_err(|reason| (ErrorCode::INVALID_CONFIG, reason))?;
        after.insert(name.clone(), value);
    }
    Ok(after)
}

/// The items of a setting that is a list.
fn list(set: &BTreeMap<String, String>, name: &str) -> Result<Vec<String>, (ErrorCode, String)> {
    let config = topic_config::ALL.iter().find(|config| config.name == name);
    let Some(config) = config.filter(|config| config.kind == Kind::List) else {
        let reason = format!("{name} is not a list");
        return Err((ErrorCode::INVALID_CONFIG, reason));
    };
    let value = set.get(name).map_or(config.default, String::as_str);
    let items = value.split(',').filter(|item| !item.is_empty());
    Ok(items.map(str::to_owned).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_grow_and_shrink_from_what_is_set_or_the_default() {
        let set = BTreeMap::new();
        let change = |set: &BTreeMap<_, _>, change| {
            let changes = [("cleanup.policy".to_owned(), change)];
            apply(set, &changes).unwrap()
        };
        let both = change(&set, ConfigChange::Append("compact,delete".to_owned()));
        assert_eq!(both["cleanup.policy"], "delete,compact");
        let one = change(&both, ConfigChange::Subtract("delete".to_owned()));
        assert_eq!(one["cleanup.policy"], "compact");
        assert_eq!(change(&one, ConfigChange::Reset), set);
    }

    #[test]
    fn nothing_changes_if_anything_makes_no_sense() {
        let set = BTreeMap::from([("retention.ms".to_owned(), "5".to_owned())]);
        let to = |value: &str| ConfigChange::Set(value.to_owned());
        for (name, change, code) in [
            ("retention.ms", to("a week"), ErrorCode::INVALID_CONFIG),
            ("no.such.config", to("1"), ErrorCode::INVALID_CONFIG),
            (
                "retention.ms",
                ConfigChange::Append("1".to_owned()),
                ErrorCode::INVALID_CONFIG,
            ),
            ("segment.ms", to("2"), ErrorCode::INVALID_REQUEST),
        ] {
            let changes = [
                ("segment.ms".to_owned(), to("1")),
                (name.to_owned(), change),
            ];
            assert_eq!(apply(&set, &changes).unwrap_err().0, code, "{name}");
        }
    }
}
