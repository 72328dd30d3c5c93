//! Logins that do not go on: why, for the person at the browser and for the log.

use std::error::Error;

use http::HeaderMap;

use super::LoginFlow;
use crate::{authorization_server::problem::Problem, refusal::Reply};

/// Why a login does not go on: what the person at the browser is told, and what is behind it.
#[derive(Debug, thiserror::Error)]
#[error("{}", .problem.what())]
pub(in crate::authorization_server) struct Obstacle {
    problem: Problem,
    #[source]
    cause: Option<Box<dyn Error + Send + Sync>>,
    is_ours: bool,
}

impl Obstacle {
    /// A problem of whoever began the login, and its cause.
    pub(super) fn because(
        problem: Problem,
        cause: impl Into<Box<dyn Error + Send + Sync>>,
    ) -> Self {
        Self {
            problem,
            cause: Some(cause.into()),
            is_ours: false,
        }
    }

    /// Something that this server needs has failed.
    pub(super) fn failure(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self {
            is_ours: true,
            ..Self::because(Problem::Unavailable, cause)
        }
    }
}

impl From<Problem> for Obstacle {
    fn from(problem: Problem) -> Self {
        Self {
            problem,
            cause: None,
            is_ours: false,
        }
    }
}

impl LoginFlow {
    /// Answers the person at the browser, and says in the log why: nobody else is told.
    pub(in crate::authorization_server) fn refuse(
        &self,
        obstacle: impl Into<Obstacle>,
        request: &HeaderMap,
    ) -> Reply {
        let obstacle = obstacle.into();
        let error = &obstacle as &dyn Error;
        if obstacle.is_ours {
            if let Some(withheld) = self.failures.line() {
                tracing::warn!(error, withheld, "login cannot go on");
            }
        } else if let Some(withheld) = self.log_budget.line() {
            tracing::info!(error, withheld, "login refused");
        }
        obstacle.problem.reply(&self.pages, request)
    }

    /// Answers a program.
    pub(in crate::authorization_server) fn refuse_script(&self, problem: Problem) -> Reply {
        if let Some(withheld) = self.log_budget.line() {
            tracing::info!(reason = problem.what(), withheld, "request refused");
        }
        problem.json()
    }
}
