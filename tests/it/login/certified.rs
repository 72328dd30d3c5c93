//! The same at providers that are certified, and were not written for these tests.

use mcp_oauth_provider::{LoginConfig, LoginError};
use testkit::{CLIENT_SECRET, CertifiedProviders};

use super::{WITHIN, attempt, config, login_as, parameters, scopes};

#[tokio::test]
async fn people_log_in_stay_and_leave_at_certified_providers() {
    let Some(certified) = CertifiedProviders::start().await else {
        return;
    };
    for personality in CertifiedProviders::PERSONALITIES {
        let client_id = CertifiedProviders::client_id(personality);
        let callback = "http://127.0.0.1:4711/oauth/callback";
        let client = LoginConfig::new(client_id, CLIENT_SECRET.into(), callback);
        let issuer = certified.issuer(personality).to_owned();
        let login = login_as(client, config(personality, issuer));
        let attempt = attempt();

        let url = login.authorize_url("state-1", &attempt).await.unwrap();
        let back = certified.sign_in(personality, url.as_str()).await;
        assert!(back.starts_with(callback), "{back}");
        let back = parameters(&back);
        assert_eq!(back["state"], "state-1");
        let iss = back.get("iss").map(String::as_str);
        assert!(login.may_answer_as(iss).await.unwrap());
        let code = back["code"].as_str().into();
        let logged_in = login.exchange(&code, &attempt).await;
        let logged_in = logged_in.unwrap_or_else(|error| panic!("{personality:?}: {error}"));
        let replayed = login.exchange(&code, &attempt).await.unwrap_err();
        assert!(
            matches!(replayed, LoginError::InvalidGrant { .. }),
            "{replayed:?}"
        );

        // It ended all tokens of that code, so that somebody logs in once more.
        let back = certified.sign_in(personality, url.as_str()).await;
        let code = parameters(&back)["code"].as_str().into();
        let again = login.exchange(&code, &attempt).await.unwrap();
        assert_eq!(again.principal.subject, logged_in.principal.subject);
        let refresh_token = again.refresh_token.expect("a refresh token");
        let (wanted, subject) = (scopes("kafka:read"), &*again.principal.subject);
        let refreshed = login.refresh(&refresh_token, &wanted, Some(subject), WITHIN);
        let refreshed = refreshed.await;
        let refreshed = refreshed.unwrap_or_else(|error| panic!("{personality:?}: {error}"));
        assert!(refreshed.principal.unwrap().is_some());
        let refresh_token = refreshed.refresh_token.unwrap_or(refresh_token);
        login.revoke(&refresh_token).await.unwrap();
        let refused = login.refresh(&refresh_token, &wanted, None, WITHIN);
        let refused = refused.await.unwrap_err();
        assert!(
            matches!(refused, LoginError::InvalidGrant { .. }),
            "{refused:?}"
        );
    }
}
