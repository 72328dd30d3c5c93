//! What the conformance suite of MCP asks of a server, behind the front of `kafka-mcp-server`: its
//! tools are named `test_*`, and nothing in it knows Kafka. It is configured by the environment
//! variables of the server, and does what that does with them.
//!
//! It has no sessions, as the server has none. With `--sessions`, clients that speak a revision
//! before 2026-07-28 get one, so that tools can ask them something in the middle of a call.

use std::{
    io::{self, Write as _},
    process::ExitCode,
    sync::Arc,
};

use rmcp::transport::{
    StreamableHttpService,
    streamable_http_server::session::{local::LocalSessionManager, never::NeverSessionManager},
};

mod changes;
mod completion;
mod fixture;
mod prompts;
mod resources;
mod samples;
mod tools;

use fixture::Fixture;

fn main() -> ExitCode {
    let fixture = Fixture::new();
    let handler = move || Ok(fixture.clone());
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        [] => kafka_mcp_server::serve_mounted(|config| {
            StreamableHttpService::new(handler, Arc::new(NeverSessionManager::default()), config)
        }),
        ["--sessions"] => kafka_mcp_server::serve_mounted(|config| {
            let sessions = Arc::new(LocalSessionManager::default());
            StreamableHttpService::new(handler, sessions, config.with_legacy_session_mode(true))
        }),
        _ => {
            let _ = writeln!(io::stderr(), "usage: conformance-fixture [--sessions]");
            ExitCode::from(2)
        }
    }
}
