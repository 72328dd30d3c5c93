//! What keeps a server from starting, and what it warns of.

use std::sync::Arc;

use mcp_oauth_provider::{Field, ProviderConfig};

use crate::{
    fake_provider::FakeProvider,
    setup::{OTHER_TENANT, SECRET, Setup, TENANT, provider},
};

/// The fields with problems, and all that is said about them.
fn problems(setup: Setup, change: impl Fn(&mut ProviderConfig)) -> (Vec<Field>, String) {
    let mut config = setup.config();
    change(&mut config);
    match provider(config, Arc::new(FakeProvider::default())) {
        Ok(_) => (Vec::new(), String::new()),
        Err(problems) => {
            let text: Vec<_> = problems.iter().map(ToString::to_string).collect();
            let fields = problems.iter().map(|problem| problem.field).collect();
            (fields, text.join("\n"))
        }
    }
}

#[track_caller]
fn refused(setup: Setup, field: Field, said: &str, change: impl Fn(&mut ProviderConfig)) {
    let (fields, text) = problems(setup, change);
    assert_eq!(fields, [field], "{setup:?}: {text}");
    assert!(text.contains(said), "{setup:?}: {text}");
}

fn warnings(setup: Setup, change: impl Fn(&mut ProviderConfig)) -> String {
    let mut config = setup.config();
    change(&mut config);
    let provider = provider(config, Arc::new(FakeProvider::default())).unwrap();
    let warnings = provider.warnings().iter();
    warnings
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join("\n")
}

#[test]
fn a_typical_configuration_starts() {
    for setup in Setup::ALL {
        assert_eq!(
            problems(setup, |_| {}),
            (Vec::new(), String::new()),
            "{setup:?}"
        );
    }
}

// RFC 8707 section 2, and the rule of MCP that a server takes no token for somebody else.
#[test]
fn an_audience_is_required() {
    for setup in Setup::ALL {
        refused(setup, Field::Audiences, "no audience", |c| {
            c.audiences.clear();
        });
        refused(setup, Field::Audiences, "empty", |c| {
            c.audiences.push(" ".into());
        });
    }
}

#[test]
fn the_client_id_of_google_is_an_audience() {
    let change = |c: &mut ProviderConfig| c.client_id = Some(c.audiences.remove(0));
    assert_eq!(problems(Setup::Google, change), (Vec::new(), String::new()));
}

#[test]
fn an_issuer_is_a_public_address_over_tls() {
    for setup in [Setup::Okta, Setup::Oidc, Setup::Google, Setup::AzureV2] {
        for (issuer, said) in [
            ("", "no issuer"),
            ("company.okta.com", "no URL"),
            ("ftp://company.okta.com", "no https"),
            ("http://company.okta.com/oauth2/default", "https"),
            ("https://company.okta.com/oauth2/default?a", "query"),
            ("https://company.okta.com/oauth2/default#a", "fragment"),
            (
                "https://user@company.okta.com/oauth2/default",
                "user information",
            ),
            ("https://169.254.169.254/oauth2/default", "no address"),
        ] {
            refused(setup, Field::Issuer, said, |c| c.issuer = issuer.into());
        }
    }
    refused(Setup::Hmac, Field::Issuer, "no issuer", |c| {
        c.issuer.clear();
    });
}

#[test]
fn credentials_in_an_issuer_are_not_repeated() {
    let (_, text) = problems(Setup::Okta, |c| {
        c.issuer = "https://user:canary@example.com".into();
    });
    assert!(!text.is_empty() && !text.contains("canary"), "{text}");
}

#[test]
fn the_issuers_of_google_and_entra_are_known() {
    let google = |c: &mut ProviderConfig| c.issuer = "https://accounts.google.com/".into();
    refused(
        Setup::Google,
        Field::Issuer,
        "https://accounts.google.com",
        google,
    );
    refused(Setup::Google, Field::Issuer, "provider oidc", |c| {
        c.issuer = "https://accounts.example.com".into();
    });
    refused(
        Setup::AzureV2,
        Field::Issuer,
        "login.microsoftonline.com",
        |c| {
            c.issuer = format!("https://login.example.com/{TENANT}/v2.0");
        },
    );
    refused(Setup::AzureV2, Field::Issuer, "/v2.0", |c| {
        c.issuer = format!("https://login.microsoftonline.com/{TENANT}");
    });
    for cloud in [
        "https://login.microsoftonline.us",
        "https://login.partner.microsoftonline.cn",
        "https://login.chinacloudapi.cn",
    ] {
        let change = |c: &mut ProviderConfig| c.issuer = format!("{cloud}/{TENANT}/v2.0");
        assert_eq!(problems(Setup::AzureV2, change).0, [], "{cloud}");
    }
}

#[test]
fn every_provider_can_be_played_on_this_machine() {
    for (setup, path) in [
        (Setup::AzureMany, "/common/v2.0".to_owned()),
        (Setup::AzureV2, format!("/{TENANT}/v2.0")),
        (Setup::Google, String::new()),
        (Setup::Oidc, "/realms/main".to_owned()),
        (Setup::Okta, "/oauth2/default".to_owned()),
    ] {
        for origin in [
            "http://127.0.0.1:8080",
            "http://localhost:8080",
            "http://[::1]:8080",
        ] {
            let change = |c: &mut ProviderConfig| c.issuer = format!("{origin}{path}");
            let (fields, text) = problems(setup, change);
            assert!(fields.is_empty(), "{setup:?}: {text}");
        }
    }
}

#[test]
fn many_tenants_need_a_list_of_them() {
    for shared in ["common", "organizations", "consumers"] {
        refused(Setup::AzureMany, Field::AllowedTenants, shared, |c| {
            c.issuer = format!("https://login.microsoftonline.com/{shared}/v2.0");
            c.allowed_tenants.clear();
        });
    }
    refused(Setup::AzureMany, Field::AllowedTenants, "tenant", |c| {
        c.allowed_tenants = vec!["example.com".into()];
    });
    refused(Setup::AzureV2, Field::AllowedTenants, TENANT, |c| {
        c.allowed_tenants = vec![OTHER_TENANT.into()];
    });
}

// RFC 7518 section 3.2, and what is in every list of words to try.
#[test]
fn a_weak_or_missing_secret_is_refused_with_how_to_make_one_and_not_repeated() {
    for secret in [
        "",
        "canary",
        "changeme-canary-changeme-canary-changeme",
        "canarycanarycanarycanarycanarycanary",
        "cccccccccccccccccccccccccccccccccccccccc",
        "-----BEGIN PUBLIC KEY-----canary-0123456789",
    ] {
        let (fields, text) = problems(Setup::Hmac, |c| c.hmac_secrets = vec![secret.into()]);
        assert_eq!(fields, [Field::HmacSecrets], "{secret}: {text}");
        assert!(text.contains("openssl rand -hex 32"), "{text}");
        assert!(!text.contains("canary"), "{text}");
    }
    refused(Setup::Hmac, Field::HmacSecrets, "no secret", |c| {
        c.hmac_secrets.clear();
    });
    refused(Setup::Hmac, Field::HmacSecrets, "previous secret 1", |c| {
        c.hmac_secrets.push("short".into());
    });
}

// RFC 8725 section 3.1: one issuer has one kind of key.
#[test]
fn secrets_and_published_keys_do_not_go_together() {
    for setup in [Setup::AzureV2, Setup::Google, Setup::Oidc, Setup::Okta] {
        refused(setup, Field::HmacSecrets, "no meaning", |c| {
            c.hmac_secrets = vec![SECRET.into()];
        });
    }
}

// Whoever sets a restriction counts on it.
#[test]
fn a_restriction_that_the_provider_cannot_enforce_is_refused() {
    let name = || vec!["name".to_owned()];
    refused(Setup::Okta, Field::AllowedDomains, "okta", |c| {
        c.allowed_domains = name();
    });
    refused(Setup::Google, Field::AllowedTenants, "google", |c| {
        c.allowed_tenants = vec![TENANT.into()];
    });
    refused(Setup::Google, Field::AllowedGroups, "google", |c| {
        c.allowed_groups = name();
    });
    refused(Setup::Oidc, Field::GoogleTokeninfo, "oidc", |c| {
        c.google_tokeninfo = true;
    });
    refused(Setup::Hmac, Field::AllowAppTokens, "hmac", |c| {
        c.allow_app_tokens = true;
    });
}

#[test]
fn scopes_that_do_not_exist_are_refused() {
    refused(Setup::Okta, Field::DefaultScopes, "kafka:raed", |c| {
        c.scopes.default = "kafka:raed".parse().unwrap();
    });
    refused(Setup::Okta, Field::ScopeMap, "kafka:raed", |c| {
        c.scopes.map = Some("a=kafka:raed,b=kafka:raed".parse().unwrap());
    });
}

#[test]
fn a_long_leeway_and_a_star_among_domains_are_refused() {
    refused(Setup::Okta, Field::Leeway, "120s", |c| {
        c.leeway = std::time::Duration::from_secs(121);
    });
    refused(Setup::Google, Field::AllowedDomains, "*", |c| {
        c.allowed_domains.push("*".into());
    });
}

#[test]
fn all_problems_are_told_at_once() {
    let (fields, _) = problems(Setup::Google, |c| {
        c.audiences.clear();
        c.issuer = "nowhere".into();
        c.hmac_secrets = vec![SECRET.into()];
        c.scopes.default = "kafka:raed".parse().unwrap();
    });
    for field in [
        Field::Audiences,
        Field::Issuer,
        Field::HmacSecrets,
        Field::DefaultScopes,
    ] {
        assert!(fields.contains(&field), "{field} in {fields:?}");
    }
}

#[test]
fn an_operator_is_warned_of_what_starts_and_is_hardly_meant() {
    let org = |c: &mut ProviderConfig| c.issuer = "https://company.okta.com".into();
    assert!(warnings(Setup::Okta, org).contains("/oauth2/default"));
    assert_eq!(warnings(Setup::Okta, |_| {}), "");

    let open = warnings(Setup::Google, |c| c.allowed_domains.clear());
    assert!(open.contains("every Google account"), "{open}");
    let meant = warnings(Setup::Google, |c| c.allowed_domains = vec!["*".into()]);
    assert!(!meant.contains("every Google account"), "{meant}");

    let no_v2 = |c: &mut ProviderConfig| c.audiences = vec!["https://api.example.com".into()];
    assert!(warnings(Setup::AzureV2, no_v2).contains("version 1.0"));
}

// Entra's documents and tokens name the id: a server that waited for the domain would never be
// ready.
#[test]
fn a_tenant_of_entra_is_named_by_its_id() {
    refused(
        Setup::AzureV2,
        Field::Issuer,
        "Directory (tenant) ID",
        |c| {
            c.issuer = "https://login.microsoftonline.com/example.com/v2.0".into();
        },
    );
}

#[test]
fn tokens_for_microsoft_graph_are_not_waited_for() {
    for graph in [
        "00000003-0000-0000-c000-000000000000",
        "https://graph.microsoft.com",
    ] {
        refused(Setup::AzureV2, Field::Audiences, "Microsoft Graph", |c| {
            c.audiences.push(graph.into());
        });
    }
}
