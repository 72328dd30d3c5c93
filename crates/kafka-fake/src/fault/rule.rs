//! Which requests a fault happens to.

use crate::{Api, Fault};

/// A fault, and which requests it happens to: all of them, at all nodes, always, unless told
/// otherwise.
///
/// ```
/// use std::time::Duration;
///
/// use kafka_fake::{Api, Fault, FaultRule};
///
/// let slow = FaultRule::new(Fault::Delay(Duration::from_secs(3))).node(2);
/// let lost = FaultRule::new(Fault::Disconnect).api(Api::Produce).times(1).after_doing();
/// ```
#[derive(Clone, Debug)]
pub struct FaultRule {
    pub(super) fault: Fault,
    pub(super) after_doing: bool,
    api: Option<Api>,
    node: Option<i32>,
    left: Option<u32>,
}

impl FaultRule {
    /// A fault that happens to every request.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            after_doing: false,
            api: None,
            node: None,
            left: None,
        }
    }

    /// Only to requests of this kind.
    #[must_use]
    pub fn api(mut self, api: Api) -> Self {
        self.api = Some(api);
        self
    }

    /// Only at this node.
    #[must_use]
    pub fn node(mut self, node: i32) -> Self {
        self.node = Some(node);
        self
    }

    /// Only so many times.
    #[must_use]
    pub fn times(mut self, count: u32) -> Self {
        self.left = Some(count);
        self
    }

    /// First does what was asked for, so that only the answer is lost, late or wrong. Faults that
    /// spoil an answer do so in any case.
    #[must_use]
    pub fn after_doing(mut self) -> Self {
        self.after_doing = true;
        self
    }

    /// Whether the rule is for such a request, and not used up.
    pub(super) fn fits(&self, node: i32, api: Api) -> bool {
        self.api.is_none_or(|wanted| wanted == api)
            && self.node.is_none_or(|wanted| wanted == node)
            && !self.is_used_up()
    }

    /// Whether it has happened as often as it was to.
    pub(super) fn is_used_up(&self) -> bool {
        self.left == Some(0)
    }

    /// Uses it once.
    pub(super) fn spend(&mut self) {
        if let Some(left) = &mut self.left {
            *left -= 1;
        }
    }
}
