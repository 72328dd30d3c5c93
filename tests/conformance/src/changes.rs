//! Changes of lists, for those who listen.

use rmcp::service::SubscriptionContext;
use tokio::sync::broadcast::{self, error::RecvError};

/// A list that changed.
#[derive(Clone, Copy)]
pub(crate) enum Change {
    Prompts,
    Tools,
}

/// Tells everybody who listens at the time.
pub(crate) struct Changes(broadcast::Sender<Change>);

impl Changes {
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(BACKLOG))
    }

    pub(crate) fn announce(&self, change: Change) {
        // An error says that nobody listens.
        let _ = self.0.send(change);
    }

    /// Passes on what a subscription asked for, until its client leaves.
    pub(crate) async fn tell(&self, subscription: &SubscriptionContext) {
        let mut changes = self.0.subscribe();
        let (sink, accepted) = (subscription.sink(), subscription.accepted());
        let telling = async {
            loop {
                let told = match changes.recv().await {
                    Ok(Change::Prompts) if accepted.prompts_list_changed == Some(true) => {
                        sink.notify_prompt_list_changed().await
                    }
                    Ok(Change::Tools) if accepted.tools_list_changed == Some(true) => {
                        sink.notify_tool_list_changed().await
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => continue,
                    Err(RecvError::Closed) => return,
                };
                if told.is_err() {
                    return;
                }
            }
        };
        tokio::select! {
            () = telling => {}
            () = subscription.cancelled() => {}
        }
    }
}

const BACKLOG: usize = 16;
