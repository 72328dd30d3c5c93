//! Faults, and the requests that they happen to.

use std::time::Duration;

use bytes::Bytes;

use crate::{Api, ErrorCode};

/// What goes wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// The request is answered as ever, but later. What the same client asks next waits behind it.
    Delay(Duration),
    /// The connection is closed instead of an answer.
    Disconnect,
    /// Nothing is done, and the answer carries this code wherever it has room for one.
    Error(ErrorCode),
    /// These bytes are sent instead of the answer; they include the length of the frame, if there
    /// is to be one.
    Garbage(Bytes),
    /// The answer claims to be 2 GiB long.
    HugeLength,
    /// There is no answer, and the connection stays open. What the same client asks next is not
    /// read any more.
    Silence,
    /// The answer belongs to another request.
    WrongCorrelationId,
}

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
    fault: Fault,
    api: Option<Api>,
    node: Option<i32>,
    left: Option<u32>,
    after_doing: bool,
}

impl FaultRule {
    /// A fault that happens to every request.
    #[must_use]
    pub fn new(fault: Fault) -> Self {
        Self {
            fault,
            api: None,
            node: None,
            left: None,
            after_doing: false,
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

    /// First does what was asked for, so that only the answer is lost, late or wrong.
    #[must_use]
    pub fn after_doing(mut self) -> Self {
        self.after_doing = true;
        self
    }
}

/// The faults of a cluster.
#[derive(Debug, Default)]
pub(crate) struct Faults {
    rules: Vec<FaultRule>,
}

/// A fault that happens now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Happening {
    pub(crate) fault: Fault,
    pub(crate) after_doing: bool,
}

impl Faults {
    pub(crate) fn add(&mut self, rule: FaultRule) {
        self.rules.push(rule);
    }

    pub(crate) fn clear(&mut self) {
        self.rules.clear();
    }

    /// What happens to a request: the first rule that fits and is not used up.
    pub(crate) fn happen(&mut self, node: i32, api: Api) -> Option<Happening> {
        let fits = |rule: &FaultRule| {
            rule.api.is_none_or(|wanted| wanted == api)
                && rule.node.is_none_or(|wanted| wanted == node)
                && rule.left != Some(0)
        };
        let rule = self.rules.iter_mut().find(|rule| fits(rule))?;
        if let Some(left) = &mut rule.left {
            *left -= 1;
        }
        Some(Happening {
            fault: rule.fault.clone(),
            after_doing: rule.after_doing,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rule_is_for_its_kind_of_request_at_its_node_and_is_used_up() {
        let mut faults = Faults::default();
        let rule = FaultRule::new(Fault::Silence).api(Api::Fetch).node(2);
        faults.add(rule.times(2));
        assert_eq!(faults.happen(1, Api::Fetch), None);
        assert_eq!(faults.happen(2, Api::Produce), None);
        for _ in 0..2 {
            let happening = faults.happen(2, Api::Fetch).unwrap();
            assert_eq!(happening.fault, Fault::Silence);
        }
        assert_eq!(faults.happen(2, Api::Fetch), None);
    }

    #[test]
    fn the_first_rule_that_fits_comes_first_and_the_next_one_when_it_is_used_up() {
        let mut faults = Faults::default();
        faults.add(FaultRule::new(Fault::Disconnect).times(1));
        faults.add(FaultRule::new(Fault::Silence));
        let mut next = || faults.happen(1, Api::Metadata).map(|now| now.fault);
        assert_eq!(next(), Some(Fault::Disconnect));
        assert_eq!(next(), Some(Fault::Silence));
        faults.clear();
        assert_eq!(faults.happen(1, Api::Metadata), None);
    }
}
