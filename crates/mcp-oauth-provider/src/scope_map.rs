//! Which names of a provider stand for which scopes of ours.

use std::str::FromStr;

use mcp_oauth_token::Scope;

use crate::Grants;

/// Maps the scopes, roles and groups of a provider to scopes of this server.
///
/// Its text form is a comma-separated list of `name=scope`, where `name` is a scope of the
/// provider, or a role or a group behind `role:` or `group:`:
///
/// ```
/// let map: mcp_oauth_provider::ScopeMap =
///     "kafka.read=kafka:read,role:Kafka.Admin=kafka:admin,group:ops=kafka:write".parse()?;
/// # Ok::<(), mcp_oauth_provider::InvalidScopeMap>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeMap(Vec<Entry>);

impl ScopeMap {
    /// The scopes of ours that it maps to.
    pub(crate) fn targets(&self) -> impl Iterator<Item = &Scope> {
        self.0.iter().map(|entry| &entry.target)
    }

    /// What it makes of the names in a token.
    pub(crate) fn mapped(&self, grants: Grants<'_>) -> impl Iterator<Item = &Scope> {
        let is_granted = move |entry: &&Entry| {
            let (names, wanted) = match &entry.source {
                Source::Group(name) => (grants.groups, name),
                Source::Role(name) => (grants.roles, name),
                Source::Scope(name) => (grants.scopes, name),
            };
            names.contains(wanted)
        };
        self.0.iter().filter(is_granted).map(|entry| &entry.target)
    }

    /// The scopes of the provider that stand for `target`.
    pub(crate) fn scopes_for(&self, target: &Scope) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(move |entry| match &entry.source {
            Source::Scope(name) if entry.target == *target => Some(name.as_str()),
            _ => None,
        })
    }
}

impl FromStr for ScopeMap {
    type Err = InvalidScopeMap;

    fn from_str(text: &str) -> Result<Self, InvalidScopeMap> {
        let entries = text
            .split(',')
            .map(str::trim)
            .filter(|entry| !entry.is_empty());
        let entries: Vec<_> = entries.map(Entry::from_str).collect::<Result<_, _>>()?;
        if entries.is_empty() {
            return Err(InvalidScopeMap {
                entry: text.to_owned(),
            });
        }
        Ok(Self(entries))
    }
}

/// A part of the text that maps nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{entry}` is not of the form name=scope, role:name=scope or group:name=scope, separated by commas"
)]
#[non_exhaustive]
pub struct InvalidScopeMap {
    /// The part.
    pub entry: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Entry {
    source: Source,
    target: Scope,
}

impl FromStr for Entry {
    type Err = InvalidScopeMap;

    fn from_str(text: &str) -> Result<Self, InvalidScopeMap> {
        let invalid = || InvalidScopeMap {
            entry: text.to_owned(),
        };
        // Scopes of providers are often URLs, which may have a `=` in them; ours have none.
        let (source, target) = text.rsplit_once('=').ok_or_else(invalid)?;
        let target = Scope::new(target.trim()).map_err(|_| invalid())?;
        let source = source.trim();
        let (kind, name): (fn(String) -> Source, _) =
            if let Some(name) = source.strip_prefix("role:") {
                (Source::Role, name)
            } else if let Some(name) = source.strip_prefix("group:") {
                (Source::Group, name)
            } else {
                Scope::new(source).map_err(|_| invalid())?;
                (Source::Scope, source)
            };
        if name.trim().is_empty() {
            return Err(invalid());
        }
        Ok(Self {
            source: kind(name.trim().to_owned()),
            target,
        })
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Source {
    Group(String),
    Role(String),
    Scope(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mapped(map: &str, scopes: &[&str], roles: &[&str], groups: &[&str]) -> Vec<String> {
        let owned = |names: &[&str]| names.iter().map(|&name| name.into()).collect::<Vec<_>>();
        let (scopes, roles, groups) = (owned(scopes), owned(roles), owned(groups));
        let grants = Grants {
            scopes: &scopes,
            roles: &roles,
            groups: &groups,
        };
        let map: ScopeMap = map.parse().unwrap();
        map.mapped(grants).map(ToString::to_string).collect()
    }

    #[test]
    fn scopes_roles_and_groups_are_told_apart() {
        let map = "ops=kafka:read, role:ops=kafka:write ,group:Kafka Ops=kafka:admin";
        assert_eq!(mapped(map, &["ops"], &[], &[]), ["kafka:read"]);
        assert_eq!(mapped(map, &[], &["ops"], &[]), ["kafka:write"]);
        assert_eq!(mapped(map, &[], &[], &["Kafka Ops"]), ["kafka:admin"]);
        assert!(mapped(map, &["Kafka Ops"], &["Kafka Ops"], &["ops"]).is_empty());
    }

    #[test]
    fn a_name_may_hold_an_equals_sign() {
        let map = "https://example.com/?a=b=kafka:read";
        assert_eq!(
            mapped(map, &["https://example.com/?a=b"], &[], &[]),
            ["kafka:read"]
        );
    }

    #[test]
    fn what_maps_nothing_is_refused_and_quoted() {
        for (map, quoted) in [
            ("", ""),
            ("a", "a"),
            ("a=kafka:read,b", "b"),
            ("=kafka:read", "=kafka:read"),
            ("role:=kafka:read", "role:=kafka:read"),
            ("group: =kafka:read", "group: =kafka:read"),
            ("a b=kafka:read", "a b=kafka:read"),
            ("a=", "a="),
            ("a=kafka read", "a=kafka read"),
        ] {
            let error = map.parse::<ScopeMap>().unwrap_err();
            assert_eq!(error.entry, quoted, "{map}");
        }
    }
}
