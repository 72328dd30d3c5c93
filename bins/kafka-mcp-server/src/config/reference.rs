//! `docs/configuration.md`, made from the table of settings and compared with the file in a test.

use std::{fmt::Write, fs, path::Path};

use super::settings::SECTIONS;

#[test]
fn the_configuration_reference_matches_the_settings() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/configuration.md");
    let expected = reference();
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        fs::write(&path, &expected).unwrap();
    }
    let actual = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        actual == expected,
        "docs/configuration.md is stale: UPDATE_EXPECT=1 cargo test -p kafka-mcp-server reference"
    );
}

fn reference() -> String {
    let mut text = String::from(INTRODUCTION);
    for section in SECTIONS {
        write!(
            text,
            "\n## {}\n\n| variable | default | allowed |\n|---|---|---|\n",
            section.title
        )
        .unwrap();
        for setting in section.settings {
            let default = setting
                .default
                .map_or_else(|| "-".to_owned(), |d| format!("`{d}`"));
            writeln!(
                text,
                "| `{}` | {default} | {} |",
                setting.name, setting.allowed
            )
            .unwrap();
        }
        text.push('\n');
        for setting in section.settings {
            writeln!(text, "- `{}`: {}", setting.name, setting.doc).unwrap();
            for alias in setting.aliases {
                writeln!(text, "  `{alias}` is an alias in the environment.").unwrap();
            }
        }
    }
    text
}

const INTRODUCTION: &str = "\
# Configuration

Every setting has four sources; later ones win: its default, a TOML file named by `--config FILE`,
the environment, a flag. The tables name the environment variable. The key in the file is the
variable in lower case (`kafka_brokers`), the flag has dashes (`--kafka-brokers`).

- Lists are comma-separated, spaces around items do not count; the file takes arrays too.
- Durations are `500ms`, `10s`, `2m`, `1h`, or a plain number of seconds.
- An empty value counts as not set.
- Unknown keys in the file and unknown flags are errors; an environment variable that looks like a misspelt setting is warned of, and others are ignored.
- Secrets are no flags, because every user of the machine can read the command line of a process.
  They come from the environment or the file, or from a file of their own, named by the same
  variable with `_FILE`.
- Whatever is wrong is shown at once, and the exit code is 2. `kafka-mcp-server print-config` shows
  what the server would run with and where each value came from, without secrets.

This file is generated; `UPDATE_EXPECT=1 cargo test -p kafka-mcp-server reference` writes it anew.
";
