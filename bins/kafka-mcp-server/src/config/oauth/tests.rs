mod logins;

use super::*;
use crate::config::{
    Config, ConfigError, Transport,
    tests::{TestFile, accepted, collected, refused, resolve},
};

type Variables = Vec<(&'static str, &'static str)>;

const SECRET: &str = "3d5b0cf1a9e84c7792e0d46f8b1a6c25";

/// What the guide to development with hmac sets.
fn hmac() -> Variables {
    vec![
        ("MCP_TRANSPORT", "http"),
        ("OAUTH_ENABLED", "true"),
        ("OAUTH_PROVIDER", "hmac"),
        ("OAUTH_SERVER_URL", "http://localhost:8080"),
        ("OIDC_ISSUER", "http://localhost:8080"),
        ("OIDC_AUDIENCE", "api://kafka-mcp-server"),
        ("JWT_SECRET", SECRET),
    ]
}

fn okta() -> Variables {
    let mut variables = hmac();
    set(&mut variables, "OAUTH_PROVIDER", "okta");
    set(&mut variables, "OAUTH_SERVER_URL", "https://kafka.example");
    set(
        &mut variables,
        "OIDC_ISSUER",
        "https://acme.okta.com/oauth2/default",
    );
    unset(variables, "JWT_SECRET")
}

/// What the published guide to proxy mode sets.
fn google_proxy() -> Variables {
    vec![
        ("MCP_TRANSPORT", "http"),
        ("OAUTH_ENABLED", "true"),
        ("OAUTH_MODE", "proxy"),
        ("OAUTH_PROVIDER", "google"),
        ("OAUTH_SERVER_URL", "http://localhost:8080"),
        ("OIDC_ISSUER", "https://accounts.google.com"),
        ("OIDC_CLIENT_ID", "id.apps.googleusercontent.com"),
        ("OIDC_CLIENT_SECRET", "canary-secret"),
        ("OIDC_AUDIENCE", "id.apps.googleusercontent.com"),
        (
            "OAUTH_REDIRECT_URIS",
            "http://localhost:8080/oauth/callback",
        ),
        ("OAUTH_ALLOWED_DOMAINS", "acme.example"),
        ("JWT_SECRET", SECRET),
    ]
}

/// Sets a variable anew.
fn set(variables: &mut Variables, name: &'static str, value: &'static str) {
    variables.retain(|(other, _)| *other != name);
    variables.push((name, value));
}

fn with(mut variables: Variables, name: &'static str, value: &'static str) -> Variables {
    set(&mut variables, name, value);
    variables
}

fn unset(mut variables: Variables, name: &str) -> Variables {
    variables.retain(|(other, _)| *other != name);
    variables
}

fn http(config: Config) -> (crate::http::HttpConfig, OAuth) {
    match config.transport {
        Transport::Http { http, oauth } => (http, oauth.expect("OAuth is off")),
        Transport::Stdio => panic!("it is stdio"),
    }
}

#[track_caller]
fn warned(variables: &Variables, about: &str) {
    let warnings = accepted(variables).warnings;
    let is_warned = warnings.iter().any(|warning| warning.contains(about));
    assert!(is_warned, "{about:?} is missing: {warnings:?}");
}

#[test]
fn the_configuration_for_development_is_accepted() {
    let (http, oauth) = http(accepted(&hmac()));
    assert_eq!(oauth.provider.kind(), ProviderKind::Hmac);
    assert_eq!(oauth.server_url.to_string(), "http://localhost:8080");
    assert!(http.address.ip().is_loopback());
}

#[test]
fn what_oauth_cannot_do_without_is_named_all_at_once() {
    let variables = [("MCP_TRANSPORT", "http"), ("OAUTH_ENABLED", "true")];
    refused(
        &variables,
        &[
            "OAUTH_SERVER_URL: is not set",
            "OIDC_ISSUER: is not set",
            "OIDC_AUDIENCE: ",
        ],
    );
}

// It checks tokens by the key that makes them.
#[test]
fn hmac_in_public_is_warned_about() {
    let public = with(hmac(), "OAUTH_SERVER_URL", "https://kafka.example");
    warned(&public, "whoever knows JWT_SECRET");
    assert!(accepted(&hmac()).warnings.is_empty());
}

#[test]
fn what_the_provider_warns_of_is_named_by_its_setting() {
    let org = with(okta(), "OIDC_ISSUER", "https://acme.okta.com");
    warned(&org, "OIDC_ISSUER: https://acme.okta.com is Okta's org");
}

// A server that looks protected and is not is worse than one that does not start.
#[test]
fn stdio_authenticates_nobody_and_says_so() {
    let variables = with(hmac(), "MCP_TRANSPORT", "stdio");
    refused(&variables, &["OAUTH_ENABLED: ", "stdio"]);
    refused(&unset(hmac(), "MCP_TRANSPORT"), &["OAUTH_ENABLED: "]);
}

#[test]
fn unknown_words_are_refused_whether_oauth_is_on_or_off() {
    for (name, value) in [
        ("OAUTH_MODE", "hybrid"),
        ("OAUTH_PROVIDER", "keycloak"),
        ("OAUTH_GOOGLE_TOKENINFO", "maybe"),
        ("OAUTH_DEFAULT_SCOPES", "kafka:everything"),
        ("OAUTH_DEFAULT_SCOPES", "kafka:read kafka:write"),
        ("OAUTH_SCOPE_MAP", "reader"),
        ("OAUTH_SERVER_URL", "https://kafka.example/mcp"),
        ("OAUTH_SERVER_URL", "http://kafka.example"),
    ] {
        refused(&[(name, value)], &[name, value, "allowed: "]);
        refused(&with(okta(), name, value), &[name, value, "allowed: "]);
    }
}

#[test]
fn words_are_read_in_any_case_and_azuread_is_azure() {
    accepted(&with(hmac(), "OAUTH_PROVIDER", "HMAC"));
    accepted(&with(hmac(), "OAUTH_MODE", "Native"));
    assert_eq!(provider_kind("AzureAD"), Ok(ProviderKind::Azure));
}

// RFC 7518 section 3.2: a key of HS256 has at least 256 bits.
#[test]
fn a_missing_or_weak_key_is_refused_and_never_printed() {
    refused(&unset(hmac(), "JWT_SECRET"), &["JWT_SECRET: "]);
    for weak in [
        "canary-short",
        "changeme",
        "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
    ] {
        let error = resolve(&with(hmac(), "JWT_SECRET", weak)).expect_err(weak);
        let shown = format!("{error} {error:?}");
        assert!(shown.contains("JWT_SECRET: "), "{shown}");
        assert!(!shown.contains(weak), "{shown}");
    }
}

#[test]
fn keys_come_from_files_too() {
    let current = TestFile::new("jwt-secret", &format!("{SECRET}\n"));
    let previous = TestFile::new("jwt-previous", &format!("{SECRET}-1, {SECRET}-2\n"));
    let variables = unset(hmac(), "JWT_SECRET");
    let files = [
        ("JWT_SECRET_FILE", current.path()),
        ("JWT_SECRET_PREVIOUS_FILE", previous.path()),
    ];
    accepted(&[&variables[..], &files].concat());
    let both = [&hmac()[..], &files].concat();
    refused(&both, &["JWT_SECRET: JWT_SECRET_FILE is set too"]);
}

#[test]
fn a_public_url_opens_the_address_and_admits_its_host_and_origin() {
    let (config, _) = http(accepted(&okta()));
    assert!(config.address.ip().is_unspecified());
    assert_eq!(config.allowed_hosts, ["kafka.example".parse().unwrap()]);
    assert_eq!(
        config.allowed_origins,
        ["https://kafka.example".parse().unwrap()]
    );
    let (config, _) = http(accepted(&with(okta(), "MCP_HTTP_HOST", "127.0.0.1")));
    assert!(config.address.ip().is_loopback());
    // The same URL without OAuth opens nothing.
    let closed = accepted(&with(okta(), "OAUTH_ENABLED", "false"));
    let Transport::Http { http, oauth: None } = closed.transport else {
        panic!("{:?}", closed.transport)
    };
    assert!(http.address.ip().is_loopback() && http.allowed_hosts.is_empty());
}

#[test]
fn what_the_provider_refuses_is_named_by_its_setting() {
    for (name, value) in [
        ("OAUTH_ALLOWED_DOMAINS", "acme.example"),
        ("OAUTH_GOOGLE_TOKENINFO", "true"),
        ("OAUTH_ALLOW_APP_TOKENS", "true"),
        ("OIDC_ISSUER", "http://acme.okta.com/oauth2/default"),
        ("OAUTH_SCOPE_MAP", "reader=kafka:everything"),
    ] {
        refused(&with(okta(), name, value), &[&format!("{name}: ")]);
    }
}

#[test]
fn default_scopes_that_no_token_would_get_are_refused() {
    let name = "OAUTH_DEFAULT_SCOPES";
    refused(&with(hmac(), name, "kafka:write"), &["no effect with hmac"]);
    let mapped = with(okta(), "OAUTH_SCOPE_MAP", "reader=kafka:read");
    accepted(&mapped);
    refused(
        &with(mapped, name, "kafka:write"),
        &["no effect with OAUTH_SCOPE_MAP"],
    );
    accepted(&with(okta(), name, "kafka:read, kafka:write"));
}

#[test]
fn settings_of_proxy_mode_are_harmless_and_warned_about() {
    for (name, value) in [
        ("OIDC_CLIENT_SECRET", "s"),
        (
            "OAUTH_REDIRECT_URIS",
            "http://localhost:8080/oauth/callback",
        ),
        ("OIDC_CLIENT_ID", "id"),
        ("JWT_SECRET", "x"),
    ] {
        warned(&with(okta(), name, value), &format!("{name} has no effect"));
    }
}

#[test]
fn oauth_that_is_configured_but_off_is_warned_about() {
    warned(
        &with(okta(), "OAUTH_ENABLED", "false"),
        "OAUTH_ENABLED=true",
    );
}

#[test]
fn the_proxy_of_the_machine_is_used_in_either_spelling_and_not_printed() {
    let proxy = "http://user:canary-0451@proxy.example:3128";
    for name in ["HTTPS_PROXY", "https_proxy"] {
        accepted(&with(okta(), name, proxy));
        // It is not ours to refuse while it is not used.
        accepted(&[(name, "no proxy at all")]);
    }
    // Nor is it a mistake when the two differ.
    let both = with(with(okta(), "HTTPS_PROXY", proxy), "https_proxy", "other:1");
    accepted(&both);
    let wrong = with(okta(), "HTTPS_PROXY", "http://canary-0451:x@[proxy");
    let error = resolve(&wrong).expect_err("it was accepted");
    let shown = format!("{error} {error:?}");
    assert!(shown.contains("HTTPS_PROXY: "), "{shown}");
    assert!(!shown.contains("canary"), "{shown}");
}

#[test]
fn certificates_of_the_provider_have_to_be_there() {
    let missing = ("OIDC_CA_FILE", "/nonexistent/ca.pem");
    refused(&with(okta(), missing.0, missing.1), &[missing.0, missing.1]);
    let empty = TestFile::new("no-ca.pem", "no certificate");
    let variables = [&okta()[..], &[("OIDC_CA_FILE", empty.path())]].concat();
    refused(&variables, &["OIDC_CA_FILE: "]);
}

#[test]
fn tokens_are_made_from_the_same_settings_without_a_server() {
    let settings = |variables: &Variables| -> Result<ProviderConfig, ConfigError> {
        crate::config::hmac_provider(&collected(variables)?)
    };
    let off = unset(unset(hmac(), "OAUTH_ENABLED"), "MCP_TRANSPORT");
    let config = settings(&off).unwrap();
    assert_eq!(config.issuer, "http://localhost:8080");
    assert_eq!(config.audiences, ["api://kafka-mcp-server"]);
    assert_eq!(config.hmac_secrets.len(), 1);
    let error = settings(&okta()).unwrap_err().to_string();
    assert!(error.contains("OAUTH_PROVIDER: "), "{error}");
    let error = settings(&unset(off, "JWT_SECRET")).unwrap_err().to_string();
    assert!(error.contains("JWT_SECRET: "), "{error}");
}
