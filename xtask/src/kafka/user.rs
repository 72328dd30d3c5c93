//! The SASL users of a test cluster.

use serde::{Deserialize, Serialize};

/// A SASL user, known to PLAIN and to both SCRAM mechanisms.
///
/// The passwords are fixed values for loopback listeners of a throw-away cluster, so they are
/// printed and written down freely.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct User {
    pub(crate) name: String,
    pub(crate) password: String,
    /// Whether access-control lists do not apply to the user.
    pub(crate) super_user: bool,
}

impl User {
    /// Returns the users of every test cluster.
    pub(crate) fn all() -> Vec<Self> {
        [
            ("admin", true),
            ("alice", true),
            ("bob", true),
            ("restricted", false),
        ]
        .into_iter()
        .map(|(name, super_user)| Self {
            name: name.to_owned(),
            password: format!("{name}-secret"),
            super_user,
        })
        .collect()
    }
}
