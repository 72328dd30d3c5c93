//! Kafka for the Model Context Protocol: tools, resources and prompts over one cluster.
//!
//! [`KafkaMcp`] is a handler for any transport of [`rmcp`]. It adds to `kafka_tools` what talking
//! to language models takes: schemas, forgiving arguments, results that fit into a context,
//! failures that say what would help, and a policy on what each [`Caller`] may do.
//!
//! ```no_run
//! use kafka_mcp::{KafkaMcp, Settings};
//! use kafka_tools::{BrokerAddress, Client, KafkaConfig};
//! use rmcp::ServiceExt;
//!
//! # async fn example(transport: tokio::io::DuplexStream) -> Result<(), Box<dyn std::error::Error>> {
//! let client = Client::new(KafkaConfig::new(vec!["localhost:9092".parse::<BrokerAddress>()?]))?;
//! let mut settings = Settings::new();
//! settings.access.read_only = true;
//!
//! let running = KafkaMcp::new(client, settings).serve(transport).await?;
//! running.waiting().await?;
//! # Ok(())
//! # }
//! ```

mod access;
mod app;
mod arguments;
mod call;
mod caller;
mod clock;
mod completion;
mod confirmation;
mod cursor;
mod failure;
mod introduction;
mod methods;
mod moment;
mod name_patterns;
mod nearest;
mod observer;
mod page;
mod payload;
mod prompts;
mod report;
mod resources;
mod schema;
mod seal;
mod server;
mod settings;
mod state_key;
mod subscriptions;
mod suggestion;
mod text;
mod tools;
mod view;

pub use access::Access;
pub use caller::{Caller, Grant};
pub use clock::{Clock, SystemClock};
pub use confirmation::ConfirmWrites;
pub use name_patterns::{NamePatterns, PatternError};
pub use observer::{CallKind, CallObserver, FinishedCall, OpenedStream};
pub use server::KafkaMcp;
pub use settings::Settings;
pub use state_key::{StateKey, StateKeyTooShort};
pub use tools::tool_grants;
