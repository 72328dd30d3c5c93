//! A Model Context Protocol server for Apache Kafka, over stdio and Streamable HTTP.

use std::process::ExitCode;

/// A call makes hundreds of small allocations, and a few aligned ones for its tasks, which take the
/// allocator of the C library several times as long.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    kafka_mcp_server::run()
}
