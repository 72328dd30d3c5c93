//! Members of groups that wait for each other.

use tokio::{
    sync::oneshot,
    time::{Duration, Instant, sleep_until},
};

use super::Call;
use crate::ErrorCode;

impl Call<'_> {
    /// Waits for what a group has to say, and has time pass for it meanwhile. Who waits is told when
    /// the group gets another coordinator, or when nothing will come.
    pub(super) async fn wait<T>(
        &self,
        group: &str,
        receiver: oneshot::Receiver<T>,
    ) -> Result<T, ErrorCode> {
        tokio::pin!(receiver);
        loop {
            // Registered before looking, or what happens in between would be missed.
            let changed = self.shared.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            let due = {
                let state = self.groups();
                state.check_coordinator(group, self.node)?;
                state.groups.next_deadline(group)
            };
            let due = due.unwrap_or_else(|| Instant::now() + LONG);
            tokio::select! {
                biased;
                answer = &mut receiver => return answer.map_err(|_| ErrorCode::UNKNOWN_MEMBER_ID),
                () = changed => {}
                () = sleep_until(due) => {}
            }
        }
    }
}

/// A group in which nothing is due is looked at when it changes.
const LONG: Duration = Duration::from_secs(3600);
