use std::{collections::BTreeSet, net::Ipv4Addr};

use tokio::time::Duration;

use super::*;
use crate::groups::Beat;

#[test]
fn sessions_begin_again_when_a_group_gets_another_coordinator() {
    for (change, is_kept) in [
        (Change::Nothing, false),
        (Change::Move, true),
        (Change::Stop, true),
        (Change::StopOther, false),
    ] {
        let mut state = state();
        let begun = Instant::now();
        let beat = beat("first");
        let group = state.groups.consumer("billing").unwrap();
        group.beat(&beat, &Topics::new(), begun).unwrap();
        let (node, _) = state.coordinator("billing").unwrap();
        // Later than the last sign of life, by any clock.
        while Instant::now() == begun {
            std::hint::spin_loop();
        }
        match change {
            Change::Move => state.move_coordinator("billing", 3 - node),
            Change::Nothing => {}
            Change::Stop => state.set_up(node, false),
            Change::StopOther => state.set_up(3 - node, false),
        }
        state.groups.pass(begun + SESSION);
        let is_empty = state.groups.find("billing").unwrap().is_empty();
        assert_eq!(!is_empty, is_kept, "{change:?}");
    }
}

#[derive(Clone, Copy, Debug)]
enum Change {
    Move,
    Nothing,
    Stop,
    StopOther,
}

fn beat(member_id: &str) -> Beat {
    Beat {
        member_id: member_id.to_owned(),
        epoch: 0,
        client_id: String::new(),
        client_host: String::new(),
        instance_id: None,
        rack_id: None,
        session_timeout: SESSION,
        rebalance_timeout: Some(SESSION),
        topics: Some(BTreeSet::new()),
        assignor: None,
        owned: Some(BTreeSet::new()),
    }
}

/// Two nodes that are up.
fn state() -> State {
    let mut state = State::new("test".to_owned(), 1000, Clock::default());
    for node in 1..=2 {
        let address = (Ipv4Addr::LOCALHOST, 9092).into();
        let broker = Broker {
            address,
            is_up: true,
        };
        state.brokers.insert(node, broker);
    }
    state
}

const SESSION: Duration = Duration::from_secs(45);
