//! Which topics or groups callers may see.

use std::{fmt, sync::Arc};

use globset::{Glob, GlobSet, GlobSetBuilder};

/// Allow and deny globs over names.
///
/// A denied name stays denied whatever else matches it. Without an allow pattern every name is
/// allowed. An internal name needs an allow pattern that spells its beginning out: `__*` opens
/// `__consumer_offsets`, `*` does not.
#[derive(Clone, Default)]
pub struct NamePatterns(Arc<Inner>);

impl NamePatterns {
    /// Compiles the patterns: `*` any text, `?` one character, `[ab]` one of, `{a,b}` either.
    ///
    /// # Errors
    ///
    /// [`PatternError`] names the first pattern that is no glob.
    pub fn new(allow: &[String], deny: &[String]) -> Result<Self, PatternError> {
        let explicit: Vec<_> = allow
            .iter()
            .filter(|pattern| !pattern.starts_with(WILDCARDS))
            .cloned()
            .collect();
        Ok(Self(Arc::new(Inner {
            allow_all: allow.is_empty(),
            allow: compile(allow)?,
            allow_internal: compile(&explicit)?,
            deny: compile(deny)?,
        })))
    }

    /// Whether callers may see `name`.
    #[must_use]
    pub fn allows(&self, name: &str, is_internal: bool) -> bool {
        let Inner {
            allow_all,
            allow,
            allow_internal,
            deny,
        } = &*self.0;
        let allowed = if is_internal {
            allow_internal.is_match(name)
        } else {
            *allow_all || allow.is_match(name)
        };
        allowed && !deny.is_match(name)
    }
}

impl fmt::Debug for NamePatterns {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("NamePatterns")
            .field("allow_all", &self.0.allow_all)
            .field("allow", &self.0.allow.len())
            .field("deny", &self.0.deny.len())
            .finish_non_exhaustive()
    }
}

/// A pattern that is no glob.
#[derive(Debug, thiserror::Error)]
#[error("'{pattern}' is no valid pattern: use *, ?, [ab] and {{a,b}}")]
#[non_exhaustive]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    #[source]
    pub source: globset::Error,
}

struct Inner {
    allow_all: bool,
    allow: GlobSet,
    allow_internal: GlobSet,
    deny: GlobSet,
}

impl Default for Inner {
    fn default() -> Self {
        let none = GlobSet::empty;
        Self {
            allow_all: true,
            allow: none(),
            allow_internal: none(),
            deny: none(),
        }
    }
}

fn compile(patterns: &[String]) -> Result<GlobSet, PatternError> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let invalid = |source| PatternError {
            pattern: pattern.clone(),
            source,
        };
        set.add(Glob::new(pattern.trim()).map_err(invalid)?);
    }
    let invalid = |source| PatternError {
        pattern: patterns.join(","),
        source,
    };
    set.build().map_err(invalid)
}

const WILDCARDS: [char; 4] = ['*', '?', '[', '{'];

#[cfg(test)]
mod tests {
    use super::*;

    fn patterns(allow: &[&str], deny: &[&str]) -> NamePatterns {
        let owned = |list: &[&str]| list.iter().map(|&s| s.to_owned()).collect::<Vec<_>>();
        NamePatterns::new(&owned(allow), &owned(deny)).unwrap()
    }

    #[test]
    fn everything_but_internal_names_is_allowed_by_default() {
        let default = NamePatterns::default();
        assert!(default.allows("orders", false));
        assert!(!default.allows("__consumer_offsets", true));
    }

    #[test]
    fn deny_wins_over_allow() {
        let patterns = patterns(&["orders.*"], &["*.secret"]);
        assert!(patterns.allows("orders.eu", false));
        assert!(!patterns.allows("orders.secret", false));
        assert!(!patterns.allows("payments", false));
    }

    #[test]
    fn internal_names_need_a_pattern_that_spells_them() {
        assert!(!patterns(&["*"], &[]).allows("__consumer_offsets", true));
        assert!(!patterns(&["{a,__*}"], &[]).allows("__consumer_offsets", true));
        assert!(patterns(&["__*"], &[]).allows("__consumer_offsets", true));
        assert!(patterns(&["*", "__consumer_offsets"], &[]).allows("__consumer_offsets", true));
        assert!(!patterns(&["__*"], &["__c*"]).allows("__consumer_offsets", true));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        let error = NamePatterns::new(&["ok".to_owned(), "[a".to_owned()], &[]).unwrap_err();
        assert!(error.to_string().contains("'[a'"), "{error}");
    }
}
