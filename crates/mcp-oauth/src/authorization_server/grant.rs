//! What a login produced.

use mcp_oauth_token::ScopeSet;
use secrecy::SecretString;
use serde::{Deserialize, Serialize};

/// What somebody allowed a client when they logged in. All tokens of a family refer to it.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Grant {
    /// Who logged in.
    pub(crate) identity: Identity,
    /// The client that it is for.
    pub(crate) client_id: String,
    /// The resource that the tokens are for: their audience (RFC 8707).
    pub(crate) resource: String,
    /// What was allowed at most.
    #[serde(with = "scope_list")]
    pub(crate) scopes: ScopeSet,
    /// How it is renewed.
    pub(crate) renewal: Renewal,
}

impl Grant {
    /// The grant as it goes on: renewed like this the next time, and for these scopes.
    pub(crate) fn renewed(&self, renewal: Renewal, scopes: ScopeSet) -> Self {
        Self {
            renewal,
            scopes,
            ..self.clone()
        }
    }
}

/// Who logged in, as they were known then.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Identity {
    /// Who vouches for them.
    pub(crate) issuer: String,
    /// Who they are to the issuer, for as long as the account exists.
    pub(crate) subject: String,
    /// A name for people.
    pub(crate) name: Option<String>,
    /// The e-mail address, if the issuer says that it was verified.
    pub(crate) email: Option<String>,
}

/// How a grant is renewed when an access token has expired.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) enum Renewal {
    /// It is not: nobody can be asked whether it still holds, or the client wants no refresh token.
    Never,
    /// By ourselves: there is no identity provider that could take it back.
    Ourselves,
    /// By the identity provider, with the refresh token that it gave us.
    Upstream(#[serde(with = "secret")] SecretString),
}

pub(super) mod scope_list {
    use mcp_oauth_token::ScopeSet;
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(in super::super) fn serialize<S: Serializer>(
        scopes: &ScopeSet,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(scopes)
    }

    pub(in super::super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<ScopeSet, D::Error> {
        let list = String::deserialize(deserializer)?;
        list.parse().map_err(D::Error::custom)
    }
}

/// What is serialized here is sealed before it leaves the process.
mod secret {
    use secrecy::{ExposeSecret, SecretString};
    use serde::{Deserialize, Deserializer, Serializer};

    pub(super) fn serialize<S: Serializer>(
        secret: &SecretString,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(secret.expose_secret())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<SecretString, D::Error> {
        String::deserialize(deserializer).map(SecretString::from)
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn a_grant_survives_the_store_and_its_secret_is_not_printed() {
        let grant = Grant {
            identity: Identity {
                issuer: "https://issuer.example".to_owned(),
                subject: "alice".to_owned(),
                name: None,
                email: None,
            },
            client_id: "client".to_owned(),
            resource: "https://mcp.example/mcp".to_owned(),
            scopes: "kafka:read kafka:write".parse().unwrap(),
            renewal: Renewal::Upstream("canary".into()),
        };
        let stored = serde_json::to_vec(&grant).unwrap();
        let read: Grant = serde_json::from_slice(&stored).unwrap();
        assert_eq!(read.scopes, grant.scopes);
        assert_eq!(read.identity, grant.identity);
        let Renewal::Upstream(secret) = &read.renewal else {
            panic!("{read:?}");
        };
        assert_eq!(secret.expose_secret(), "canary");
        assert!(!format!("{read:?}").contains("canary"));
    }
}
