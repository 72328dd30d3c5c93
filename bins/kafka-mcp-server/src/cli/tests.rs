use super::*;
use crate::config::{Config, Environment, RawConfig};

fn parse(arguments: &[&str]) -> Result<Cli, clap::Error> {
    Cli::parse(
        ["kafka-mcp-server"]
            .iter()
            .chain(arguments)
            .map(OsString::from),
    )
}

#[test]
fn the_command_is_consistent() {
    command().debug_assert();
}

#[test]
fn flags_are_settings_before_and_after_the_command() {
    for arguments in [
        &["--kafka-client-id", "x", "print-config"][..],
        &["print-config", "--kafka-client-id=x"],
    ] {
        let cli = parse(arguments).unwrap();
        assert!(matches!(cli.action, Action::PrintConfig));
        let raw = RawConfig::collect(None, &Environment::default(), cli.flags).unwrap();
        assert_eq!(Config::read(&raw).unwrap().kafka.client_id, "x");
    }
    assert!(matches!(parse(&[]).unwrap().action, Action::Serve));
}

#[test]
fn unknown_flags_are_refused_with_a_similar_one() {
    let error = parse(&["--kafka-broker", "a:1"]).unwrap_err();
    assert_eq!(error.exit_code(), 2);
    assert!(error.to_string().contains("--kafka-brokers"), "{error}");
    assert!(parse(&["serve"]).is_err());
}

#[test]
fn secrets_are_no_flags() {
    for flag in [
        "--kafka-sasl-password",
        "--kafka-sasl-oauth-client-secret",
        "--oidc-client-secret",
        "--jwt-secret",
        "--jwt-secret-previous",
    ] {
        assert!(parse(&[flag, "x"]).is_err(), "{flag}");
    }
    assert!(parse(&["--kafka-sasl-password-file", "x"]).is_ok());
}

#[test]
fn a_flag_without_a_value_is_told_which_there_are() {
    for (flag, allowed) in [
        ("--kafka-mcp-read-only", "true, false"),
        ("--kafka-engine", "krafka, rskafka"),
    ] {
        let error = parse(&[flag]).unwrap_err().to_string();
        assert!(error.contains("none was supplied"), "{error}");
        assert!(error.contains(allowed), "{error}");
    }
}

#[test]
fn help_names_every_secret_that_is_no_flag() {
    let secrets = SECTIONS.iter().flat_map(|section| section.settings);
    for secret in secrets.filter(|setting| setting.is_secret()) {
        let is_named = AFTER_HELP
            .split(|c: char| !c.is_ascii_uppercase() && c != '_')
            .any(|word| word == secret.name);
        assert!(is_named, "{}", secret.name);
    }
}

#[test]
fn help_names_every_setting_by_variable_and_flag() {
    let help = command().render_help().to_string();
    for setting in SECTIONS.iter().flat_map(|section| section.settings) {
        assert!(help.contains(setting.name), "{}", setting.name);
        assert_eq!(
            help.contains(&format!("--{} <", setting.flag())),
            !setting.is_secret()
        );
    }
}

#[test]
fn a_token_needs_a_subject_and_reads_by_default() {
    let Action::Token(request) = parse(&["token", "--sub", "alice"]).unwrap().action else {
        panic!("it is another command")
    };
    assert_eq!(request.subject, "alice");
    assert_eq!(request.scopes.to_string(), "kafka:read");
    assert_eq!(request.lifetime, Duration::from_secs(3600));
    assert!(parse(&["token"]).is_err());
    for (option, value) in [("--ttl", "0s"), ("--ttl", "31d"), ("--scope", "a\"b")] {
        assert!(
            parse(&["token", "--sub", "a", option, value]).is_err(),
            "{value}"
        );
    }
}

#[test]
fn scopes_of_a_token_are_separated_by_spaces_or_commas() {
    for scopes in ["kafka:read kafka:write", "kafka:read,kafka:write"] {
        let arguments = ["token", "--sub", "alice", "--scope", scopes, "--ttl", "30s"];
        let Action::Token(request) = parse(&arguments).unwrap().action else {
            panic!("it is another command")
        };
        assert_eq!(request.scopes.to_string(), "kafka:read kafka:write");
        assert_eq!(request.lifetime, Duration::from_secs(30));
    }
}

#[cfg(feature = "demo")]
#[test]
fn a_demo_stays_if_it_is_asked_to() {
    let stay = |arguments: &[&str]| match parse(arguments).unwrap().action {
        Action::Demo { stay } => stay,
        other => panic!("it is {other:?}"),
    };
    assert!(!stay(&["demo"]));
    assert!(stay(&["demo", "--stay"]));
    assert!(parse(&["--stay"]).is_err());
}
