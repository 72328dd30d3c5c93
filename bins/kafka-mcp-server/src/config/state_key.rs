//! The key that seals what clients keep for the server.

use kafka_mcp::StateKey;
use mcp_oauth_provider::secret_weakness;
use secrecy::ExposeSecret;

use super::{reader::Reader, settings::*};

/// The key that is configured, if there is one. What is wrong with it is recorded.
pub(super) fn read(reader: &mut Reader<'_>) -> Option<StateKey> {
    let secret = reader.read_secret(KAFKA_MCP_STATE_KEY, KAFKA_MCP_STATE_KEY_FILE)?;
    let problem = match StateKey::new(secret.expose_secret().as_bytes()) {
        Err(short) => short.to_string(),
        Ok(key) => match secret_weakness(&secret) {
            None => return Some(key),
            Some(weakness) => format!("a secret {weakness}"),
        },
    };
    let message = format!("{problem}: make one with: kafka-mcp-server keys");
    reader.problem(KAFKA_MCP_STATE_KEY, message);
    None
}
