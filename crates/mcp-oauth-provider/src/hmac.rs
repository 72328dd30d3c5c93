//! A symmetric key, for development and tests: whoever knows it is everybody.

use std::sync::Arc;

use mcp_oauth_token::{ExpectedIssuer, IssuerAudience, KeyId, ScopeSet, VerificationKey};

use crate::{
    Field, ProviderConfig,
    admission::Admission,
    explanation::Expectation,
    oidc::OidcRules,
    problem::Problems,
    profile::{Keys, Profile, Requestable},
};

mod secret_strength;

pub use secret_strength::secret_weakness;

pub(crate) fn profile(config: &ProviderConfig, problems: &mut Problems) -> Option<Profile> {
    problems.check_audiences(config);
    // It is a name here: nothing is fetched from it.
    if config.issuer.is_empty() {
        problems.add(
            Field::Issuer,
            "there is no issuer",
            "name what the iss of tokens has to be, such as the address of this server",
        );
    }
    let keys = keys(config, problems)?;
    // Whoever makes the tokens can put scopes into them.
    let mut config = config.clone();
    config.scopes.default = ScopeSet::empty();
    let expected = ExpectedIssuer::Exact(config.issuer.clone());
    Some(Profile {
        accepted: vec![IssuerAudience::new(expected, config.audiences.clone())],
        keys: Keys::Secret(keys),
        takes_id_tokens: false,
        rules: Arc::new(OidcRules {
            admission: Admission::new(&config),
        }),
        requestable: Requestable::Ours,
        tokeninfo: None,
        expectations: vec![Expectation::new("scope", "the scopes, or else scp")],
        warnings: Vec::new(),
    })
}

fn keys(config: &ProviderConfig, problems: &mut Problems) -> Option<Vec<VerificationKey>> {
    if config.hmac_secrets.is_empty() {
        problems.add(
            Field::HmacSecrets,
            "there is no secret",
            secret_strength::FIX,
        );
        return None;
    }
    let mut keys = Vec::new();
    for (secret, number) in config.hmac_secrets.iter().zip(1_u64..) {
        let name = match number {
            1 => "the secret".to_owned(),
            number => format!("the previous secret {}", number - 1),
        };
        let weakness = secret_weakness(secret).map(str::to_owned);
        let key = VerificationKey::from_secret(secret, KeyId::new(number));
        match (weakness, key) {
            (None, Ok(key)) => keys.push(key),
            (Some(weakness), _) => problems.add(
                Field::HmacSecrets,
                format!("{name} {weakness}"),
                secret_strength::FIX,
            ),
            (None, Err(error)) => problems.add(
                Field::HmacSecrets,
                format!("{name} cannot be used: {error}"),
                secret_strength::FIX,
            ),
        }
    }
    (keys.len() == config.hmac_secrets.len()).then_some(keys)
}
