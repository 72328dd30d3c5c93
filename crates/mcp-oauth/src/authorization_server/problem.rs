//! What only the person at the browser is told.

use std::fmt;

use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY},
};
use http_body_util::Full;

use super::{
    form::MalformedForm,
    page::{Pages, Text},
};
use crate::refusal::Reply;

/// Why a login cannot go on, where the client is not told: it is not known, or not known to be the
/// one that asks (RFC 6749 section 4.1.2.1). Nothing that was sent comes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Problem {
    /// It was finished before.
    Finished,
    /// Another page sent the form.
    ForeignPage,
    /// It is not a form.
    Malformed(MalformedForm),
    /// Another method.
    MethodNotAllowed(&'static str),
    /// The answer comes from another identity provider (RFC 9207 section 2.4).
    MixedUp,
    /// There is nothing like it under way, or not any more.
    NotUnderWay,
    /// It began in another browser.
    OtherBrowser,
    /// It cannot be done now.
    Unavailable,
    /// No client has this id.
    UnknownClient,
    /// The client did not register the redirect URI.
    UnregisteredRedirectUri,
    /// There is an answer, and it is none.
    UselessAnswer,
}

impl Problem {
    /// A page, or JSON for programs that ask for it.
    pub(super) fn reply(self, pages: &Pages, request: &HeaderMap) -> Reply {
        let mut reply = if asks_for_json(request) {
            self.json()
        } else {
            let content = fmt::from_fn(|f| self.content(f));
            pages.show(self.status(), TITLE, &content)
        };
        if let Self::MethodNotAllowed(methods) = self {
            let methods = HeaderValue::from_static(methods);
            reply.headers_mut().insert(ALLOW, methods);
        }
        reply
    }

    fn content(self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            include_str!("page/problem.html"),
            what = Text(self.what()),
            advice = Text(self.advice()),
        )
    }

    fn json(self) -> Reply {
        let body = serde_json::json!({
            "error": self.code(),
            "error_description": format!("{} {}", self.what(), self.advice()),
        });
        let mut reply = Response::new(Full::from(body.to_string()));
        *reply.status_mut() = self.status();
        let headers = reply.headers_mut();
        for (name, value) in [
            (CONTENT_TYPE, "application/json"),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        reply
    }

    const fn status(self) -> StatusCode {
        match self {
            Self::ForeignPage | Self::OtherBrowser => StatusCode::FORBIDDEN,
            Self::Malformed(MalformedForm::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Unavailable => "temporarily_unavailable",
            Self::UnknownClient => "invalid_client",
            _ => "invalid_request",
        }
    }

    const fn what(self) -> &'static str {
        match self {
            Self::Finished => "This login has been finished before.",
            Self::ForeignPage => "The form was sent by another page than ours.",
            Self::Malformed(_) => "The request cannot be read.",
            Self::MethodNotAllowed(_) => "This is no page to be used like this.",
            Self::MixedUp => "The answer comes from another identity provider than the one asked.",
            Self::NotUnderWay => "This login has ended, or took longer than ten minutes.",
            Self::OtherBrowser => "This login began in another browser.",
            Self::Unavailable => "The login cannot be done at the moment.",
            Self::UnknownClient => "The application is not known here, or not any more.",
            Self::UnregisteredRedirectUri => {
                "The application asks to send you to an address that it has not registered."
            }
            Self::UselessAnswer => "The identity provider's answer cannot be read.",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::Unavailable => "Try again in a moment.",
            Self::ForeignPage | Self::MixedUp | Self::OtherBrowser => {
                "Nobody was let in. If you did not start this yourself, somebody may have tried to \
                 make you log in for them: close this window."
            }
            Self::UnknownClient => {
                "In the application, remove this connection and add it again: it will then \
                 register anew."
            }
            _ => "Close this window, and start again from the application.",
        }
    }
}

/// Browsers ask for HTML.
fn asks_for_json(request: &HeaderMap) -> bool {
    let accepted = request.get_all(ACCEPT).iter();
    let mut accepted = accepted.filter_map(|types| types.to_str().ok()).peekable();
    let names = |types: &str, name: &str| types.to_ascii_lowercase().contains(name);
    let mut json = false;
    while let Some(types) = accepted.next() {
        if names(types, "text/html") {
            return false;
        }
        json |= names(types, "application/json");
    }
    json
}

const TITLE: &str = "This login cannot go on";
