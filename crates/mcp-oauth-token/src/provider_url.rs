//! Addresses of identity providers.

mod place;

use std::{fmt, str::FromStr};

use url::{Host, Url};

use self::place::Place;

/// The address of an identity provider, or of a document of one.
///
/// It is an `https` URL, or an `http` URL on this machine, without user information and fragment,
/// and on no address that a provider cannot have, such as that of a cloud's metadata service. Names
/// are not looked up: what they resolve to is for the [`HttpClient`](crate::HttpClient) to check.
/// Private networks are where many providers are.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProviderUrl {
    /// As it was written. Issuers are compared by this: RFC 8414 section 3.3 asks for the very same
    /// string.
    text: String,
    url: Url,
}

impl ProviderUrl {
    /// Takes a text as an address.
    ///
    /// # Errors
    ///
    /// The rule that it breaks.
    pub fn new(text: impl Into<String>) -> Result<Self, InvalidProviderUrl> {
        let text = text.into();
        if text.len() > MAX_BYTES {
            return Err(InvalidProviderUrl::TooLong);
        }
        // The parser of URLs drops or replaces these, so that the text would say one thing to its
        // reader and another to the program.
        if text.contains(|c: char| c.is_whitespace() || c.is_control() || c == '\\') {
            return Err(InvalidProviderUrl::StrayCharacter);
        }
        let url = Url::parse(&text).map_err(|source| InvalidProviderUrl::Syntax { source })?;
        let authority = authority(&text, &url).ok_or(InvalidProviderUrl::NoHost)?;
        if authority.contains('@') {
            return Err(InvalidProviderUrl::UserInfo);
        }
        if url.fragment().is_some() {
            return Err(InvalidProviderUrl::Fragment);
        }
        let host = url.host().ok_or(InvalidProviderUrl::NoHost)?;
        match (url.scheme(), Place::of(&host)) {
            (_, Place::Forbidden) => Err(InvalidProviderUrl::ForbiddenAddress {
                host: host.to_string(),
            }),
            ("https", _) | ("http", Place::ThisMachine) => Ok(Self { text, url }),
            ("http", Place::Elsewhere) => Err(InvalidProviderUrl::Plaintext {
                host: host.to_string(),
            }),
            _ => Err(InvalidProviderUrl::Scheme),
        }
    }

    /// Holds the address, which a document of `issuer` names, against that issuer: only an issuer on
    /// this machine may send us to this machine.
    ///
    /// # Errors
    ///
    /// [`InvalidProviderUrl::UnexpectedLoopback`] otherwise.
    pub fn checked_against(self, issuer: &Self) -> Result<Self, InvalidProviderUrl> {
        if self.is_loopback() && !issuer.is_loopback() {
            return Err(InvalidProviderUrl::UnexpectedLoopback);
        }
        Ok(self)
    }

    /// The address as it was written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The address as it is parsed.
    #[must_use]
    pub const fn url(&self) -> &Url {
        &self.url
    }

    /// Whether it is on this machine, as far as it says so.
    #[must_use]
    pub fn is_loopback(&self) -> bool {
        let host: Option<Host<&str>> = self.url.host();
        host.is_some_and(|host| Place::of(&host) == Place::ThisMachine)
    }
}

impl fmt::Debug for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ProviderUrl").field(&self.text).finish()
    }
}

impl fmt::Display for ProviderUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl FromStr for ProviderUrl {
    type Err = InvalidProviderUrl;

    fn from_str(text: &str) -> Result<Self, InvalidProviderUrl> {
        Self::new(text)
    }
}

/// Why a text is not the address of an identity provider. It does not repeat the text, which may
/// hold credentials.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidProviderUrl {
    /// No identity provider has this address.
    #[error("{host} is no address that an identity provider has")]
    ForbiddenAddress {
        /// The host.
        host: String,
    },
    /// It has a fragment.
    #[error("it has a fragment (#)")]
    Fragment,
    /// It names no host.
    #[error("it names no host")]
    NoHost,
    /// It is an `http` URL of another machine.
    #[error("it is an http URL, which is allowed only for this machine; {host} needs https")]
    Plaintext {
        /// The host.
        host: String,
    },
    /// It is neither `https` nor `http`.
    #[error("it is no https URL")]
    Scheme,
    /// It has white space, control characters or backslashes.
    #[error("it has white space, a control character or a backslash")]
    StrayCharacter,
    /// It is no URL.
    #[error("it is no URL")]
    Syntax {
        /// What is wrong with it.
        #[source]
        source: url::ParseError,
    },
    /// It is longer than 2048 bytes.
    #[error("it is longer than {MAX_BYTES} bytes")]
    TooLong,
    /// It is on this machine, and the issuer that names it is not.
    #[error("it is on this machine, and the issuer that names it is not")]
    UnexpectedLoopback,
    /// It has user information.
    #[error("it has user information before the host (@)")]
    UserInfo,
}

/// What stands between the two slashes behind the scheme and the path. The parser of URLs accepts any
/// number of slashes and forgets an empty user name; this does not.
fn authority<'t>(text: &'t str, url: &Url) -> Option<&'t str> {
    let (scheme, rest) = text.split_once("://")?;
    if !scheme.eq_ignore_ascii_case(url.scheme()) {
        return None;
    }
    let authority = rest.split(['/', '?', '#']).next()?;
    (!authority.is_empty()).then_some(authority)
}

const MAX_BYTES: usize = 2048;

#[cfg(test)]
mod tests;
