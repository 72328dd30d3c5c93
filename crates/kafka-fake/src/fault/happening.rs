//! The faults of a cluster, and those that happen now.

use crate::{Api, ErrorCode, Fault, FaultRule};

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

    /// What happens to a request as a whole: the first rule that fits and is not used up.
    pub(crate) fn happen(&mut self, node: i32, api: Api) -> Option<Happening> {
        let is_whole = |fault: &Fault| !matches!(fault, Fault::PartitionError { .. });
        let mut rules = self.rules.iter_mut();
        let rule = rules.find(|rule| is_whole(&rule.fault) && rule.fits(node, api))?;
        rule.spend();
        let happening = Happening {
            fault: rule.fault.clone(),
            after_doing: rule.after_doing,
        };
        self.drop_used_up();
        Some(happening)
    }

    /// What is wrong with a partition that a request asks about.
    pub(crate) fn happen_to(
        &mut self,
        (topic, partition): (&str, i32),
        node: i32,
        api: Api,
    ) -> Option<ErrorCode> {
        let happening = self.rules.iter_mut().find_map(|rule| match &rule.fault {
            Fault::PartitionError {
                topic: of,
                partition: id,
                code,
            } if of == topic && *id == partition && rule.fits(node, api) => {
                let code = *code;
                rule.spend();
                Some(code)
            }
            _ => None,
        });
        self.drop_used_up();
        happening
    }

    fn drop_used_up(&mut self) {
        self.rules.retain(|rule| !rule.is_used_up());
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
        assert_eq!(faults.rules.len(), 0);
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

    #[test]
    fn what_is_wrong_with_a_partition_happens_to_it_alone_and_to_no_whole_request() {
        let mut faults = Faults::default();
        let fault = Fault::PartitionError {
            topic: "orders".to_owned(),
            partition: 1,
            code: ErrorCode::NOT_LEADER_OR_FOLLOWER,
        };
        faults.add(FaultRule::new(fault).api(Api::Fetch).times(1));
        assert_eq!(faults.happen(1, Api::Fetch), None);
        let mut ask = |partition, api| faults.happen_to(partition, 1, api);
        assert_eq!(ask(("orders", 0), Api::Fetch), None);
        assert_eq!(ask(("others", 1), Api::Fetch), None);
        assert_eq!(ask(("orders", 1), Api::Produce), None);
        let code = ErrorCode::NOT_LEADER_OR_FOLLOWER;
        assert_eq!(ask(("orders", 1), Api::Fetch), Some(code));
        assert_eq!(ask(("orders", 1), Api::Fetch), None);
        assert_eq!(faults.rules.len(), 0);
    }
}
