//! Whether an access token is still good.

use std::{sync::Arc, time::Duration};

use futures_util::future::BoxFuture;
use mcp_oauth_token::{
    Accepted, BearerToken, Check, Rejection, TokenError, TokenValidator, UnverifiedJwt,
};

use super::{AccessTokens, FAMILY};
use crate::authorization_server::family::{Families, FamilyId};

/// Accepts the access tokens of families that live.
///
/// It belongs behind no cache: whether a family lives is looked at each time. A signature costs
/// less than looking into a cache for it would.
#[derive(Clone, Debug)]
pub(crate) struct AccessTokenValidator {
    tokens: Arc<AccessTokens>,
    families: Arc<Families>,
}

impl AccessTokenValidator {
    pub(crate) const fn new(tokens: Arc<AccessTokens>, families: Arc<Families>) -> Self {
        Self { tokens, families }
    }

    /// What a token says, if it is one of ours and has not expired. Its family may have ended.
    pub(crate) async fn read(
        &self,
        token: &BearerToken,
    ) -> Result<(Accepted, FamilyId), TokenError> {
        let accepted = self.tokens.verifier.validate(token).await?;
        let jwt = UnverifiedJwt::parse(token)?;
        let family = jwt.claims().text(FAMILY)?.unwrap_or_default();
        Ok((accepted, FamilyId::named(family)))
    }
}

impl TokenValidator for AccessTokenValidator {
    fn validate<'a>(
        &'a self,
        token: &'a BearerToken,
    ) -> BoxFuture<'a, Result<Accepted, TokenError>> {
        Box::pin(async move {
            let (accepted, family) = self.read(token).await?;
            match self.families.lives(&family).await {
                Ok(true) => Ok(accepted),
                Ok(false) => {
                    let detail = "it was revoked, or the store lost what it knew of it";
                    Err(Rejection::new(Check::Voucher).detail(detail).into())
                }
                Err(error) => Err(TokenError::Unavailable {
                    reason: format!("whether it was revoked is not known: {error}"),
                    retry_after: RETRY_AFTER,
                }),
            }
        })
    }

    fn recheck(&self, accepted: &Accepted) -> Result<(), Rejection> {
        self.tokens.verifier.recheck(accepted)
    }
}

const RETRY_AFTER: Duration = Duration::from_secs(5);
