//! Which ACLs somebody asks for.

use super::{
    Acl, AclOperation, AclPermission, PatternType, ResourcePattern, ResourceType,
    code::{ANY, MATCH, UNKNOWN},
    from_code,
};

/// A filter in the terms of DescribeAcls and DeleteAcls; what it says nothing of may be anything.
#[derive(Debug)]
pub(crate) struct AclFilter {
    resource_type: Option<ResourceType>,
    name: Option<String>,
    pattern: PatternFilter,
    principal: Option<String>,
    host: Option<String>,
    operation: Option<AclOperation>,
    permission: Option<AclPermission>,
}

/// Which patterns are asked for.
#[derive(Debug)]
enum PatternFilter {
    /// Those of any type that have this name.
    Any,
    /// Those that mean the resource of this name.
    Match,
    /// Those of this type that have this name.
    Only(PatternType),
}

/// The fields of a filter as they are on the wire.
#[derive(Debug)]
pub(crate) struct RawFilter<'a> {
    pub(crate) resource_type: i8,
    pub(crate) name: Option<&'a str>,
    pub(crate) pattern_type: i8,
    pub(crate) principal: Option<&'a str>,
    pub(crate) host: Option<&'a str>,
    pub(crate) operation: i8,
    pub(crate) permission: i8,
}

impl RawFilter<'_> {
    /// Whether it says of something that it is unknown, which ends the connection.
    pub(crate) fn is_malformed(&self) -> bool {
        let codes = [
            self.resource_type,
            self.pattern_type,
            self.operation,
            self.permission,
        ];
        codes.contains(&UNKNOWN)
    }
}

impl AclFilter {
    /// `None` if there is a number in it that has no meaning.
    pub(crate) fn parse(raw: &RawFilter<'_>) -> Option<Self> {
        let pattern = match raw.pattern_type {
            ANY => PatternFilter::Any,
            MATCH => PatternFilter::Match,
            code => PatternFilter::Only(from_code(code)?),
        };
        Some(Self {
            resource_type: any_or(raw.resource_type)?,
            name: raw.name.map(str::to_owned),
            pattern,
            principal: raw.principal.map(str::to_owned),
            host: raw.host.map(str::to_owned),
            operation: any_or(raw.operation)?,
            permission: any_or(raw.permission)?,
        })
    }

    pub(crate) fn admits(&self, acl: &Acl) -> bool {
        self.admits_resource(&acl.resource)
            && is_or_any(self.principal.as_ref(), &acl.principal)
            && is_or_any(self.host.as_ref(), &acl.host)
            && is_or_any(self.operation.as_ref(), &acl.operation)
            && is_or_any(self.permission.as_ref(), &acl.permission)
    }

    fn admits_resource(&self, found: &ResourcePattern) -> bool {
        if !is_or_any(self.resource_type.as_ref(), &found.resource_type) {
            return false;
        }
        if let PatternFilter::Only(pattern_type) = self.pattern
            && pattern_type != found.pattern_type
        {
            return false;
        }
        match (&self.name, &self.pattern) {
            (None, _) => true,
            (Some(name), PatternFilter::Match) => found.matches(found.resource_type, name),
            (Some(name), _) => *name == found.name,
        }
    }
}

fn is_or_any<T: PartialEq>(wanted: Option<&T>, found: &T) -> bool {
    wanted.is_none_or(|wanted| wanted == found)
}

/// The word of a number, or any; `None` if the number has no meaning.
fn any_or<T: super::code::Code>(code: i8) -> Option<Option<T>> {
    match code {
        ANY => Some(None),
        code => from_code(code).map(Some),
    }
}
