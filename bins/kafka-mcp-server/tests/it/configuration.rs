use crate::process::run;

#[test]
fn a_wrong_configuration_ends_the_process_with_2_and_all_errors() {
    let output = run(
        &["--mcp-http-port", "x"],
        &[
            ("KAFKA_TLS_ENABLE", "maybe"),
            ("KAFKA_SASL_PASSWORD", "canary-0451"),
        ],
    );
    let message = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2), "{message}");
    assert!(message.contains("KAFKA_TLS_ENABLE: 'maybe'"), "{message}");
    assert!(message.contains("MCP_HTTP_PORT: 'x'"), "{message}");
    assert!(!message.contains("canary"), "{message}");
    assert!(output.stdout.is_empty());
}

#[test]
fn a_wrong_command_line_ends_the_process_with_2() {
    let output = run(&["--kafka-broker=a:1"], &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        String::from_utf8(output.stderr)
            .unwrap()
            .contains("--kafka-brokers")
    );
}

#[test]
fn print_config_shows_values_with_their_sources_and_no_secret() {
    let output = run(
        &["print-config", "--kafka-client-id", "me"],
        &[
            ("KAFKA_SASL_PASSWORD", "canary-0451"),
            ("LOG_LEVEL", "warn"),
        ],
    );
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    assert!(text.contains("kafka_client_id = \"me\" # flag\n"), "{text}");
    assert!(
        text.contains("log_level = \"warn\" # environment\n"),
        "{text}"
    );
    assert!(
        text.contains("# kafka_sasl_password is secret (environment)\n"),
        "{text}"
    );
    assert!(!text.contains("canary"), "{text}");
}

#[test]
fn help_and_version_are_answers() {
    let help = run(&["--help"], &[]);
    assert!(help.status.success());
    assert!(
        String::from_utf8(help.stdout)
            .unwrap()
            .contains("KAFKA_BROKERS")
    );
    let version = String::from_utf8(run(&["--version"], &[]).stdout).unwrap();
    assert_eq!(
        version,
        format!("kafka-mcp-server {}\n", env!("CARGO_PKG_VERSION"))
    );
}
