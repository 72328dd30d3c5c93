//! The jars of a broker, fetched once from Maven Central.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use ring::digest::{SHA256, digest};

use super::pins::pins;
use super::version::Version;
use crate::deadline::Deadline;
use crate::environment;

/// Returns the directory of the jars of a version, after it has checked every one of them.
///
/// The first time, Maven fetches them by the user's own Maven configuration.
///
/// # Errors
///
/// Fails if Maven is missing or cannot fetch them, and if a checksum differs.
pub(crate) fn jars(version: &Version) -> Result<PathBuf> {
    let home = cache()?.join(format!("kafka-{version}"));
    let lock = home.with_added_extension("lock");
    fs::create_dir_all(cache()?).with_context(|| format!("creating {}", home.display()))?;
    let lock = File::create(&lock).with_context(|| format!("creating {}", lock.display()))?;
    lock.lock()
        .context("waiting for another task that fetches the jars")?;

    if !home.exists() {
        eprintln!(
            "fetching the jars of Kafka {version} with Maven into {}",
            home.display()
        );
        fetch(version, &home)?;
    }
    verify(&home, pins(version.as_str()))?;
    Ok(home.join(LIBS))
}

fn cache() -> Result<PathBuf> {
    if let Some(path) = environment::variable("KAFKA_MCP_XTASK_CACHE") {
        return std::path::absolute(path).context("KAFKA_MCP_XTASK_CACHE");
    }
    let caches = environment::variable("XDG_CACHE_HOME").map(PathBuf::from);
    let caches = caches
        .filter(|path| path.is_absolute())
        .or_else(|| environment::variable("HOME").map(|home| Path::new(&home).join(".cache")));
    let caches = caches.context("no place for the jars: set HOME or KAFKA_MCP_XTASK_CACHE")?;
    Ok(caches.join("kafka-mcp-server"))
}

/// Fetches into a directory of its own, which becomes `home` only when it is complete.
fn fetch(version: &Version, home: &Path) -> Result<()> {
    let partial = home.with_added_extension("partial");
    if partial.exists() {
        fs::remove_dir_all(&partial).with_context(|| format!("removing {}", partial.display()))?;
    }
    fs::create_dir_all(&partial).with_context(|| format!("creating {}", partial.display()))?;
    fs::write(partial.join("pom.xml"), pom(version)).context("writing pom.xml")?;
    run_maven(&partial)?;

    let mut manifest = String::new();
    for (file, path) in jar_files(&partial)? {
        writeln!(manifest, "{}  {LIBS}/{file}", sha256(&path)?).context("writing the manifest")?;
    }
    fs::write(partial.join(MANIFEST), manifest).context("writing the manifest")?;
    verify(&partial, pins(version.as_str()))?;
    fs::rename(&partial, home).with_context(|| format!("creating {}", home.display()))
}

fn run_maven(directory: &Path) -> Result<()> {
    let path = directory.join("maven.log");
    let log = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
    let mut maven = Command::new("mvn")
        .args([
            "--batch-mode",
            "--strict-checksums",
            "dependency:copy-dependencies",
        ])
        .args([
            "-DincludeScope=runtime",
            &format!("-DoutputDirectory={LIBS}"),
        ])
        .current_dir(directory)
        .stdin(Stdio::null())
        .stderr(log.try_clone().context("sharing the log of Maven")?)
        .stdout(log)
        .spawn()
        .context(
            "Maven not found: install it (Debian: `apt install maven`, macOS: `brew install \
             maven`); it is needed once, to fetch the jars of the broker",
        )?;
    let status = Deadline::after(FETCH_LIMIT).poll(|| maven.try_wait());
    match status.context("waiting for Maven")? {
        Some(status) if status.success() => Ok(()),
        Some(_) => {
            let text = fs::read_to_string(&path).unwrap_or_default();
            let error = text.lines().find_map(|line| line.strip_prefix("[ERROR] "));
            bail!(
                "Maven could not fetch the jars (does this version exist, is the repository \
                 within reach?): {}; more in {}",
                error.unwrap_or("it does not say why"),
                path.display()
            )
        }
        None => {
            maven.kill().context("ending Maven")?;
            bail!(
                "Maven did not end in {} s; see {}",
                FETCH_LIMIT.as_secs(),
                path.display()
            )
        }
    }
}

fn pom(version: &Version) -> String {
    let binding = if version.logs_with_log4j1() {
        dependency("org.slf4j", "slf4j-reload4j", "1.7.36")
    } else {
        let log4j = "org.apache.logging.log4j";
        dependency(log4j, "log4j-slf4j-impl", "2.24.3") + &dependency(log4j, "log4j-core", "2.24.3")
    };
    let kafka = dependency("org.apache.kafka", "kafka_2.13", version.as_str());
    format!(
        "<project xmlns=\"http://maven.apache.org/POM/4.0.0\">\n\
         <modelVersion>4.0.0</modelVersion>\n\
         <groupId>broker</groupId><artifactId>broker</artifactId><version>1</version>\n\
         <dependencies>\n{kafka}{binding}</dependencies>\n\
         </project>\n"
    )
}

fn dependency(group: &str, artifact: &str, version: &str) -> String {
    format!(
        "<dependency><groupId>{group}</groupId><artifactId>{artifact}</artifactId>\
         <version>{version}</version></dependency>\n"
    )
}

/// Compares every jar with the manifest of the first fetch, and with the checksums in the source.
fn verify(home: &Path, pins: &[(&str, &str)]) -> Result<()> {
    let path = home.join(MANIFEST);
    let manifest =
        fs::read_to_string(&path).with_context(|| format!("reading {}", path.display()))?;
    let mut expected: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for line in manifest.lines() {
        let entry = line.split_once("  ");
        let entry = entry.and_then(|(sum, file)| Some((sum, file.strip_prefix(LIBS)?)));
        let (sum, file) = entry.with_context(|| format!("{}: {line:?}", path.display()))?;
        expected
            .entry(file.trim_start_matches('/'))
            .or_default()
            .push(sum);
    }
    for (file, sum) in pins {
        expected.entry(file).or_default().push(sum);
    }

    let mut found = jar_files(home)?;
    for (file, sums) in expected {
        let jar = found.remove(file).with_context(|| {
            format!(
                "{file} is missing in {}: {}",
                home.join(LIBS).display(),
                anew(home)
            )
        })?;
        let actual = sha256(&jar)?;
        if let Some(sum) = sums.into_iter().find(|sum| **sum != actual) {
            bail!(
                "the checksum of {} differs: expected sha256 {sum}, found {actual}; {}",
                jar.display(),
                anew(home)
            );
        }
    }
    if let Some((_, jar)) = found.pop_first() {
        bail!(
            "{} was not fetched by this tool; {}",
            jar.display(),
            anew(home)
        );
    }
    Ok(())
}

fn anew(home: &Path) -> String {
    format!(
        "to fetch everything anew, remove {} and run the command again",
        home.display()
    )
}

fn jar_files(home: &Path) -> Result<BTreeMap<String, PathBuf>> {
    let libs = home.join(LIBS);
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(&libs).with_context(|| format!("reading {}", libs.display()))? {
        let path = entry
            .with_context(|| format!("reading {}", libs.display()))?
            .path();
        if let Some(name) = path.file_name() {
            files.insert(name.to_string_lossy().into_owned(), path);
        }
    }
    Ok(files)
}

fn sha256(path: &Path) -> Result<String> {
    let bytes = fs::read(path).with_context(|| format!("reading {}", path.display()))?;
    Ok(digest(&SHA256, &bytes)
        .as_ref()
        .iter()
        .fold(String::new(), |mut hex, byte| {
            // Writing to a string cannot fail.
            let _ = write!(hex, "{byte:02x}");
            hex
        }))
}

const LIBS: &str = "libs";
const MANIFEST: &str = "SHA256SUMS";
const FETCH_LIMIT: Duration = Duration::from_secs(540);

#[cfg(test)]
mod tests;
