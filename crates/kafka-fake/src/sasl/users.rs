//! Who may log in.

use std::{collections::BTreeMap, fmt};

/// The users of a cluster, and their passwords.
#[derive(Clone, Debug, Default)]
pub(crate) struct Users {
    by_name: BTreeMap<String, Password>,
}

impl Users {
    pub(crate) fn add(&mut self, name: impl Into<String>, password: impl Into<String>) {
        self.by_name.insert(name.into(), Password(password.into()));
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_name.is_empty()
    }

    pub(super) fn has(&self, name: &str, password: &str) -> bool {
        self.by_name
            .get(name)
            .is_some_and(|known| known.0 == password)
    }

    #[cfg(feature = "scram")]
    pub(super) fn password(&self, name: &str) -> Option<&[u8]> {
        self.by_name.get(name).map(|password| password.0.as_bytes())
    }
}

#[derive(Clone)]
struct Password(String);

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_is_printed() {
        let mut users = Users::default();
        users.add("alice", "open sesame");
        let printed = format!("{users:?}");
        assert!(
            printed.contains("alice") && !printed.contains("sesame"),
            "{printed}"
        );
    }
}
