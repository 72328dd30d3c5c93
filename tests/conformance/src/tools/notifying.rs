//! Tools that say something before they answer.

#![expect(deprecated, reason = "logs of servers are of the older era")]

use std::time::Duration;

use rmcp::{
    RoleServer,
    model::{LoggingLevel, LoggingMessageNotificationParam, ProgressNotificationParam},
    service::RequestContext,
};
use serde_json::json;
use tokio::time::sleep;

use super::{Answer, said};

/// Says how far it has come, to those who want to know.
pub(super) async fn progress(context: &RequestContext<RoleServer>) -> Answer {
    for percent in [0.0, 50.0, 100.0] {
        if let Some(token) = context.meta.get_progress_token() {
            let progress = ProgressNotificationParam::new(token, percent).with_total(100.0);
            // A client that is gone misses nothing.
            let _ = context.peer.notify_progress(progress).await;
        }
        sleep(A_MOMENT).await;
    }
    said("all of it is done")
}

/// Logs at the level of information.
pub(super) async fn logs(context: &RequestContext<RoleServer>) -> Answer {
    for message in ["it has begun", "it goes on", "it is done"] {
        log(context, message).await;
        sleep(A_MOMENT).await;
    }
    said("all of it is logged")
}

/// In the newer era, requests say whether they want logs.
pub(super) async fn log_if_asked(context: &RequestContext<RoleServer>) -> Answer {
    if context.meta.log_level().is_some() {
        log(context, "somebody wants to know").await;
    }
    said("what was to be logged is logged")
}

async fn log(context: &RequestContext<RoleServer>, message: &str) {
    let message = LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(message));
    // A client that is gone misses nothing.
    let _ = context.peer.notify_logging_message(message).await;
}

const A_MOMENT: Duration = Duration::from_millis(50);
