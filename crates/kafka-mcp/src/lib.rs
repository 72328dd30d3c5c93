//! Kafka for the Model Context Protocol.

mod access;
mod caller;
mod clock;
mod failure;
mod name_patterns;
mod prompts;
mod report;
mod resources;
mod text;
mod view;

pub use access::Access;
pub use caller::{Caller, Grant};
pub use clock::{Clock, SystemClock};
pub use name_patterns::{NamePatterns, PatternError};
