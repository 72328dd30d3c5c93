//! What the documents name is there: tests, settings, metrics, messages, files.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

#[test]
fn tests_that_documents_name_exist() {
    let sources = sources();
    for document in documents() {
        for span in document.code_spans() {
            let Some((module, test)) = span.rsplit_once("::") else {
                continue;
            };
            let is_test = test == "*" || test.matches('_').count() > 1;
            if is_test && module.chars().all(is_of_module) {
                let is_there = sources.iter().any(|source| source.holds(module, test));
                assert!(is_there, "{}: there is no test {span}", document.name);
            }
        }
    }
}

#[test]
fn settings_that_documents_name_exist() {
    let reference = words(&read(&root().join("docs/configuration.md")));
    for document in documents()
        .iter()
        .filter(|document| document.is_for_users())
    {
        for word in words(&document.text) {
            let is_setting = SETTINGS.iter().any(|start| word.starts_with(start));
            let is_known = match word.strip_suffix('_') {
                // All that begin so: `KAFKA_TLS_*`.
                Some(_) => reference.iter().any(|known| known.starts_with(&word)),
                None => reference.contains(&word),
            };
            assert!(
                !is_setting || is_known,
                "{}: there is no {word}",
                document.name
            );
        }
    }
}

#[test]
fn metrics_that_documents_name_exist() {
    let known = metrics();
    let mut named = 0;
    for document in documents() {
        for name in names(&document.text) {
            let histogram = ["_bucket", "_count", "_sum"];
            let base = histogram.iter().find_map(|end| name.strip_suffix(end));
            let is_known = known.contains(&name) || base.is_some_and(|base| known.contains(base));
            assert!(is_known, "{}: there is no {name}", document.name);
            named += 1;
        }
    }
    assert!(named > 5, "{named}");
}

#[test]
fn metrics_that_there_are_are_in_the_table_of_the_document() {
    let document = names(&read(&root().join("docs/security.md")));
    let metrics = metrics();
    assert!(metrics.len() > 15, "{metrics:?}");
    for name in metrics {
        assert!(
            document.contains(&name),
            "{name} is not in docs/security.md"
        );
    }
}

/// In the columns of what something says, or what somebody gets; parts that vary are `…`.
#[test]
fn messages_that_the_troubleshooting_quotes_are_written_somewhere() {
    let sources = sources();
    let product = sources.iter().filter(|source| !source.is_test());
    let said: String = product.map(|source| as_printed(&source.text)).collect();
    let mut columns = Vec::new();
    let mut quoted = 0;
    for line in read(&root().join("docs/troubleshooting.md")).lines() {
        let cells: Vec<_> = line.split('|').map(str::trim).collect();
        if columns.is_empty() {
            let is_message = |cell: &&str| cell.ends_with(" says") || cell.ends_with(" gets");
            columns = cells.iter().map(is_message).collect();
        }
        if cells.len() == 1 {
            columns.clear();
        }
        let messages = columns
            .iter()
            .zip(cells)
            .filter(|(is_message, _)| **is_message);
        for span in messages.flat_map(|(_, cell)| code_spans(cell)) {
            for part in span.split('…').map(str::trim) {
                assert!(said.contains(part), "nobody says {part:?}, of {span:?}");
                quoted += 1;
            }
        }
    }
    assert!(quoted > 50, "{quoted}");
}

/// A block that begins with the path of a file is out of that file.
#[test]
fn code_that_documents_quote_is_in_the_file_that_they_name() {
    let mut quoted = 0;
    for document in documents() {
        for block in document.text.split("```").skip(1).step_by(2) {
            let mut lines = block.lines().skip(1);
            let first = lines.next().unwrap_or_default();
            let Some(path) = first
                .strip_prefix("// ")
                .filter(|path| path.ends_with(".rs"))
            else {
                continue;
            };
            let source = read(&root().join(path));
            let quote: String = lines.map(|line| format!("{line}\n")).collect();
            for part in quote.split("// …\n") {
                let part = part.trim_matches('\n');
                assert!(
                    source.contains(part),
                    "{}: not in {path}:\n{part}",
                    document.name
                );
                quoted += 1;
            }
        }
    }
    assert!(quoted > 2, "{quoted}");
}

#[test]
fn every_fuzz_target_is_documented_is_built_and_has_seeds() {
    let fuzz = root().join("fuzz");
    let (document, manifest) = (root().join("docs/testing.md"), fuzz.join("Cargo.toml"));
    let (document, manifest) = (read(&document), read(&manifest));
    for path in files(&fuzz.join("fuzz_targets"), "rs") {
        let name = path.file_stem().unwrap_or_default().to_string_lossy();
        assert!(document.contains(&format!("`{name}`")), "{name}");
        assert!(manifest.contains(&format!("name = \"{name}\"")), "{name}");
        let seeds = fs::read_dir(fuzz.join("seeds").join(&*name));
        assert!(seeds.is_ok_and(|seeds| seeds.count() > 0), "{name}");
    }
}

#[test]
fn links_between_documents_lead_somewhere() {
    for document in documents() {
        let text: String = document.text.split("```").step_by(2).collect();
        for rest in text.split("](").skip(1) {
            let target = rest.split(')').next().unwrap_or_default();
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            if file.contains("://") {
                continue;
            }
            let folder = document.path.parent().unwrap_or(Path::new(""));
            let path = if file.is_empty() {
                document.path.clone()
            } else {
                folder.join(file)
            };
            assert!(path.exists(), "{}: no {target}", document.name);
            if !anchor.is_empty() {
                let text = read(&path);
                let mut headings = text.lines().filter(|line| line.starts_with('#'));
                let is_there = headings.any(|heading| as_anchor(heading) == anchor);
                assert!(is_there, "{}: no {target}", document.name);
            }
        }
    }
}

struct Document {
    path: PathBuf,
    name: String,
    text: String,
}

impl Document {
    fn read(path: &Path) -> Self {
        Self {
            name: path
                .strip_prefix(root())
                .unwrap_or(path)
                .display()
                .to_string(),
            text: read(path),
            path: path.to_owned(),
        }
    }

    /// Whether it speaks of settings only, and not of what tests and measurements set.
    fn is_for_users(&self) -> bool {
        let others = ["testing.md", "performance.md"];
        !self.name.contains("decisions") && !others.iter().any(|name| self.name.ends_with(name))
    }

    fn code_spans(&self) -> Vec<&str> {
        let outside_of_blocks = self.text.split("```").step_by(2);
        outside_of_blocks.flat_map(code_spans).collect()
    }
}

struct Source {
    /// The names of the files and folders that lead to it, without those that all have.
    module: Vec<String>,
    text: String,
}

impl Source {
    fn read(path: &Path) -> Self {
        let path_of_module = path.with_extension("");
        let names = path_of_module.components();
        let names = names.map(|name| name.as_os_str().to_string_lossy().into_owned());
        Self {
            module: names.collect(),
            text: read(path),
        }
    }

    fn is_test(&self) -> bool {
        self.module.iter().any(|name| name == "tests")
    }

    /// Whether it is `module`, perhaps with the module `tests` within, and has the test.
    fn holds(&self, module: &str, test: &str) -> bool {
        let wanted: Vec<_> = module.split("::").map(str::to_owned).collect();
        let inline = wanted.strip_suffix(&["tests".to_owned()]);
        let is_it = self.module.ends_with(&wanted)
            || inline.is_some_and(|outer| self.module.ends_with(outer));
        let is_test = |function: &str| {
            let before = self.text.split(function).next().unwrap_or_default();
            let attributes = before.lines().rev().take(3);
            before.len() < self.text.len()
                && attributes.into_iter().any(|line| {
                    let line = line.trim();
                    line.starts_with("#[test]") || line.starts_with("#[tokio::test")
                })
        };
        is_it && (test == "*" || is_test(&format!("fn {test}(")))
    }
}

fn documents() -> Vec<Document> {
    let mut paths = files(&root().join("docs"), "md");
    paths.extend(["README.md", "CHANGELOG.md"].map(|name| root().join(name)));
    paths.iter().map(|path| Document::read(path)).collect()
}

fn sources() -> Vec<Source> {
    let folders = ["bins", "crates", "tests"];
    let paths = folders.map(|folder| files(&root().join(folder), "rs"));
    paths
        .iter()
        .flatten()
        .map(|path| Source::read(path))
        .collect()
}

/// All files below a folder that end so; what tools make of them is left out.
fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap_or_else(|error| panic!("{folder:?}: {error}"));
    let mut found = Vec::new();
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() && !path.ends_with("node_modules") && !path.ends_with("target") {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|found| found == extension) {
            found.push(path);
        }
    }
    found
}

fn code_spans(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// Words in capitals, as environment variables are.
fn words(text: &str) -> BTreeSet<String> {
    let is_inside = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let words = text.split(|c: char| !is_inside(c));
    words.map(str::to_owned).collect()
}

/// The metrics that the server writes.
fn metrics() -> BTreeSet<String> {
    let sources = files(&root().join("bins/kafka-mcp-server/src/metrics"), "rs");
    // A test names what a histogram is made of as well.
    let sources = sources.iter().filter(|path| !path.ends_with("tests.rs"));
    sources.flat_map(|path| names(&read(path))).collect()
}

/// Names of metrics of this server.
fn names(text: &str) -> BTreeSet<String> {
    let is_inside = |c: char| c.is_ascii_lowercase() || c == '_';
    let names = text.split(|c: char| !is_inside(c));
    // `kafka_mcp_server` is what the program is called in logs.
    let names = names.filter(|name| name.starts_with("kafka_mcp_") && *name != "kafka_mcp_server");
    names.map(str::to_owned).collect()
}

/// Source text with its literals as they are printed: in one line, and without escapes.
fn as_printed(source: &str) -> String {
    let mut lines = source.split("\\\n");
    let first = lines.next().unwrap_or_default().to_owned();
    let joined = lines.fold(first, |text, line| text + line.trim_start());
    joined.replace("\\\"", "\"")
}

fn as_anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text
        .chars()
        .filter(|c| c.is_alphanumeric() || " -_".contains(*c));
    kept.map(|c| if c == ' ' { '-' } else { c }).collect()
}

fn is_of_module(c: char) -> bool {
    c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == ':'
}

fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_owned()
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{path:?}: {error}"))
}

const SETTINGS: [&str; 8] = [
    "HTTPS_PROXY",
    "JWT_",
    "KAFKA_",
    "LOG_",
    "MCP_",
    "NO_PROXY",
    "OAUTH_",
    "OIDC_",
];
