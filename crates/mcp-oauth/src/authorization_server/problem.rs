//! What only the person at the browser is told.

use std::fmt;

use http::{
    HeaderMap, HeaderValue, Response, StatusCode,
    header::{ACCEPT, ALLOW, CACHE_CONTROL, CONTENT_TYPE, REFERRER_POLICY, RETRY_AFTER},
};
use http_body_util::Full;

use super::{
    form::MalformedForm,
    page::{Pages, Text},
    rate::RetryAfter,
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
    /// It began in another browser, or ended in this one, which has given up its cookie then.
    OtherBrowser,
    /// The form was sent before, or in another browser: the cookie that would tell is not there.
    SentAgain,
    /// There were too many requests from the same address.
    TooMany(RetryAfter),
    /// It cannot be done now.
    Unavailable,
    /// No client has this id.
    UnknownClient,
    /// The client did not register the redirect URI.
    UnregisteredRedirectUri,
    /// The id of the client is the URL of a document, which is of no use.
    UnusableDocument,
    /// There is an answer, and it is none.
    UselessAnswer,
}

impl Problem {
    /// A page, or JSON for programs that ask for it.
    pub(super) fn reply(self, pages: &Pages, request: &HeaderMap) -> Reply {
        if asks_for_json(request) {
            return self.json();
        }
        let content = fmt::from_fn(|f| self.content(f));
        self.with_headers(pages.show(self.status(), TITLE, &content))
    }

    /// JSON, for programs.
    pub(super) fn json(self) -> Reply {
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
        self.with_headers(reply)
    }

    fn with_headers(self, mut reply: Reply) -> Reply {
        if let Self::MethodNotAllowed(methods) = self {
            let methods = HeaderValue::from_static(methods);
            reply.headers_mut().insert(ALLOW, methods);
        }
        let seconds = match self {
            Self::TooMany(wait) => Some(wait.as_secs()),
            Self::Unavailable => Some(UNAVAILABLE_SECS),
            _ => None,
        };
        if let Some(seconds) = seconds {
            reply.headers_mut().insert(RETRY_AFTER, seconds.into());
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

    const fn status(self) -> StatusCode {
        match self {
            Self::ForeignPage | Self::OtherBrowser | Self::SentAgain => StatusCode::FORBIDDEN,
            Self::Malformed(MalformedForm::TooLarge) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooMany(_) => StatusCode::TOO_MANY_REQUESTS,
            Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::BAD_REQUEST,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::TooMany(_) | Self::Unavailable => "temporarily_unavailable",
            Self::UnknownClient | Self::UnusableDocument => "invalid_client",
            _ => "invalid_request",
        }
    }

    /// What people are told.
    pub(super) const fn what(self) -> &'static str {
        match self {
            Self::Finished => "This login has been finished before.",
            Self::ForeignPage => "The form was sent by another page than ours.",
            Self::Malformed(_) => "The request cannot be read.",
            Self::MethodNotAllowed(_) => "This is no page to be used like this.",
            Self::MixedUp => "The answer comes from another identity provider than the one asked.",
            Self::NotUnderWay => "This login has ended, or took longer than ten minutes.",
            Self::OtherBrowser => "This login has ended, or began in another browser.",
            Self::SentAgain => "This form was sent before, or in another browser.",
            Self::TooMany(_) => "There are too many requests from this network.",
            Self::Unavailable => "The login cannot be done at the moment.",
            Self::UnknownClient => "The application is not known here, or not any more.",
            Self::UnregisteredRedirectUri => {
                "The application asks to send you to an address that it has not registered."
            }
            Self::UnusableDocument => {
                "What the application publishes about itself cannot be used here."
            }
            Self::UselessAnswer => "The identity provider's answer cannot be read.",
        }
    }

    const fn advice(self) -> &'static str {
        match self {
            Self::TooMany(_) | Self::Unavailable => "Try again in a moment.",
            Self::ForeignPage | Self::MixedUp | Self::OtherBrowser => {
                "Nobody was let in by this. If you did not start it yourself, somebody may have \
                 tried to make you log in for them: close this window."
            }
            Self::SentAgain => {
                "Nobody was let in by this. If you pressed the button twice, start again from the \
                 application."
            }
            Self::UnknownClient => {
                "In the application, remove this connection and add it again: it will then \
                 register anew."
            }
            // To add the application again would change nothing.
            Self::UnusableDocument => {
                "The document is missing or wrong, or names no address that this server may send \
                 you to. Who runs this server finds the reason in its log."
            }
            _ => "Close this window, and start again from the application.",
        }
    }
}

/// Browsers ask for HTML.
fn asks_for_json(request: &HeaderMap) -> bool {
    let accepts = |name: &str| {
        let accepted = request.get_all(ACCEPT).iter();
        accepted
            .filter_map(|types| types.to_str().ok())
            .any(|types| types.to_ascii_lowercase().contains(name))
    };
    accepts("application/json") && !accepts("text/html")
}

/// As the token endpoint has it.
const UNAVAILABLE_SECS: u64 = 5;
const TITLE: &str = "This login cannot go on";
