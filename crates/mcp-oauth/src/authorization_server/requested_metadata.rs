//! What a client says of itself, and what becomes of it.

use std::{error::Error, fmt};

use mcp_oauth_token::Quoted;
use serde::Deserialize;

use super::{
    client::{ApplicationType, ClientMetadata, ClientName},
    known_clients::KnownClients,
    redirect_uri::{InvalidRedirectUri, RedirectKind, RedirectUri},
};

/// The metadata that a client asks to be known by (RFC 7591 section 2), in a registration or in a
/// document of its own. Members that are not here are dropped, as section 2 allows: no logo is ever
/// loaded, and no key or secret is kept for a public client.
#[derive(Debug, Deserialize)]
pub(crate) struct RequestedMetadata {
    application_type: Option<String>,
    client_name: Option<String>,
    grant_types: Option<Vec<String>>,
    redirect_uris: Option<Vec<String>>,
    response_types: Option<Vec<String>>,
}

impl RequestedMetadata {
    /// Reads a JSON object.
    ///
    /// # Errors
    ///
    /// If it is none, or has members of other types, or one of them twice.
    pub(crate) fn from_json(json: &[u8]) -> Result<Self, InvalidMetadata> {
        // Structs that serde derives can be read from arrays too, by position.
        if !json.trim_ascii_start().starts_with(b"{") {
            return Err(InvalidMetadata::Syntax);
        }
        serde_json::from_slice(json).map_err(|_| InvalidMetadata::Syntax)
    }

    /// Keeps what is supported. Of the redirect URIs that is those of known clients: some clients
    /// register all that any version of theirs ever used.
    ///
    /// # Errors
    ///
    /// If what is left cannot be used, or what is asked for contradicts itself.
    pub(crate) fn accept(self, known: &KnownClients) -> Result<ClientMetadata, InvalidMetadata> {
        let may_refresh = self.check_grants()?;
        let application_type = self.explicit_application_type()?;
        let name = self.client_name.as_deref().and_then(ClientName::new);

        let uris = redirect_uris(self.redirect_uris.unwrap_or_default())?;
        let is_web = |uri: &RedirectUri| uri.kind() == RedirectKind::Web;
        let on_web_only = uris.iter().all(is_web);
        if application_type == Some(ApplicationType::Web) && !on_web_only {
            return Err(InvalidMetadata::NotOnWeb);
        }
        let (uris, unknown): (Vec<_>, Vec<_>) =
            uris.into_iter().partition(|uri| known.include(uri));
        if uris.is_empty() {
            let source = UnknownUris::new(unknown);
            return Err(InvalidMetadata::UnknownDestination { source });
        }
        let implied = if on_web_only {
            ApplicationType::Web
        } else {
            ApplicationType::Native
        };
        Ok(ClientMetadata {
            redirect_uris: uris,
            name,
            application_type: application_type.unwrap_or(implied),
            may_refresh,
        })
    }

    /// Whether refresh tokens are wanted. Who does not say gets them, other than RFC 7591 has it:
    /// access tokens are short-lived, and people would have to sign in again and again.
    fn check_grants(&self) -> Result<bool, InvalidMetadata> {
        let has = |list: &[String], name: &str| list.iter().any(|found| found == name);
        let responses = self.response_types.as_deref();
        if responses.is_some_and(|types| !has(types, "code")) {
            return Err(InvalidMetadata::ResponseTypes);
        }
        let Some(grants) = self.grant_types.as_deref() else {
            return Ok(true);
        };
        if has(grants, "authorization_code") {
            Ok(has(grants, "refresh_token"))
        } else {
            Err(InvalidMetadata::GrantTypes)
        }
    }

    fn explicit_application_type(&self) -> Result<Option<ApplicationType>, InvalidMetadata> {
        match self.application_type.as_deref() {
            None => Ok(None),
            Some("native") => Ok(Some(ApplicationType::Native)),
            Some("web") => Ok(Some(ApplicationType::Web)),
            Some(_) => Err(InvalidMetadata::ApplicationType),
        }
    }
}

/// Why a client cannot be known by what it says (RFC 7591 section 3.2.2). It does not repeat that,
/// but for its cause, which is for the log.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum InvalidMetadata {
    #[error("application_type is native or web")]
    ApplicationType,
    #[error("grant_types without authorization_code are of no use here")]
    GrantTypes,
    #[error("the redirect URIs of a web application are https")]
    NotOnWeb,
    #[error(transparent)]
    RedirectUri { source: InvalidRedirectUri },
    #[error("response_types without code are of no use here")]
    ResponseTypes,
    #[error("it is no JSON object with the members of RFC 7591")]
    Syntax,
    #[error("it is too large: fewer or shorter redirect URIs, or a shorter name")]
    TooLarge,
    #[error("there are more than {MAX_REDIRECT_URIS} redirect URIs")]
    TooManyRedirectUris,
    #[error(
        "no redirect URI is one of a client that this server knows; the operator of this server \
         can add it"
    )]
    UnknownDestination {
        #[source]
        source: UnknownUris,
    },
}

impl InvalidMetadata {
    /// The error code (RFC 7591 section 3.2.2).
    pub(crate) const fn code(&self) -> &'static str {
        match self {
            Self::NotOnWeb
            | Self::RedirectUri { .. }
            | Self::TooManyRedirectUris
            | Self::UnknownDestination { .. } => "invalid_redirect_uri",
            Self::ApplicationType
            | Self::GrantTypes
            | Self::ResponseTypes
            | Self::Syntax
            | Self::TooLarge => "invalid_client_metadata",
        }
    }
}

/// Redirect URIs of no client that is known here.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct UnknownUris {
    first: Option<RedirectUri>,
    others: usize,
}

impl UnknownUris {
    fn new(uris: Vec<RedirectUri>) -> Self {
        Self {
            others: uris.len().saturating_sub(1),
            first: uris.into_iter().next(),
        }
    }
}

impl fmt::Display for UnknownUris {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.first, self.others) {
            (None, _) => f.write_str("it has none"),
            (Some(uri), 0) => write!(f, "it has {}", Quoted(uri.as_str())),
            (Some(uri), others) => write!(f, "it has {} and {others} more", Quoted(uri.as_str())),
        }
    }
}

impl Error for UnknownUris {}

fn redirect_uris(texts: Vec<String>) -> Result<Vec<RedirectUri>, InvalidMetadata> {
    if texts.len() > MAX_REDIRECT_URIS {
        return Err(InvalidMetadata::TooManyRedirectUris);
    }
    let uris = texts.into_iter().map(RedirectUri::new);
    uris.collect::<Result<_, _>>()
        .map_err(|source| InvalidMetadata::RedirectUri { source })
}

const MAX_REDIRECT_URIS: usize = 16;
