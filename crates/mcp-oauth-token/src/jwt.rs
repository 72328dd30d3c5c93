//! JSON Web Tokens in compact form (RFC 7515 section 7.1, RFC 7519), read with nothing believed.

use std::fmt;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

use crate::{BearerToken, Check, Rejection};

mod claims;
mod header;
mod members;

pub use claims::Claims;
pub use header::JwtHeader;
use members::Members;

/// A token that was taken apart, and of which nothing is verified: anybody can have written it.
/// Neither the token nor the values of its claims can be printed.
pub struct UnverifiedJwt<'t> {
    header: JwtHeader,
    claims: Claims,
    signing_input: &'t str,
    signature: Vec<u8>,
}

impl<'t> UnverifiedJwt<'t> {
    /// Takes a token apart.
    ///
    /// # Errors
    ///
    /// [`Check::Syntax`] unless there are three parts in base64url without padding, a header and
    /// claims that are JSON objects with each member once, and nothing in the header that would
    /// change how the rest is to be read.
    pub fn parse(token: &'t BearerToken) -> Result<Self, Rejection> {
        let malformed = |detail| Rejection::new(Check::Syntax).detail(detail);
        let three_parts = || malformed("it is not of three parts, as a signed JWT is");
        let token = token.expose_secret();
        let (signing_input, signature) = token.rsplit_once('.').ok_or_else(three_parts)?;
        let (header, claims) = signing_input.split_once('.').ok_or_else(three_parts)?;
        if claims.contains('.') {
            return Err(three_parts());
        }
        if header.len() > MAX_HEADER_CHARS || signature.len() > MAX_SIGNATURE_CHARS {
            return Err(malformed("the header or the signature is too long"));
        }
        if signature.is_empty() {
            return Err(malformed("it is not signed"));
        }
        let signature = URL_SAFE_NO_PAD.decode(signature);
        Ok(Self {
            header: JwtHeader::new(members(header)?)?,
            claims: Claims::new(members(claims)?),
            signing_input,
            signature: signature.map_err(|_| malformed("the signature is not base64url"))?,
        })
    }

    /// The header of a token, whatever is behind it.
    ///
    /// # Errors
    ///
    /// If it is malformed, says something twice, or says that something has to be understood.
    pub fn header_of(token: &BearerToken) -> Result<JwtHeader, Rejection> {
        let malformed = |detail| Rejection::new(Check::Syntax).detail(detail);
        let header = token.expose_secret().split('.').next().unwrap_or_default();
        if header.len() > MAX_HEADER_CHARS {
            return Err(malformed("the header is too long"));
        }
        JwtHeader::new(members(header)?)
    }

    /// The header.
    #[must_use]
    pub const fn header(&self) -> &JwtHeader {
        &self.header
    }

    /// The claims, as somebody makes them.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What the signature is over.
    pub(crate) const fn signing_input(&self) -> &[u8] {
        self.signing_input.as_bytes()
    }

    pub(crate) fn signature(&self) -> &[u8] {
        &self.signature
    }
}

impl fmt::Debug for UnverifiedJwt<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UnverifiedJwt")
            .field("header", &self.header)
            .field("claims", &self.claims)
            .finish_non_exhaustive()
    }
}

fn members(part: &str) -> Result<Members, Rejection> {
    let malformed = |detail| Rejection::new(Check::Syntax).detail(detail);
    let json = URL_SAFE_NO_PAD
        .decode(part)
        .map_err(|_| malformed("the header or the claims are not base64url"))?;
    // The message of the parser may quote what it read.
    serde_json::from_slice(&json).map_err(|_| {
        malformed("the header or the claims are not a JSON object with each member once")
    })
}

/// Room for a chain of certificates, which some issuers put there.
const MAX_HEADER_CHARS: usize = 8 * 1024;
/// RSA with 8192 bits has 1024 bytes.
const MAX_SIGNATURE_CHARS: usize = 1366;

#[cfg(test)]
mod tests;
