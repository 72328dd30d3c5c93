//! The identity provider: what it publishes, and what its clock says.

use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response, StatusCode, header::DATE};
use jiff::{Timestamp, fmt::rfc2822};
use mcp_oauth_provider::{Provider, ProviderKind};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError, Quoted};
use serde_json::Value;
use tokio::time::{interval, timeout};

use super::finding::Finding;
use crate::{causes::with_causes, config::OAuth};

/// Looks at what the provider publishes.
pub(super) async fn examine(oauth: &OAuth) -> Vec<Finding> {
    let provider = &oauth.provider;
    if provider.kind() == ProviderKind::Hmac {
        return vec![Finding::good("provider", "hmac needs none but the key")];
    }
    let url = format!(
        "{}/.well-known/openid-configuration",
        provider.issuer().trim_end_matches('/')
    );
    let answer = get(&*oauth.http, &url).await;
    match &answer {
        Ok(answer) => vec![
            discovery(&url, answer, provider),
            clock(answer, Timestamp::now()),
            keys(provider).await,
        ],
        Err(error) => vec![Finding::bad(
            "discovery",
            format!("{url}: {}", with_causes(error)),
            "see that OIDC_ISSUER is right, and that this machine may connect to it \
             (HTTPS_PROXY, NO_PROXY, OIDC_CA_FILE); until then every token is answered with 503",
        )],
    }
}

/// Fetches a document.
pub(super) async fn get(http: &dyn HttpClient, url: &str) -> Result<Response<Bytes>, HttpError> {
    let request = Request::get(url).body(Bytes::new());
    let request = request.map_err(|error| HttpError::Transport {
        source: error.into(),
    })?;
    http.send(request, FetchLimits::new(TIMEOUT, MAX_BYTES))
        .await
}

fn discovery(url: &str, answer: &Response<Bytes>, provider: &Provider) -> Finding {
    let about = "discovery";
    if answer.status() != StatusCode::OK {
        let found = format!("{url} answers {}", answer.status());
        return Finding::bad(about, found, "correct OIDC_ISSUER: that is no issuer");
    }
    let document: Value = serde_json::from_slice(answer.body()).unwrap_or_default();
    let expected = provider.discovered_issuer().unwrap_or_default();
    match document.get("issuer").and_then(Value::as_str) {
        Some(issuer) if issuer == expected => {
            Finding::good(about, format!("the document names the issuer {issuer}"))
        }
        Some(issuer) => Finding::bad(
            about,
            format!(
                "the document names the issuer {}, and not '{expected}'",
                Quoted(issuer)
            ),
            "set OIDC_ISSUER to that, to the letter, if it is the issuer you mean",
        ),
        None => Finding::bad(
            about,
            format!("{url} is no discovery document"),
            "correct OIDC_ISSUER",
        ),
    }
}

fn clock(answer: &Response<Bytes>, now: Timestamp) -> Finding {
    let about = "clock";
    let date = answer
        .headers()
        .get(DATE)
        .and_then(|date| date.to_str().ok());
    let theirs = date.and_then(|date| rfc2822::DateTimeParser::new().parse_timestamp(date).ok());
    let Some(theirs) = theirs else {
        let advice = "see yourself that the clock of this machine is right";
        return Finding::doubtful(about, "the provider does not say what time it is", advice);
    };
    let skew = now.duration_since(theirs);
    let (seconds, direction) = match skew.as_secs() {
        late @ ..0 => (late.unsigned_abs(), "behind"),
        early => (early.unsigned_abs(), "ahead of"),
    };
    let found = format!("this machine is {seconds} s {direction} the provider");
    let advice = "set the clock of this machine: tokens are accepted up to 30 s beyond their time";
    match seconds {
        0..=5 => Finding::good(about, found),
        6..=30 => Finding::doubtful(about, found, advice),
        _ => Finding::bad(about, found, advice),
    }
}

/// Waits until the provider has all it needs to validate tokens.
async fn keys(provider: &Provider) -> Finding {
    let ready = async {
        let mut ticks = interval(POLL);
        while provider.readiness().is_err() {
            ticks.tick().await;
        }
    };
    let attempt = async {
        tokio::select! {
            () = ready => {}
            // It may have nothing to maintain, and end at once.
            () = async { provider.maintain().await; std::future::pending().await } => {}
        }
    };
    // Whether it was in time is what the provider itself says.
    let _ = timeout(PATIENCE, attempt).await;
    match provider.readiness() {
        Ok(()) => {
            let keys = provider.status().jwks_keys;
            Finding::good("keys", format!("{keys} keys to verify tokens with"))
        }
        Err(error) => {
            let advice = "correct OIDC_ISSUER, or have the provider corrected; until then every \
                          token is answered with 503";
            Finding::bad("keys", error.to_string(), advice)
        }
    }
}

const TIMEOUT: Duration = Duration::from_secs(5);
const PATIENCE: Duration = Duration::from_secs(12);
const POLL: Duration = Duration::from_millis(50);
const MAX_BYTES: usize = 256 * 1024;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::finding::Mark;

    fn dated(date: &str) -> Response<Bytes> {
        Response::builder()
            .header(DATE, date)
            .body(Bytes::new())
            .unwrap()
    }

    #[test]
    fn a_clock_that_is_off_by_more_than_tokens_may_be_is_wrong() {
        let answer = dated("Sun, 06 Nov 1994 08:49:37 GMT");
        let theirs = 784_111_777;
        for (skew, mark, found) in [
            (0, Mark::Good, "0 s"),
            (-5, Mark::Good, "5 s behind"),
            (20, Mark::Doubtful, "20 s ahead of"),
            (-31, Mark::Bad, "31 s behind"),
            (3600, Mark::Bad, "3600 s ahead of"),
        ] {
            let now = Timestamp::from_second(theirs + skew).unwrap();
            let finding = clock(&answer, now);
            assert_eq!(finding.mark(), mark, "{finding}");
            assert!(finding.to_string().contains(found), "{finding}");
        }
    }

    #[test]
    fn a_provider_that_does_not_tell_the_time_is_no_failure() {
        for answer in [dated("yesterday"), Response::new(Bytes::new())] {
            assert_eq!(clock(&answer, Timestamp::UNIX_EPOCH).mark(), Mark::Doubtful);
        }
    }
}
