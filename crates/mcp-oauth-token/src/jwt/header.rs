use serde_json::Value;

use super::Members;
use crate::{Check, Quoted, Rejection};

/// The header of a token.
///
/// Of its members `alg`, `kid` and `typ` are read. Keys that it holds or points to (`jwk`, `jku`,
/// `x5c`, `x5u`) come from whoever wrote the token, and are not looked at.
#[derive(Debug)]
pub struct JwtHeader {
    alg: String,
    kid: Option<String>,
    typ: Option<String>,
    rest: Members,
}

impl JwtHeader {
    pub(super) fn new(mut members: Members) -> Result<Self, Rejection> {
        // These change what the other parts mean: compressed (`zip`), encrypted (`enc`), not base64
        // (`b64`, RFC 7797), or as an extension says (`crit`, RFC 7515 section 4.1.11).
        let unsupported = ["b64", "crit", "enc", "zip"];
        let found = unsupported
            .into_iter()
            .find(|name| members.0.contains_key(*name));
        if let Some(name) = found {
            let detail = format!("the header has {name}, which is not supported");
            return Err(Rejection::new(Check::Syntax).detail(detail));
        }
        if take_text(&mut members, "cty")?.is_some_and(|cty| cty.eq_ignore_ascii_case("JWT")) {
            return Err(Rejection::new(Check::Syntax).detail("it is a token inside a token"));
        }
        Ok(Self {
            alg: take_text(&mut members, "alg")?
                .ok_or_else(|| Rejection::new(Check::Algorithm).detail("there is no alg"))?,
            kid: take_text(&mut members, "kid")?,
            typ: take_text(&mut members, "typ")?,
            rest: members,
        })
    }

    /// The algorithm that the token says it is signed with.
    #[must_use]
    pub fn alg(&self) -> &str {
        &self.alg
    }

    /// The name of the key.
    #[must_use]
    pub fn kid(&self) -> Option<&str> {
        self.kid.as_deref()
    }

    /// The media type of the token.
    #[must_use]
    pub fn typ(&self) -> Option<&str> {
        self.typ.as_deref()
    }

    /// Whether there is another member of this name.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.rest.0.contains_key(name)
    }

    /// Refuses media types that are not those of access tokens, such as of logout tokens and of
    /// proofs (RFC 8725 section 3.11, RFC 9068 section 4). Many issuers name none, or just `JWT`.
    pub(crate) fn check_type(&self) -> Result<(), Rejection> {
        let Some(typ) = self.typ() else { return Ok(()) };
        let accepted = ["JWT", "at+jwt", "application/at+jwt"];
        if accepted
            .iter()
            .any(|accepted| typ.eq_ignore_ascii_case(accepted))
        {
            return Ok(());
        }
        let detail = format!("typ is {}, which is not that of access tokens", Quoted(typ));
        Err(Rejection::new(Check::TokenType).detail(detail))
    }
}

fn take_text(members: &mut Members, name: &str) -> Result<Option<String>, Rejection> {
    match members.0.remove(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => {
            let detail = format!("{name} of the header is no string");
            Err(Rejection::new(Check::Syntax).detail(detail))
        }
    }
}
