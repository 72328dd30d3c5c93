//! Our own tokens, and those of another issuer besides.

use std::{collections::HashSet, sync::Arc};

use futures_util::future::BoxFuture;
use mcp_oauth_token::{
    Accepted, BearerToken, Rejection, ScopeSet, TokenError, TokenValidator, UnverifiedJwt,
};

use super::AuthorizationServer;
use crate::{Published, TokenIssuer};

/// The tokens of an authorization server, and those of another issuer besides, such as those that
/// operators make by hand with a secret. Clients are told of the server only.
#[derive(Debug)]
pub struct CombinedIssuer<I> {
    pub(super) server: AuthorizationServer,
    pub(super) other: I,
}

impl<I: TokenIssuer> TokenIssuer for CombinedIssuer<I> {
    fn name(&self) -> &'static str {
        self.other.name()
    }

    fn validator(&self) -> Arc<dyn TokenValidator> {
        Arc::new(CombinedValidator {
            own_keys: self.server.key_ids(),
            own: self.server.validator(),
            other: self.other.validator(),
        })
    }

    fn authorization_servers(&self) -> Vec<String> {
        self.server.authorization_servers()
    }

    fn advertised(&self, scopes: &ScopeSet) -> ScopeSet {
        self.server.advertised(scopes)
    }

    fn metadata(&self) -> Published {
        self.server.metadata()
    }

    fn jwks(&self) -> Published {
        self.server.jwks()
    }
}

/// Asks the one whose key a token names: each token is checked by one set of rules.
#[derive(Debug)]
struct CombinedValidator {
    own_keys: HashSet<String>,
    own: Arc<dyn TokenValidator>,
    other: Arc<dyn TokenValidator>,
}

impl CombinedValidator {
    fn is_own(&self, token: &BearerToken) -> bool {
        // The rest is looked at by whoever judges the token, unless it is known already.
        let header = UnverifiedJwt::header_of(token);
        header.is_ok_and(|header| header.kid().is_some_and(|kid| self.own_keys.contains(kid)))
    }
}

impl TokenValidator for CombinedValidator {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        if self.is_own(token) {
            self.own.validate(token)
        } else {
            self.other.validate(token)
        }
    }

    fn validate_anew<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        if self.is_own(token) {
            self.own.validate_anew(token)
        } else {
            self.other.validate_anew(token)
        }
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        // Both look at the expiry, and neither has keys that come and go.
        let other = self.other.recheck(accepted);
        other.or_else(|_| self.own.recheck(accepted))
    }
}
