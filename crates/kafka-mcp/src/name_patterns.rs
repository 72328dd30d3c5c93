//! Which topics or groups callers may see.

use std::{fmt, sync::Arc};

use glob::Pattern;

/// Allow and deny globs over names.
///
/// A denied name stays denied whatever else matches it. Without an allow pattern every name is
/// allowed. An internal name needs an allow pattern that spells its beginning out: `__*` opens
/// `__consumer_offsets`, `*` does not.
#[derive(Clone, Default)]
pub struct NamePatterns(Arc<Inner>);

impl NamePatterns {
    /// Compiles the patterns: `*` any text, `?` one character, `[ab]` one of these, `[!ab]` none.
    /// Blanks around one do not count.
    ///
    /// # Errors
    ///
    /// [`PatternError`] names the first pattern that is no glob.
    pub fn new(allow: &[String], deny: &[String]) -> Result<Self, PatternError> {
        let explicit: Vec<_> = allow
            .iter()
            .filter(|pattern| !pattern.trim_start().starts_with(WILDCARDS))
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
            matches(allow_internal, name)
        } else {
            *allow_all || matches(allow, name)
        };
        allowed && !matches(deny, name)
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
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "'{pattern}' is no valid pattern: {problem}. Use *, ? and [ab], and one pattern for each alternative"
)]
#[non_exhaustive]
pub struct PatternError {
    /// The pattern.
    pub pattern: String,
    /// What is wrong with it.
    pub problem: &'static str,
}

struct Inner {
    allow_all: bool,
    allow: Vec<Pattern>,
    allow_internal: Vec<Pattern>,
    deny: Vec<Pattern>,
}

impl Default for Inner {
    fn default() -> Self {
        Self {
            allow_all: true,
            allow: Vec::new(),
            allow_internal: Vec::new(),
            deny: Vec::new(),
        }
    }
}

fn compile(patterns: &[String]) -> Result<Vec<Pattern>, PatternError> {
    let compile = |pattern: &String| {
        let invalid = |problem| PatternError {
            pattern: pattern.clone(),
            problem,
        };
        // These have a meaning in other globs. Here they would only match themselves, and a name
        // that was to be denied would be shown.
        if pattern.contains(['{', '}', '\\']) {
            return Err(invalid("braces and backslashes have no meaning"));
        }
        if pattern.contains("[^") {
            return Err(invalid("what is not to match is written [!ab]"));
        }
        Pattern::new(pattern.trim()).map_err(|error| invalid(error.msg))
    };
    patterns.iter().map(compile).collect()
}

fn matches(patterns: &[Pattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

const WILDCARDS: [char; 3] = ['*', '?', '['];

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

    // As in a list that has a blank behind each comma.
    #[test]
    fn blanks_around_a_pattern_say_nothing() {
        let patterns = patterns(&[" *"], &[" *.secret "]);
        assert!(patterns.allows("orders", false));
        assert!(!patterns.allows("__consumer_offsets", true));
        assert!(!patterns.allows("orders.secret", false));
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
        assert!(!patterns(&["[_]_*"], &[]).allows("__consumer_offsets", true));
        assert!(patterns(&["__*"], &[]).allows("__consumer_offsets", true));
        assert!(patterns(&["*", "__consumer_offsets"], &[]).allows("__consumer_offsets", true));
        assert!(!patterns(&["__*"], &["__c*"]).allows("__consumer_offsets", true));
    }

    // Ids of groups may hold anything, separators of paths too.
    #[test]
    fn a_wildcard_stands_for_any_text_in_any_case_of_letters() {
        let patterns = patterns(&["a*", "[x-z]?", "[!a-z]"], &["*/secret"]);
        for name in ["a", "a/b/.c", "aä", "z9", "Ä"] {
            assert!(patterns.allows(name, false), "{name}");
        }
        for name in ["", "AB", "b", "z", "z99", "a/secret"] {
            assert!(!patterns.allows(name, false), "{name}");
        }
    }

    #[test]
    fn a_pattern_of_many_wildcards_is_decided_at_once() {
        let slow = "a*".repeat(100) + "b";
        let patterns = patterns(&[&slow], &[]);
        assert!(!patterns.allows(&"a".repeat(10_000), false));
    }

    #[test]
    fn a_broken_pattern_is_named() {
        for broken in [
            "[a",
            "orders-{eu,us}",
            "orders-{eu",
            "a***",
            "[^a]*",
            "a\\*",
        ] {
            let error = NamePatterns::new(&["ok".to_owned(), broken.to_owned()], &[]).unwrap_err();
            assert_eq!(error.pattern, broken);
            assert!(error.to_string().contains(broken), "{error}");
            NamePatterns::new(&[], &[broken.to_owned()]).unwrap_err();
        }
    }
}
