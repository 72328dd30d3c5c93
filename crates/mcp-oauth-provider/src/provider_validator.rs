//! Validates the tokens of a provider, of every form that it has.

use futures_util::future::BoxFuture;
use mcp_oauth_token::{
    Accepted, Algorithm, BearerToken, Check, JwtPolicy, JwtVerifier, KeySource, Rejection,
    TokenError, TokenValidator,
};

use crate::{
    Field, ProviderConfig, ProviderDependencies, ProviderKind,
    discovered_validator::DiscoveredValidator,
    google::Tokeninfo,
    problem::Problems,
    profile::{Keys, Profile},
};

/// Validates the tokens of a provider, and remembers none.
#[derive(Debug)]
pub(crate) enum ProviderValidator {
    /// Of a provider whose tokens are JWTs.
    Discovered(DiscoveredValidator),
    /// Of Google: id tokens and, if Google may be asked, access tokens.
    Google {
        id_tokens: DiscoveredValidator,
        access_tokens: Option<Tokeninfo>,
    },
    /// With keys that are configured.
    Secret(JwtVerifier),
}

impl ProviderValidator {
    /// The validator for a profile, or a problem.
    pub(crate) fn new(
        profile: Profile,
        config: &ProviderConfig,
        dependencies: ProviderDependencies,
        problems: &mut Problems,
    ) -> Option<Self> {
        if config.leeway > JwtPolicy::MAX_LEEWAY {
            let problem = format!("the leeway {:?} lets expired tokens in", config.leeway);
            let fix = format!("use at most {:?}", JwtPolicy::MAX_LEEWAY);
            problems.add(Field::Leeway, problem, fix);
            return None;
        }
        let mut policy = JwtPolicy::new(profile.accepted, vec![Algorithm::Hs256]);
        policy.leeway = config.leeway;
        policy.takes_id_tokens = profile.takes_id_tokens;
        let secrets = match profile.keys {
            Keys::Published(site) => {
                let validator = DiscoveredValidator::new(site, policy, profile.rules, dependencies);
                return Some(match config.kind {
                    ProviderKind::Google => Self::Google {
                        id_tokens: validator,
                        access_tokens: profile.tokeninfo,
                    },
                    _ => Self::Discovered(validator),
                });
            }
            Keys::Secret(secrets) => KeySource::Secrets(secrets),
        };
        match JwtVerifier::new(policy, secrets, profile.rules, dependencies.clock) {
            Ok(verifier) => Some(Self::Secret(verifier)),
            Err(error) => {
                let problem = format!("the keys cannot be used: {error}");
                problems.add(Field::HmacSecrets, problem, "check the configuration");
                None
            }
        }
    }

    /// What is discovered, if anything is.
    pub(crate) const fn discovered(&self) -> Option<&DiscoveredValidator> {
        match self {
            Self::Discovered(validator)
            | Self::Google {
                id_tokens: validator,
                ..
            } => Some(validator),
            Self::Secret(_) => None,
        }
    }
}

impl TokenValidator for ProviderValidator {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        match self {
            Self::Discovered(validator) => validator.validate(token),
            Self::Google { id_tokens, .. } if is_jwt(token) => id_tokens.validate(token),
            Self::Google {
                id_tokens,
                access_tokens,
            } => Box::pin(async move {
                let tokeninfo = access_tokens.as_ref().ok_or_else(opaque)?;
                let dependencies = id_tokens.dependencies();
                let now = || dependencies.clock.now();
                tokeninfo.validate(token, &*dependencies.http, now).await
            }),
            Self::Secret(verifier) => verifier.validate(token),
        }
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        match self {
            Self::Discovered(validator) => validator.recheck(accepted),
            // Only what Google was asked about has no key.
            Self::Google {
                id_tokens,
                access_tokens: Some(tokeninfo),
            } if accepted.key.is_none() => {
                let now = id_tokens.dependencies().clock.now();
                tokeninfo.check_expiry(accepted.principal.expires_at, now)
            }
            Self::Google { id_tokens, .. } => id_tokens.recheck(accepted),
            Self::Secret(verifier) => verifier.recheck(accepted),
        }
    }
}

/// Whether a token begins as every JWT does: with `{"` in base64url.
fn is_jwt(token: &BearerToken) -> bool {
    token.expose_secret().starts_with("eyJ")
}

fn opaque() -> Rejection {
    Rejection::new(Check::Syntax)
        .detail("it is not a JWT")
        .hint("Google's access tokens are opaque: send the id token, or let Google be asked (tokeninfo)")
}
