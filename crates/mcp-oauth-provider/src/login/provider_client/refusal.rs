//! What it means that a provider refuses.

use mcp_oauth_token::{Check, Quoted, Rejection};
use oauth2::{ErrorResponseType, RequestTokenError, StandardErrorResponse};

use super::{LoginError, NoAnswer};

type Refused<T> = RequestTokenError<NoAnswer, StandardErrorResponse<T>>;

/// Says whose fault it is. The body of an answer may repeat what was sent, and stays unread but for
/// the word of RFC 6749 section 5.2 and Entra's number.
pub(super) fn understand<T>(refused: Refused<T>) -> LoginError
where
    T: ErrorResponseType + std::fmt::Display + 'static,
{
    match refused {
        RequestTokenError::ServerResponse(refusal) => {
            let word = refusal.error().to_string();
            meaning(&word, refusal.error_description().map(String::as_str))
        }
        RequestTokenError::Request(no_answer) => no_answer.into(),
        RequestTokenError::Parse(..) | RequestTokenError::Other(_) => {
            LoginError::unavailable("its answer is not understood")
        }
    }
}

/// A token that the provider does not know is as good as revoked (RFC 7009 section 2.2); Google
/// says so with an error.
pub(super) fn forgive_unknown_token<T>(answer: Result<(), Refused<T>>) -> Result<(), LoginError>
where
    T: ErrorResponseType + std::fmt::Display + 'static,
{
    match answer {
        Err(RequestTokenError::ServerResponse(refusal))
            if ["invalid_grant", "invalid_token"].contains(&&*refusal.error().to_string()) =>
        {
            Ok(())
        }
        answer => answer.map_err(understand),
    }
}

impl From<NoAnswer> for LoginError {
    fn from(no_answer: NoAnswer) -> Self {
        let reason = match &no_answer {
            NoAnswer::Transport { source } => format!("{no_answer}: {source}"),
            _ => no_answer.to_string(),
        };
        match no_answer {
            NoAnswer::Status {
                retry_after: Some(retry_after),
                ..
            } => Self::Unavailable {
                reason,
                retry_after,
            },
            _ => Self::unavailable(reason),
        }
    }
}

fn meaning(word: &str, description: Option<&str>) -> LoginError {
    let mut reason = format!("it answers {}", Quoted(word));
    if let Some(number) = description.and_then(entra_number) {
        reason.push_str(&format!(" (AADSTS{number})"));
    }
    match word {
        // The last three are Entra's, for logins that need the person again (OpenID Connect Core
        // section 3.1.2.6).
        "invalid_grant" | "consent_required" | "interaction_required" | "login_required" => {
            LoginError::InvalidGrant { reason }
        }
        "access_denied" => LoginError::Denied(Rejection::new(Check::Voucher).detail(reason)),
        "server_error" | "temporarily_unavailable" => LoginError::unavailable(reason),
        "invalid_client" | "unauthorized_client" => LoginError::Misconfigured {
            reason: format!("{reason}: check client id and client secret"),
        },
        "invalid_scope" => LoginError::Misconfigured {
            reason: format!("{reason}: it does not know a scope that the scope map names"),
        },
        _ => LoginError::Misconfigured { reason },
    }
}

/// The number by which Entra's documentation knows an error.
fn entra_number(description: &str) -> Option<&str> {
    let (_, rest) = description.split_once("AADSTS")?;
    let end = rest.bytes().position(|byte| !byte.is_ascii_digit());
    let number = rest.get(..end.unwrap_or(rest.len()))?;
    (1..=MAX_DIGITS).contains(&number.len()).then_some(number)
}

const MAX_DIGITS: usize = 10;
