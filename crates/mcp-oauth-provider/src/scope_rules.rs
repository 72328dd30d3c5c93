//! Which scopes of ours a token has.

use mcp_oauth_token::{Scope, ScopeSet};

use crate::ScopeMap;

/// Says which scopes of this server a token has, from the names that its provider put into it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct ScopeRules {
    /// The scopes of this server. Each contains all those before it.
    pub ladder: Vec<Scope>,
    /// What names of the provider stand for. With a map, a token has what is mapped and what names
    /// our own scopes, and nothing else.
    pub map: Option<ScopeMap>,
    /// What a token has that names no scope of ours, where there is no map.
    pub default: ScopeSet,
}

impl ScopeRules {
    /// Rules where names of our own count, and nothing else.
    #[must_use]
    pub fn new(ladder: Vec<Scope>) -> Self {
        Self {
            ladder,
            ..Self::default()
        }
    }

    /// The scopes of a token with `grants`, with all that they contain.
    #[must_use]
    pub fn resolve(&self, grants: Grants<'_>) -> ScopeSet {
        let is_granted = |scope: &&Scope| grants.scopes.iter().any(|name| name == scope.as_str());
        let own = self.ladder.iter().filter(is_granted);
        let resolved: ScopeSet = match &self.map {
            Some(map) => own.chain(map.mapped(grants)).cloned().collect(),
            None => own.cloned().collect(),
        };
        if resolved.is_empty() && self.map.is_none() {
            return self.expand(&self.default);
        }
        self.expand(&resolved)
    }

    /// `scopes` with all that they contain.
    #[must_use]
    pub fn expand(&self, scopes: &ScopeSet) -> ScopeSet {
        let highest = self.ladder.iter().rposition(|scope| scopes.contains(scope));
        let contained = highest.map_or(0, |rung| rung + 1);
        let contained = self.ladder.iter().take(contained);
        scopes.iter().chain(contained).cloned().collect()
    }

    /// What of `scopes` is among `others`, with all that both contain. It is `scopes` itself, if
    /// that is all.
    #[must_use]
    pub fn common(&self, scopes: &ScopeSet, others: &ScopeSet) -> ScopeSet {
        let others = self.expand(others);
        if others.contains_all(scopes) {
            return scopes.clone();
        }
        let scopes = self.expand(scopes);
        let common = scopes.iter().filter(|scope| others.contains(scope));
        common.cloned().collect()
    }

    /// The names of the provider that a client asks for to get `scopes`: those that the map turns
    /// into them, or else into the next higher scope for which there are some.
    pub(crate) fn names_for(&self, scopes: &ScopeSet) -> Vec<&str> {
        let Some(map) = &self.map else {
            return Vec::new();
        };
        let mut names = Vec::new();
        for scope in scopes.iter() {
            let rung = self.ladder.iter().position(|rung| rung == scope);
            let higher = rung.map_or(&[][..], |rung| self.ladder.get(rung..).unwrap_or_default());
            let found = higher
                .iter()
                .map(|scope| map.scopes_for(scope).collect::<Vec<_>>())
                .find(|names| !names.is_empty());
            names.extend(found.unwrap_or_default());
        }
        names
    }
}

/// What a provider granted, in its own names.
#[derive(Clone, Copy, Debug, Default)]
#[expect(
    clippy::exhaustive_structs,
    reason = "these are the three kinds of grants that there are"
)]
pub struct Grants<'a> {
    /// The scopes.
    pub scopes: &'a [String],
    /// The roles.
    pub roles: &'a [String],
    /// The groups.
    pub groups: &'a [String],
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(map: Option<&str>, default: &str) -> ScopeRules {
        let ladder = ["kafka:read", "kafka:write", "kafka:admin"];
        let mut rules = ScopeRules::new(ladder.map(|name| Scope::new(name).unwrap()).into());
        rules.map = map.map(|map| map.parse().unwrap());
        rules.default = default.parse().unwrap();
        rules
    }

    fn resolved(rules: &ScopeRules, scopes: &[&str], roles: &[&str]) -> String {
        let owned = |names: &[&str]| names.iter().map(|&name| name.into()).collect::<Vec<_>>();
        let grants = Grants {
            scopes: &owned(scopes),
            roles: &owned(roles),
            groups: &[],
        };
        rules.resolve(grants).to_string()
    }

    #[test]
    fn a_scope_contains_those_before_it() {
        let rules = rules(None, "");
        for (granted, has) in [
            ("kafka:read", "kafka:read"),
            ("kafka:write", "kafka:read kafka:write"),
            ("kafka:admin", "kafka:admin kafka:read kafka:write"),
        ] {
            assert_eq!(resolved(&rules, &[granted], &[]), has);
        }
    }

    #[test]
    fn two_sets_have_in_common_what_both_contain() {
        let rules = rules(None, "");
        for (scopes, others, common) in [
            ("kafka:write", "kafka:write", "kafka:write"),
            ("kafka:read", "kafka:admin", "kafka:read"),
            ("kafka:admin", "kafka:write", "kafka:read kafka:write"),
            ("kafka:read other", "other", "other"),
            ("kafka:read", "", ""),
            ("", "kafka:read", ""),
        ] {
            let [a, b] = [scopes, others].map(|names| names.parse().unwrap());
            assert_eq!(
                rules.common(&a, &b).to_string(),
                common,
                "{scopes}, {others}"
            );
        }
    }

    #[test]
    fn the_default_is_for_tokens_that_name_no_scope_of_ours() {
        let rules = rules(None, "kafka:read");
        assert_eq!(resolved(&rules, &["openid", "profile"], &[]), "kafka:read");
        assert_eq!(resolved(&rules, &[], &[]), "kafka:read");
        assert_eq!(
            resolved(&rules, &["kafka:write"], &[]),
            "kafka:read kafka:write"
        );
    }

    // A configured map means that the operator decided who gets what: the default is no way round.
    #[test]
    fn with_a_map_there_is_no_default() {
        let rules = rules(
            Some("reader=kafka:read,role:Boss=kafka:admin"),
            "kafka:admin",
        );
        assert_eq!(resolved(&rules, &["openid"], &["Clerk"]), "");
        assert_eq!(resolved(&rules, &["reader"], &[]), "kafka:read");
        assert_eq!(
            resolved(&rules, &[], &["Boss"]),
            "kafka:admin kafka:read kafka:write"
        );
        assert_eq!(
            resolved(&rules, &["kafka:write"], &[]),
            "kafka:read kafka:write"
        );
    }

    #[test]
    fn roles_do_not_count_as_scopes() {
        assert_eq!(resolved(&rules(None, ""), &[], &["kafka:admin"]), "");
    }

    #[test]
    fn names_to_ask_for_are_those_mapped_to_the_scope_or_the_next_higher() {
        let rules = rules(Some("w1=kafka:write,w2=kafka:write,role:x=kafka:read"), "");
        assert_eq!(
            rules.names_for(&"kafka:read".parse().unwrap()),
            ["w1", "w2"]
        );
        assert!(rules.names_for(&"kafka:admin".parse().unwrap()).is_empty());
        assert!(rules.names_for(&"other".parse().unwrap()).is_empty());
    }
}
