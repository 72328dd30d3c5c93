//! How people use a demo that stays up.

use std::fmt;

use secrecy::ExposeSecret;

use super::walk::mint;
use crate::config::{OAuth, RawConfig};

/// What to do with a server that stays up. It holds a token, which is good for this process only,
/// and shown to the one who started it.
pub(super) struct Invitation {
    endpoint: String,
    token: Option<String>,
    code: Option<String>,
}

impl Invitation {
    pub(super) fn new(raw: &RawConfig, oauth: &OAuth) -> Self {
        let token = mint(raw, "kafka:read kafka:write", LIFETIME_HOURS).ok();
        let logins = oauth.logins.as_ref();
        let code = logins.and_then(|logins| logins.development_code.as_ref());
        Self {
            endpoint: format!("{}/mcp", oauth.server_url),
            token: token.map(|token| token.expose_secret().to_owned()),
            code: code.map(|code| code.expose_secret().to_owned()),
        }
    }
}

impl fmt::Display for Invitation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = &self.endpoint;
        writeln!(
            f,
            "\nBroker and server stay up until Ctrl-C, for this machine alone:\n\n  {url}"
        )?;
        if let Some(code) = &self.code {
            writeln!(
                f,
                "\nClaude Code, logging in: use /mcp in it, then any name, and the code {code}\n\n  \
                 claude mcp add --transport http kafka-demo {url}"
            )?;
        }
        let Some(token) = &self.token else {
            return Ok(());
        };
        writeln!(
            f,
            "\nOr with a token, for reading and writing. It is a secret of this demo, and worth nothing once\n\
             that has ended:\n\n  TOKEN={token}"
        )?;
        writeln!(
            f,
            "\nClaude Code\n\n  \
             claude mcp add --transport http kafka-demo {url} \\\n    \
             --header \"Authorization: Bearer $TOKEN\"\n\n\
             MCP Inspector\n\n  \
             npx -y @modelcontextprotocol/inspector --cli {url} \\\n    \
             --header \"Authorization: Bearer $TOKEN\" --method tools/list\n\n\
             curl\n\n  \
             curl -s {url} -H \"Authorization: Bearer $TOKEN\" \\\n    \
             -H 'Content-Type: application/json' \\\n    \
             -d '{{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{{\"name\":\"consumer_lag\"}}}}'"
        )
    }
}

const LIFETIME_HOURS: u64 = 24;
