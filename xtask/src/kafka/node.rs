//! One broker of a cluster, which is also a controller.

use std::collections::BTreeMap;
use std::fs::{self, File};
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use nix::sys::signal::Signal;
use serde::{Deserialize, Serialize};

use super::java::Java;
use super::listener::{CONTROLLER_PORT_OFFSET, Listener, PORTS_PER_NODE};
use super::properties::server_properties;
use super::state::Cluster;
use super::{ports, process};
use crate::deadline::Deadline;

/// One broker of a cluster, which is also a controller.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Node {
    pub(crate) id: u16,
    /// The process that was started last; it may have ended since.
    pub(crate) pid: Option<u32>,
    pub(crate) listeners: BTreeMap<Listener, String>,
    pub(crate) controller: String,
    /// The directory of the node's properties, data and log.
    pub(crate) directory: PathBuf,
}

impl Node {
    /// Describes node `id`, counted from 1, of a cluster whose ports start at `port_base`.
    pub(crate) fn new(id: u16, port_base: u16, cluster: &Path) -> Self {
        let block = port_base + (id - 1) * PORTS_PER_NODE;
        let address = |offset: u16| format!("127.0.0.1:{}", block + offset);
        Self {
            id,
            pid: None,
            listeners: Listener::ALL
                .into_iter()
                .map(|listener| (listener, address(listener.port_offset())))
                .collect(),
            controller: address(CONTROLLER_PORT_OFFSET),
            directory: cluster.join(format!("node-{id}")),
        }
    }

    /// Returns the address of the listener that needs nothing.
    pub(crate) fn plaintext(&self) -> &str {
        self.listeners
            .get(&Listener::Plaintext)
            .map_or("", String::as_str)
    }

    /// Returns the first port of the node.
    pub(crate) fn port_base(&self) -> Option<u16> {
        self.ports().into_iter().min()
    }

    /// Returns the directory of the broker's data.
    pub(crate) fn data(&self) -> PathBuf {
        self.directory.join("data")
    }

    /// Returns every port of the node.
    pub(crate) fn ports(&self) -> Vec<u16> {
        self.listeners
            .values()
            .chain([&self.controller])
            .filter_map(|address| address.rsplit_once(':')?.1.parse().ok())
            .collect()
    }

    /// Writes the properties and starts to format the data directory.
    ///
    /// # Errors
    ///
    /// Fails if a file cannot be written or Java cannot be started.
    pub(crate) fn format(&self, java: &Java, cluster: &Cluster) -> Result<Formatting> {
        let path = &self.directory;
        fs::create_dir_all(path).with_context(|| format!("creating {}", path.display()))?;
        for (file, text) in [
            (PROPERTIES, server_properties(cluster, self).as_str()),
            ("log4j2.properties", LOG4J2),
            ("log4j.properties", LOG4J1),
        ] {
            let path = path.join(file);
            fs::write(&path, text).with_context(|| format!("writing {}", path.display()))?;
        }

        let mut command = java.command(&cluster.jars, "kafka.tools.StorageTool");
        command.args([
            "format",
            "--cluster-id",
            &cluster.cluster_id,
            "--config",
            PROPERTIES,
        ]);
        for user in &cluster.users {
            for mechanism in ["SCRAM-SHA-256", "SCRAM-SHA-512"] {
                let credential = format!("[name={},password={}]", user.name, user.password);
                command.args(["--add-scram", &format!("{mechanism}={credential}")]);
            }
        }
        let log = Log::create(path.join("format.log"))?;
        let child = command
            .current_dir(path)
            .stdout(log.writer()?)
            .stderr(log.writer()?)
            .spawn()
            .context("starting the storage tool")?;
        Ok(Formatting { child, log })
    }

    /// Starts the broker in the background, to go on after this task has ended.
    ///
    /// # Errors
    ///
    /// Fails if a port of the node is taken or Java cannot be started.
    pub(crate) fn start(&mut self, java: &Java, jars: &Path) -> Result<()> {
        for port in self.ports() {
            ports::ensure_free(port)?;
        }
        let log = Log::create(self.log_file())?;
        let mut child = java
            .command(jars, "kafka.Kafka")
            .arg(self.properties_file())
            .current_dir(&self.directory)
            .stdout(log.writer()?)
            .stderr(log.writer()?)
            .process_group(0)
            .spawn()
            .with_context(|| format!("starting node {}", self.id))?;
        self.pid = Some(child.id());
        // The arguments of a process show a moment after it has been started.
        let shown = || Ok((child.try_wait()?.is_some() || self.is_running()).then_some(()));
        let shown: Result<_> = Deadline::after(PATIENCE).poll(shown);
        shown?.with_context(|| format!("node {} does not start", self.id))
    }

    /// Whether the broker's process is there and really is the broker's.
    pub(crate) fn is_running(&self) -> bool {
        self.pid
            .is_some_and(|pid| process::runs(pid, &self.properties_file()))
    }

    /// Ends the broker's process at once and waits until it is gone.
    ///
    /// # Errors
    ///
    /// Fails if the process cannot be ended.
    pub(crate) fn kill(&mut self) -> Result<()> {
        self.end(Signal::SIGKILL, PATIENCE)
    }

    /// Asks the broker to hand over what it leads and to end, and waits until it is gone.
    ///
    /// # Errors
    ///
    /// Fails if it does not end in time.
    pub(crate) fn stop(&mut self) -> Result<()> {
        self.end(Signal::SIGTERM, STOP_PATIENCE)
    }

    fn end(&mut self, signal: Signal, patience: Duration) -> Result<()> {
        if let Some(pid) = self.pid.filter(|_| self.is_running()) {
            process::send(signal, pid)?;
            let gone = || Ok((!self.is_running()).then_some(()));
            let gone: Result<_> = Deadline::after(patience).poll(gone);
            gone?.with_context(|| format!("process {pid} of node {} does not end", self.id))?;
        }
        self.pid = None;
        Ok(())
    }

    /// Freezes the broker's process, whose connections stay open, and nobody answers on them.
    ///
    /// # Errors
    ///
    /// Fails if it does not run or cannot be frozen.
    pub(crate) fn pause(&self) -> Result<()> {
        let pid = self.pid.filter(|_| self.is_running());
        let pid = pid.with_context(|| format!("node {} does not run", self.id))?;
        process::send(Signal::SIGSTOP, pid)
    }

    /// Lets a process go on that was frozen.
    ///
    /// # Errors
    ///
    /// Fails if it cannot go on.
    pub(crate) fn resume(&self) -> Result<()> {
        let pid = self.pid.filter(|_| self.is_running());
        pid.map_or(Ok(()), |pid| process::send(Signal::SIGCONT, pid))
    }

    /// Returns where the broker's log is and its last lines.
    pub(crate) fn last_words(&self) -> String {
        Log {
            path: self.log_file(),
        }
        .last_words()
    }

    fn log_file(&self) -> PathBuf {
        self.directory.join("broker.log")
    }

    fn properties_file(&self) -> PathBuf {
        self.directory.join(PROPERTIES)
    }
}

/// A storage tool at work.
#[derive(Debug)]
pub(crate) struct Formatting {
    child: Child,
    log: Log,
}

impl Formatting {
    /// Waits until the data directory is formatted.
    ///
    /// # Errors
    ///
    /// Fails with the tool's last words.
    pub(crate) fn finish(mut self) -> Result<()> {
        let deadline = Deadline::after(Duration::from_secs(60));
        let status = deadline
            .poll(|| self.child.try_wait())
            .context("waiting for the tool")?;
        match status {
            Some(status) if status.success() => Ok(()),
            Some(status) => bail!("formatting failed ({status}); {}", self.log.last_words()),
            None => {
                self.child.kill().context("ending the storage tool")?;
                bail!("formatting did not end in time; {}", self.log.last_words())
            }
        }
    }
}

/// The file that takes the output of a process.
#[derive(Debug)]
struct Log {
    path: PathBuf,
}

impl Log {
    fn create(path: PathBuf) -> Result<Self> {
        File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        Ok(Self { path })
    }

    fn writer(&self) -> Result<Stdio> {
        let file = File::options().append(true).open(&self.path);
        Ok(file
            .with_context(|| format!("opening {}", self.path.display()))?
            .into())
    }

    fn last_words(&self) -> String {
        let text = fs::read(&self.path).unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let lines: Vec<_> = text.lines().collect();
        let tail = lines.split_at(lines.len().saturating_sub(LAST_LINES)).1;
        format!("the end of {}:\n{}", self.path.display(), tail.join("\n"))
    }
}

const PROPERTIES: &str = "server.properties";
const PATIENCE: Duration = Duration::from_secs(10);
/// A broker that stops waits until others lead what it led.
const STOP_PATIENCE: Duration = Duration::from_secs(60);
const LAST_LINES: usize = 20;

const LOG4J2: &str = "\
rootLogger.level=WARN
rootLogger.appenderRef.console.ref=Console
appender.console.type=Console
appender.console.name=Console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d{ISO8601} %p %c{1} %m%n
";

const LOG4J1: &str = "\
log4j.rootLogger=WARN, Console
log4j.appender.Console=org.apache.log4j.ConsoleAppender
log4j.appender.Console.layout=org.apache.log4j.PatternLayout
log4j.appender.Console.layout.ConversionPattern=%d{ISO8601} %p %c{1} %m%n
";
