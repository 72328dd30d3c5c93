//! Scopes: what a token may be used for.

use std::{collections::BTreeSet, fmt, str::FromStr, sync::Arc};

/// One scope: a `scope-token` of RFC 6749 section 3.3.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(Arc<str>);

impl Scope {
    /// Takes a name as a scope.
    ///
    /// # Errors
    ///
    /// If it is empty, longer than 255 bytes, or has characters that no scope has.
    pub fn new(name: &str) -> Result<Self, InvalidScope> {
        // %x21 / %x23-5B / %x5D-7E: no space, quote, backslash or control character, so that a
        // scope can stand in a quoted string of a header as it is.
        let is_allowed = |byte: u8| byte.is_ascii_graphic() && byte != b'"' && byte != b'\\';
        if name.is_empty() || name.len() > MAX_BYTES || !name.bytes().all(is_allowed) {
            return Err(InvalidScope);
        }
        Ok(Self(name.into()))
    }

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for Scope {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        Self::new(text)
    }
}

/// A name that no scope can have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("is no scope of RFC 6749 section 3.3")]
#[expect(clippy::exhaustive_structs, reason = "there is nothing to add to it")]
pub struct InvalidScope;

/// A set of scopes, in order. Its text form is a space-separated list.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(BTreeSet<Scope>);

impl ScopeSet {
    /// No scope.
    #[must_use]
    pub const fn empty() -> Self {
        Self(BTreeSet::new())
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `scope` is one of them.
    #[must_use]
    pub fn contains(&self, scope: &Scope) -> bool {
        self.0.contains(scope)
    }

    /// Whether all of `needed` are among them.
    #[must_use]
    pub fn contains_all(&self, needed: &Self) -> bool {
        needed.0.is_subset(&self.0)
    }

    /// Adds a scope.
    pub fn insert(&mut self, scope: Scope) {
        self.0.insert(scope);
    }

    /// All of them, in order.
    pub fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter()
    }
}

impl fmt::Display for ScopeSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, scope) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            write!(f, "{scope}")?;
        }
        Ok(())
    }
}

/// Reads a list separated by spaces.
impl FromStr for ScopeSet {
    type Err = InvalidScope;

    fn from_str(text: &str) -> Result<Self, InvalidScope> {
        text.split(' ')
            .filter(|name| !name.is_empty())
            .map(Scope::new)
            .collect()
    }
}

impl FromIterator<Scope> for ScopeSet {
    fn from_iter<I: IntoIterator<Item = Scope>>(scopes: I) -> Self {
        Self(scopes.into_iter().collect())
    }
}

impl Extend<Scope> for ScopeSet {
    fn extend<I: IntoIterator<Item = Scope>>(&mut self, scopes: I) {
        self.0.extend(scopes);
    }
}

const MAX_BYTES: usize = 255;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_read_and_written() {
        let scopes: ScopeSet = "kafka:write  kafka:read kafka:read".parse().unwrap();
        assert_eq!(scopes.to_string(), "kafka:read kafka:write");
        assert!(scopes.contains_all(&"kafka:read".parse().unwrap()));
        assert!(
            !"kafka:read"
                .parse::<ScopeSet>()
                .unwrap()
                .contains_all(&scopes)
        );
    }

    // RFC 6749 section 3.3; a quote or a line break would end the header that a scope stands in.
    #[test]
    fn names_that_would_break_a_header_are_no_scopes() {
        for name in ["", "a b", "a\"b", "a\\b", "a\r\nb", "ä", "\u{7f}"] {
            assert_eq!(Scope::new(name), Err(InvalidScope), "{name:?}");
        }
        assert!(Scope::new(&"a".repeat(256)).is_err());
    }
}
