//! What settings belong to, and changes to them.

use std::collections::{BTreeMap, BTreeSet};

use super::Call;
use crate::{AclOperation, ErrorCode, authorizer::Resource, state::State};

/// The kind and the name of a resource with settings.
pub(super) type Key = (i8, String);

/// What settings are set.
pub(super) type Settings = BTreeMap<String, String>;

/// A code, and a reason for people.
pub(super) type Refusal = (ErrorCode, String);

/// Fails if the client may not do that to the settings of a resource.
pub(super) fn authorize(
    call: &Call<'_>,
    operation: AclOperation,
    kind: i8,
    name: &str,
) -> Result<(), Refusal> {
    let resource = match kind {
        TOPIC => Resource::Topic(name),
        GROUP => Resource::Group(name),
        _ => Resource::Cluster,
    };
    let authorized = call.authorize(operation, resource);
    authorized.map_err(|code| (code, code.to_string()))
}

/// Those that are there more than once.
pub(super) fn repeated(keys: impl Iterator<Item = Key>) -> BTreeSet<Key> {
    let mut seen = BTreeSet::new();
    keys.filter(|key| !seen.insert(key.clone())).collect()
}

/// Changes the settings of a resource that is not among the `repeated`.
pub(super) fn alter(
    call: &Call<'_>,
    state: &mut State,
    key: &Key,
    repeated: &BTreeSet<Key>,
    validate_only: bool,
    change: impl FnOnce(&Settings) -> Result<Settings, Refusal>,
) -> Result<(), Refusal> {
    let invalid = |reason: &str| Err((ErrorCode::INVALID_REQUEST, reason.to_owned()));
    if repeated.contains(key) {
        return invalid("the resource is in the request more than once");
    }
    let (kind, name) = key;
    authorize(call, AclOperation::AlterConfigs, *kind, name)?;
    if *kind != TOPIC {
        return invalid("only the settings of topics can be changed");
    }
    let topic = state.topic_mut(name);
    let topic = topic.map_err(|code| (code, format!("there is no topic {name}")))?;
    let after = change(&topic.configs)?;
    if !validate_only {
        topic.configs = after;
    }
    Ok(())
}

/// The numbers of Kafka's `ConfigResource.Type`.
pub(super) const TOPIC: i8 = 2;
pub(super) const BROKER: i8 = 4;
const GROUP: i8 = 32;
