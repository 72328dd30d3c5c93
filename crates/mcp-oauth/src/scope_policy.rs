//! Which scopes a message needs.

use std::collections::HashMap;

use mcp_oauth_token::{Principal, ScopeSet};

/// Which scopes a message needs, by its method and by the tool it calls.
///
/// Everything needs the base; a method or tool with a row of its own needs that besides.
///
/// ```
/// use mcp_oauth::ScopePolicy;
///
/// let policy = ScopePolicy::new("kafka:read".parse()?)
///     .method("logging/setLevel", "kafka:admin".parse()?)
///     .tool("produce_message", "kafka:write".parse()?);
/// assert_eq!(policy.everything(), "kafka:admin kafka:read kafka:write".parse()?);
/// # Ok::<(), mcp_oauth_token::InvalidScope>(())
/// ```
#[derive(Clone, Debug)]
pub struct ScopePolicy {
    base: ScopeSet,
    methods: HashMap<String, ScopeSet>,
    tools: HashMap<String, ScopeSet>,
    other_tools: ScopeSet,
    first_asked: Option<ScopeSet>,
}

impl ScopePolicy {
    /// A policy by which every request needs `base`, and nothing else.
    #[must_use]
    pub fn new(base: ScopeSet) -> Self {
        Self {
            base,
            methods: HashMap::new(),
            tools: HashMap::new(),
            other_tools: ScopeSet::empty(),
            first_asked: None,
        }
    }

    /// Adds what messages of a method need.
    #[must_use]
    pub fn method(mut self, method: impl Into<String>, needed: ScopeSet) -> Self {
        self.methods.insert(method.into(), needed);
        self
    }

    /// Adds what calls of a tool need.
    #[must_use]
    pub fn tool(mut self, tool: impl Into<String>, needed: ScopeSet) -> Self {
        self.tools.insert(tool.into(), needed);
        self
    }

    /// Sets what calls of tools without a row need. Default: the base.
    #[must_use]
    pub fn other_tools(mut self, needed: ScopeSet) -> Self {
        self.other_tools = needed;
        self
    }

    /// Sets what a client without a token is told to ask for. Default: everything, because few
    /// clients come back for more when a call needs it.
    #[must_use]
    pub fn first_ask_for(mut self, scopes: ScopeSet) -> Self {
        self.first_asked = Some(scopes);
        self
    }

    /// All scopes that anything needs.
    #[must_use]
    pub fn everything(&self) -> ScopeSet {
        let rows = self.methods.values().chain(self.tools.values());
        union(rows.chain([&self.base, &self.other_tools]))
    }

    /// Whether a principal may call a tool: what a list of tools is filtered by.
    #[must_use]
    pub fn lets_call(&self, principal: &Principal, tool: &str) -> bool {
        let call = [Some(&self.base), self.methods.get(TOOLS_CALL)];
        let mut needed = call.into_iter().flatten().chain([self.of_tool(tool)]);
        needed.all(|scopes| principal.may(scopes))
    }

    pub(crate) fn first_asked(&self) -> ScopeSet {
        self.first_asked
            .clone()
            .unwrap_or_else(|| self.everything())
    }

    pub(crate) const fn base(&self) -> &ScopeSet {
        &self.base
    }

    /// What a method needs besides the base.
    pub(crate) fn of_method(&self, method: &str) -> Option<&ScopeSet> {
        self.methods.get(method)
    }

    /// What a tool needs besides the base.
    pub(crate) fn of_tool(&self, tool: &str) -> &ScopeSet {
        self.tools.get(tool).unwrap_or(&self.other_tools)
    }
}

/// All scopes of several sets.
pub(crate) fn union<'a>(sets: impl IntoIterator<Item = &'a ScopeSet>) -> ScopeSet {
    sets.into_iter().flat_map(ScopeSet::iter).cloned().collect()
}

pub(crate) const TOOLS_CALL: &str = "tools/call";

#[cfg(test)]
mod tests {
    use mcp_oauth_token::{PrincipalKind, UnixTime};

    use super::*;

    fn scopes(names: &str) -> ScopeSet {
        names.parse().unwrap()
    }

    fn holder_of(names: &str) -> Principal {
        let expiry = UnixTime::from_secs(0);
        let mut principal = Principal::new("issuer", "alice", PrincipalKind::User, expiry);
        principal.scopes = scopes(names);
        principal
    }

    #[test]
    fn a_tool_needs_the_base_and_its_row() {
        let policy = ScopePolicy::new(scopes("read")).tool("produce", scopes("write"));
        assert!(policy.lets_call(&holder_of("read"), "list"));
        assert!(policy.lets_call(&holder_of("read write"), "produce"));
        assert!(!policy.lets_call(&holder_of("read"), "produce"));
        assert!(!policy.lets_call(&holder_of("write"), "produce"));
        assert!(!policy.lets_call(&holder_of(""), "list"));
    }

    #[test]
    fn tools_without_a_row_can_be_closed() {
        let policy = ScopePolicy::new(scopes("read"))
            .tool("list", scopes("read"))
            .other_tools(scopes("admin"));
        assert!(policy.lets_call(&holder_of("read"), "list"));
        assert!(!policy.lets_call(&holder_of("read"), "added_later"));
    }

    #[test]
    fn clients_are_told_to_ask_for_everything_unless_set_otherwise() {
        let policy = ScopePolicy::new(scopes("read")).tool("produce", scopes("write"));
        assert_eq!(policy.first_asked(), scopes("read write"));
        let modest = policy.first_ask_for(scopes("read"));
        assert_eq!(modest.first_asked(), scopes("read"));
        assert_eq!(modest.everything(), scopes("read write"));
    }
}
