//! The status words of reports.

use std::fmt;

use kafka_tools::HealthStatus;
use schemars::JsonSchema;
use serde::Serialize;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
#[schemars(inline)]
pub(crate) enum Status {
    Healthy,
    Unknown,
    Warning,
    Critical,
}

impl From<HealthStatus> for Status {
    fn from(status: HealthStatus) -> Self {
        match status {
            HealthStatus::Healthy => Self::Healthy,
            HealthStatus::Warning => Self::Warning,
            HealthStatus::Critical => Self::Critical,
            _ => Self::Unknown,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Healthy => "healthy",
            Self::Unknown => "unknown",
            Self::Warning => "warning",
            Self::Critical => "critical",
        })
    }
}
