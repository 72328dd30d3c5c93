//! `demo`: the server at work, for people without a Kafka.
//!
//! An embedded broker in memory takes the place of Kafka. All else is what serves otherwise, and a
//! client that knows nothing but its address walks through it, over real sockets.

mod client;
mod screen;
mod stay;
mod surprise;
mod walk;
mod world;

use std::{
    error::Error,
    io::{self, Write},
    net::Ipv4Addr,
    path::Path,
    process::ExitCode,
};

use tokio::{net::TcpListener, time::Instant};
use tokio_util::sync::CancellationToken;

use self::{
    client::Client, screen::Screen, stay::Invitation, surprise::Found, walk::Walk, world::World,
};
use crate::{
    config::{Config, ConfigError, Layer, OAuth, RawConfig, Surroundings, Transport},
    keys, runtime,
    serve::{Core, Web},
    shutdown::{Shutdown, Signals},
    telemetry,
};

/// Shows the server at work. With `stay`, both it and the broker stay up until they are told to
/// stop.
///
/// # Errors
///
/// If the broker or the server cannot start, the settings are wrong, or nothing can be printed.
pub(crate) fn run(
    file: Option<&Path>,
    flags: Layer,
    stay: bool,
) -> Result<ExitCode, Box<dyn Error>> {
    runtime::block_on(async {
        let signals = Signals::listen()?;
        let screen = Screen::of_process();
        let world = World::start().await?;
        let stage = Stage::set(&world, file, flags).await;
        let ended = async {
            let stage = stage?;
            let _logs = telemetry::init(&stage.config.log);
            stage.show(&world, screen, signals, stay).await
        };
        let ended = ended.await;
        world.shutdown().await;
        ended
    })?
}

/// A server that is configured for a world, and the address where it is going to be.
struct Stage {
    raw: RawConfig,
    config: Config,
    listener: TcpListener,
}

impl Stage {
    /// Takes a free port first: the server has to know its address before it starts.
    async fn set(world: &World, file: Option<&Path>, flags: Layer) -> Result<Self, Box<dyn Error>> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let surroundings = Surroundings {
            brokers: world.brokers(),
            address: listener.local_addr()?,
            secret: keys::random()?,
        };
        let raw = RawConfig::of_demo(&surroundings, file, flags)?;
        let config: Result<_, ConfigError> = Config::read(&raw);
        Ok(Self {
            raw,
            config: config?,
            listener,
        })
    }

    /// Serves, and walks through what is served.
    async fn show<W: Write>(
        self,
        world: &World,
        mut screen: Screen<W>,
        signals: Signals,
        stay: bool,
    ) -> Result<ExitCode, Box<dyn Error>> {
        let Self {
            raw,
            config,
            listener,
        } = self;
        let Transport::Http {
            http,
            oauth: Some(oauth),
        } = &config.transport
        else {
            return Err("the demo serves over HTTP, with OAuth".into());
        };
        let shutdown = Shutdown::default();
        let core = Core::new(&config, &shutdown)?;
        let service = core.mount();
        let web = Web::new(core, service, listener, http, Some(oauth), &shutdown)?;
        let draining = &shutdown.draining;
        let visit = Visit {
            raw: &raw,
            oauth,
            world,
            stay,
        };
        let mut outcome = Ok(false);
        let serving = async {
            let showing = async {
                outcome = visit.pay(&mut screen, draining).await;
                draining.cancel();
            };
            tokio::join!(web.run(draining), showing);
        };
        let ended = shutdown
            .supervise(signals, serving, config.shutdown_grace)
            .await;
        Ok(if outcome? { ended } else { ExitCode::FAILURE })
    }
}

/// A visit to a server that runs.
struct Visit<'a> {
    raw: &'a RawConfig,
    oauth: &'a OAuth,
    world: &'a World,
    stay: bool,
}

impl Visit<'_> {
    /// Walks through everything; whether all of it was as it should be.
    async fn pay<W: Write>(
        &self,
        screen: &mut Screen<W>,
        draining: &CancellationToken,
    ) -> io::Result<bool> {
        let started = Instant::now();
        screen.write(INTRODUCTION)?;
        let walking = async {
            screen.step("broker", self.fill()).await?;
            let client = Client::new(self.oauth);
            Walk::new(client, self.raw).run(screen).await
        };
        let walked = tokio::select! {
            walked = walking => walked.map(|()| true)?,
            () = draining.cancelled() => false,
        };
        if !walked {
            screen.write("\nStopped before the end.\n")?;
            return Ok(false);
        }
        screen.sum_up(started.elapsed())?;
        if self.stay {
            screen.write(&Invitation::new(self.raw, self.oauth).to_string())?;
            draining.cancelled().await;
            screen.write("\nStopped. Nothing is left of it.\n")?;
        } else if screen.all_passed() {
            screen.write(WHAT_NEXT)?;
        }
        Ok(screen.all_passed())
    }

    async fn fill(&self) -> Found {
        let census = self.world.fill();
        census.map_err(|error| surprise::Surprise::new("a broker that takes records", error))
    }
}

const INTRODUCTION: &str = "\
kafka-mcp-server demo: how an AI agent gets to Kafka, from the first request on.

The broker is embedded, in memory, and not Kafka. The server is the real one, with OAuth on, and all
that follows goes over sockets of this machine, and no further.

";

const WHAT_NEXT: &str = "
Next:
  the same command with --stay    keeps it up, and says how to connect Claude Code, curl and others
  kafka-mcp-server --help         all settings; KAFKA_BROKERS=host:port names your own Kafka
  kafka-mcp-server doctor         checks your own set-up, and says what to do about what is wrong
";

#[cfg(test)]
mod tests;
