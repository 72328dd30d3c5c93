//! Whom an operator lets in, and with which scopes, whichever the provider.

use mcp_oauth_token::{Check, Claims, Principal, Quoted, Rejection};

use crate::{Grants, ProviderConfig, ScopeRules};

/// What the operator allows, as far as that is the same for all providers.
#[derive(Debug)]
pub(crate) struct Admission {
    clients: Vec<String>,
    groups: Vec<String>,
    groups_claim: String,
    scopes: ScopeRules,
}

impl Admission {
    pub(crate) fn new(config: &ProviderConfig) -> Self {
        Self {
            clients: config.allowed_clients.clone(),
            groups: config.allowed_groups.clone(),
            groups_claim: config.groups_claim.clone(),
            scopes: config.scopes.clone(),
        }
    }

    /// The same for these clients only.
    pub(crate) fn with_clients(self, clients: Vec<String>) -> Self {
        Self { clients, ..self }
    }

    /// The groups in a token.
    ///
    /// # Errors
    ///
    /// If the claim is no list of names.
    pub(crate) fn groups_in(&self, claims: &Claims) -> Result<Vec<String>, Rejection> {
        names(claims, &self.groups_claim)
    }

    /// Adds what the claims of OpenID Connect Core section 5.1 say about a principal, and the groups
    /// and roles that the registries of claims know.
    ///
    /// # Errors
    ///
    /// If one of the claims is of another type.
    pub(crate) fn describe(
        &self,
        mut principal: Principal,
        claims: &Claims,
    ) -> Result<Principal, Rejection> {
        principal.groups = self.groups_in(claims)?;
        principal.roles = names(claims, "roles")?;
        let name = first_filled(claims, &["name", "preferred_username"])?;
        principal.display_name = name.map(str::to_owned);
        principal.email = verified_email(claims)?;
        Ok(principal)
    }

    /// Checks client and groups of a principal, and gives it the scopes that it has by the names in
    /// its token.
    ///
    /// # Errors
    ///
    /// [`Check::Client`] and [`Check::Group`].
    pub(crate) fn admit(
        &self,
        mut principal: Principal,
        scopes: &[String],
    ) -> Result<Principal, Rejection> {
        self.check_client(principal.client_id.as_deref())?;
        self.check_groups(&principal.groups)?;
        principal.scopes = self.scopes.resolve(Grants {
            scopes,
            roles: &principal.roles,
            groups: &principal.groups,
        });
        Ok(principal)
    }

    fn check_client(&self, client: Option<&str>) -> Result<(), Rejection> {
        let is_allowed = |client: &str| self.clients.iter().any(|allowed| allowed == client);
        if self.clients.is_empty() || client.is_some_and(is_allowed) {
            return Ok(());
        }
        let detail = match client {
            Some(client) => format!("the client {} is not allowed", Quoted(client)),
            None => "it does not say which client it was issued to".to_owned(),
        };
        Err(Rejection::new(Check::Client).detail(detail))
    }

    fn check_groups(&self, groups: &[String]) -> Result<(), Rejection> {
        if self.groups.is_empty() || groups.iter().any(|group| self.groups.contains(group)) {
            return Ok(());
        }
        let detail = format!("none of its {} groups is allowed", groups.len());
        Err(Rejection::new(Check::Group).detail(detail))
    }
}

/// A claim that lists names.
///
/// # Errors
///
/// If it is something else.
pub(crate) fn names(claims: &Claims, claim: &str) -> Result<Vec<String>, Rejection> {
    Ok(claims.list(claim)?.into_iter().map(str::to_owned).collect())
}

/// A claim that lists scopes, as a string with spaces (RFC 8693 section 4.2) or as a list.
///
/// # Errors
///
/// If it is something else.
pub(crate) fn words(claims: &Claims, claim: &str) -> Result<Vec<String>, Rejection> {
    let texts = claims.list(claim)?;
    let words = texts.into_iter().flat_map(|text| text.split(' '));
    Ok(words
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect())
}

/// A claim that is a text with something in it.
///
/// # Errors
///
/// If it is something else than a text.
pub(crate) fn filled<'a>(claims: &'a Claims, claim: &str) -> Result<Option<&'a str>, Rejection> {
    Ok(claims.text(claim)?.filter(|text| !text.is_empty()))
}

/// The first of these claims that is a text with something in it.
///
/// # Errors
///
/// If one before it is something else than a text.
pub(crate) fn first_filled<'a>(
    claims: &'a Claims,
    names: &[&str],
) -> Result<Option<&'a str>, Rejection> {
    for name in names {
        if let Some(text) = filled(claims, name)? {
            return Ok(Some(text));
        }
    }
    Ok(None)
}

/// The e-mail address, if the provider says that it was verified.
///
/// # Errors
///
/// If one of the two claims is of another type.
pub(crate) fn verified_email(claims: &Claims) -> Result<Option<String>, Rejection> {
    let is_verified = claims.flag("email_verified")? == Some(true);
    let email = claims.text("email")?.filter(|_| is_verified);
    Ok(email.map(str::to_owned))
}
