//! Logins at this server.

use mcp_oauth::{Login, Published, TokenIssuer};

use super::*;
use crate::config::store::StoreSetting;

#[track_caller]
fn logins(variables: &Variables) -> Option<Logins> {
    http(accepted(variables)).1.logins
}

#[track_caller]
fn has_development_login(variables: &Variables) -> bool {
    let logins = logins(variables);
    logins.is_some_and(|logins| matches!(logins.config.login, Login::Development(_)))
}

#[test]
fn hmac_on_one_machine_has_the_login_for_development_in_either_mode() {
    let native = logins(&hmac()).unwrap();
    assert!(native.beside_provider && native.development_code.is_some());
    let proxy = logins(&with(hmac(), "OAUTH_MODE", "proxy")).unwrap();
    assert!(!proxy.beside_provider && proxy.development_code.is_some());
    assert!(!has_development_login(&with(
        hmac(),
        "OAUTH_DEV_LOGIN",
        "false"
    )));
}

// Whoever can read what the server prints may be anybody: that is for one machine.
#[test]
fn the_login_for_development_is_for_one_machine() {
    for (name, value) in [
        ("MCP_HTTP_HOST", "0.0.0.0"),
        ("OAUTH_SERVER_URL", "https://kafka.example"),
    ] {
        let open = with(hmac(), name, value);
        assert!(!has_development_login(&open), "{name}");
        let wanted = with(open.clone(), "OAUTH_DEV_LOGIN", "true");
        refused(&wanted, &["OAUTH_DEV_LOGIN: ", name]);
        let proxy = with(open, "OAUTH_MODE", "proxy");
        refused(&proxy, &["OAUTH_PROVIDER: hmac has nobody to log in at"]);
    }
    let other = with(okta(), "OAUTH_DEV_LOGIN", "true");
    refused(
        &other,
        &["OAUTH_DEV_LOGIN: has no meaning for the provider okta"],
    );
}

#[test]
fn the_published_configuration_of_proxy_mode_is_accepted() {
    let config = accepted(&google_proxy());
    assert!(config.warnings.is_empty(), "{:?}", config.warnings);
    let logins = http(config).1.logins.unwrap();
    assert!(matches!(logins.config.login, Login::Provider { .. }));
    let callback = "http://localhost:8080/oauth/callback";
    assert_eq!(logins.callback.as_deref(), Some(callback));
    assert!(logins.config.redirect_uris.is_empty() && !logins.beside_provider);
    assert!(!format!("{logins:?}").contains("canary"));
}

#[test]
fn proxy_mode_names_all_that_it_misses_at_once() {
    let needed = ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET", "JWT_SECRET"];
    let bare = needed
        .iter()
        .fold(google_proxy(), |variables, name| unset(variables, name));
    let missing = needed.map(|name| format!("{name}: is not set, but proxy mode needs it"));
    refused(&bare, &missing.each_ref().map(String::as_str));
    // It is the provider's audience, and no token of the provider's is accepted.
    accepted(&unset(google_proxy(), "OIDC_AUDIENCE"));
}

// RFC 7518 section 3.2; keys are made of it, so that it is never made up here.
#[test]
fn proxy_mode_takes_no_weak_secret() {
    for weak in [
        "changeme",
        "canary-short",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let error = resolve(&with(google_proxy(), "JWT_SECRET", weak)).expect_err(weak);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("JWT_SECRET: ") && !shown.contains(weak),
            "{shown}"
        );
    }
    let previous = with(google_proxy(), "JWT_SECRET_PREVIOUS", "short");
    refused(&previous, &["JWT_SECRET_PREVIOUS: "]);
}

#[test]
fn the_callback_is_the_redirect_uri_on_the_own_origin() {
    let list = "cursor://anysphere.cursor-mcp/oauth/callback, http://localhost:8080/back,\
                https://app.example/cb,warp://mcp/oauth2callback";
    let logins = logins(&with(google_proxy(), "OAUTH_REDIRECT_URIS", list)).unwrap();
    assert_eq!(
        logins.callback.as_deref(),
        Some("http://localhost:8080/back")
    );
    let others = [
        "cursor://anysphere.cursor-mcp/oauth/callback",
        "https://app.example/cb",
        "warp://mcp/oauth2callback",
    ];
    assert_eq!(logins.config.redirect_uris, others);
    for wrong in [
        "http://localhost:8080/a,http://localhost:8080/b",
        "http://localhost:8080/a?b",
        "not a URL",
        "javascript:alert(1)",
        "http://app.example/cb",
    ] {
        let wrong = with(google_proxy(), "OAUTH_REDIRECT_URIS", wrong);
        refused(&wrong, &["OAUTH_REDIRECT_URIS: "]);
    }
}

// The settings name one URL, however they spell it: nobody is left with a mode that has no logins.
#[test]
fn the_callback_is_found_in_any_spelling_of_the_own_origin() {
    for (spelling, path) in [
        ("http://LOCALHOST:8080/back", "/back"),
        ("http:localhost:8080/back", "/back"),
        ("http://localhost:08080/back", "/back"),
        ("http:/localhost:8080/oauth/callback", "/oauth/callback"),
    ] {
        let logins = logins(&with(google_proxy(), "OAUTH_REDIRECT_URIS", spelling));
        let callback = format!("http://localhost:8080{path}");
        assert_eq!(logins.unwrap().callback, Some(callback), "{spelling}");
    }
    for wrong in [
        "http:localhost:8080",
        "http://localhost:8080",
        "http://user@localhost:8080/back",
        // Something else answers there.
        "http://localhost:8080/oauth/token",
        "http://localhost:8080/mcp",
    ] {
        let wrong = with(google_proxy(), "OAUTH_REDIRECT_URIS", wrong);
        refused(&wrong, &["OAUTH_REDIRECT_URIS: "]);
    }
}

/// Whether clients are told that their documents are fetched.
#[track_caller]
fn has_documents(variables: &Variables) -> bool {
    let logins = logins(variables).unwrap();
    let store = Arc::new(mcp_oauth::MemoryStore::new(Arc::new(SystemClock)));
    let server = logins.server(logins.config.clone(), store).unwrap();
    let Published::Document(metadata) = server.metadata() else {
        panic!("no metadata");
    };
    let metadata: serde_json::Value = serde_json::from_slice(&metadata).unwrap();
    metadata["client_id_metadata_document_supported"] == true
}

// They are never fetched through a proxy: it would connect to addresses that nobody checked.
#[test]
fn where_only_a_proxy_leads_outside_no_documents_of_clients_are_promised() {
    assert!(has_documents(&google_proxy()));
    let off = with(google_proxy(), "OAUTH_CLIENT_DOCUMENTS", "false");
    assert!(!has_documents(&off));
    let proxied = with(google_proxy(), "HTTPS_PROXY", "http://proxy.example:3128");
    assert!(!has_documents(&proxied));
    warned(&proxied, "OAUTH_CLIENT_DOCUMENTS: ");
    for said in ["true", "false"] {
        let proxied = with(proxied.clone(), "OAUTH_CLIENT_DOCUMENTS", said);
        assert_eq!(has_documents(&proxied), said == "true");
        assert!(accepted(&proxied).warnings.is_empty());
    }
    // Without logins there is nobody to warn of it.
    let native = with(okta(), "HTTPS_PROXY", "http://proxy.example:3128");
    assert!(accepted(&native).warnings.is_empty());
}

#[test]
fn where_logins_are_kept_is_checked_at_start_and_not_printed() {
    for good in [
        "memory",
        "file:/var/lib/kafka-mcp/logins",
        "redis://:canary-1@host:6379/1",
    ] {
        accepted(&with(google_proxy(), "OAUTH_STORE", good));
    }
    for wrong in ["disk", "file:", "redis://:canary-1@host:port"] {
        let error = resolve(&with(google_proxy(), "OAUTH_STORE", wrong)).expect_err(wrong);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("OAUTH_STORE: ") && !shown.contains("canary"),
            "{shown}"
        );
    }
    // A token that was revoked may go on for as long as copies are looked at.
    let far = logins(&with(google_proxy(), "OAUTH_STORE", "redis://host")).unwrap();
    assert_eq!(
        far.config.copies_of_grants,
        Some(std::time::Duration::from_secs(5))
    );
    let near = logins(&google_proxy()).unwrap();
    assert_eq!(near.config.copies_of_grants, None);
}

#[test]
fn where_logins_are_kept_may_stand_in_a_file_as_secrets_do() {
    let file = TestFile::new("store", "redis://:canary-1@host:6379/1\n");
    let path: &'static str = file.path().to_owned().leak();
    let named = with(google_proxy(), "OAUTH_STORE_FILE", path);
    let store = logins(&named).unwrap().store;
    assert!(matches!(store, StoreSetting::Redis(_)), "{store:?}");
    let both = with(named, "OAUTH_STORE", "file:/var/lib/logins");
    refused(&both, &["OAUTH_STORE: OAUTH_STORE_FILE is set too"]);
    for wrong in ["disk:canary-1", "redis://:canary-1@host:port"] {
        let file = TestFile::new("wrong-store", wrong);
        let path: &'static str = file.path().to_owned().leak();
        let error = resolve(&with(google_proxy(), "OAUTH_STORE_FILE", path)).expect_err(wrong);
        let shown = format!("{error} {error:?}");
        assert!(
            shown.contains("OAUTH_STORE_FILE: ") && !shown.contains("canary"),
            "{shown}"
        );
    }
}

// A restriction that nothing enforces must not look as if it were one.
#[test]
fn rules_for_tokens_of_the_provider_mean_nothing_in_proxy_mode() {
    let clients = with(google_proxy(), "OAUTH_ALLOWED_CLIENTS", "a");
    refused(&clients, &["OAUTH_ALLOWED_CLIENTS: ", "proxy mode"]);
    let tokeninfo = with(google_proxy(), "OAUTH_GOOGLE_TOKENINFO", "true");
    warned(&tokeninfo, "OAUTH_GOOGLE_TOKENINFO has no effect");
    // Nor do warnings about them.
    let org = with(google_proxy(), "OAUTH_PROVIDER", "okta");
    let org = unset(
        with(org, "OIDC_ISSUER", "https://acme.okta.com"),
        "OAUTH_ALLOWED_DOMAINS",
    );
    assert!(accepted(&org).warnings.is_empty());
    warned(
        &unset(google_proxy(), "OAUTH_ALLOWED_DOMAINS"),
        "every Google account",
    );
}

#[test]
fn settings_of_logins_that_nobody_makes_are_warned_about() {
    for (name, value) in [
        ("OAUTH_CLIENT_DOCUMENTS", "true"),
        ("OAUTH_STORE", "file:/logins"),
        ("OAUTH_REFRESH_GRACE", "10s"),
        ("OAUTH_TRUSTED_PROXIES", "10.0.0.0/8"),
    ] {
        warned(&with(okta(), name, value), &format!("{name} has no effect"));
        assert!(
            accepted(&with(google_proxy(), name, value))
                .warnings
                .is_empty()
        );
        accepted(&with(hmac(), name, value));
    }
    for (name, wrong) in [
        ("OAUTH_CLIENT_DOCUMENTS", "perhaps"),
        ("OAUTH_STORE", "disk"),
        ("OAUTH_REFRESH_GRACE", "1h"),
        ("OAUTH_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("OAUTH_DEV_LOGIN", "maybe"),
    ] {
        refused(&[(name, wrong)], &[name]);
    }
}
