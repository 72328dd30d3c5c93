//! What may become of a family, in all ways in which requests can get in each other's way.

use std::collections::{BTreeMap, HashSet};

/// Every state that a family may be in, given what was seen of it.
///
/// Requests take their steps at any time between being sent and being answered. A step is atomic,
/// as swaps in the store are.
#[derive(Debug)]
pub(super) struct Spec {
    states: HashSet<State>,
    /// When each request was sent.
    sent_at: BTreeMap<usize, u64>,
    now: u64,
    mode: Mode,
    rotates: bool,
}

/// What the provider does when it is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mode {
    Ended,
    Renewed,
    Unavailable,
    /// It sends tokens, of whom nobody can tell.
    Unverified,
}

/// What a request is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reply {
    Ended,
    /// With a refresh token of this generation.
    Tokens(u64),
    Unavailable,
}

pub(super) const GRACE: u64 = 30;
pub(super) const LEASE: u64 = 15;
/// For how long a store is waited for; for one another requests wait longer.
const PATIENCE: u64 = 3;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct State {
    has_ended: bool,
    current: u64,
    grace_until: u64,
    lease: Option<Lease>,
    /// The provider's refresh token that the family has, and the one that the provider takes.
    held: u64,
    taken: u64,
    requests: BTreeMap<usize, Phase>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Lease {
    of: usize,
    until: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Phase {
    /// It was sent, with a token of this generation.
    Sent(u64),
    /// It saw somebody else's lease, which lasts so long.
    Waiting {
        generation: u64,
        until: u64,
    },
    /// It goes to take the lease, unless somebody writes something before.
    Beginning {
        generation: u64,
    },
    /// It has the lease.
    Leased {
        generation: u64,
        held: u64,
    },
    /// The provider said that the grant goes on, with this token of its own.
    Renewed {
        generation: u64,
        token: u64,
    },
    /// It goes to end the family, whatever becomes of that.
    Ending,
    /// The provider said that the grant is over.
    Over {
        generation: u64,
    },
    /// The provider said nothing, or nothing that is understood. Its token is this one.
    Silent {
        generation: u64,
        token: u64,
    },
    Answered(Reply),
}

impl Spec {
    pub(super) fn new(rotates: bool) -> Self {
        let start = State {
            has_ended: false,
            current: 0,
            grace_until: 0,
            lease: None,
            held: 0,
            taken: 0,
            requests: BTreeMap::new(),
        };
        Self {
            states: HashSet::from([start]),
            sent_at: BTreeMap::new(),
            now: 0,
            mode: Mode::Renewed,
            rotates,
        }
    }

    pub(super) fn sent(&mut self, request: usize, generation: u64) {
        self.sent_at.insert(request, self.now);
        self.each(|state| {
            state.requests.insert(request, Phase::Sent(generation));
        });
    }

    /// A request was answered. Whether it may have been.
    pub(super) fn answered(&mut self, request: usize, reply: Reply) -> bool {
        let states = std::mem::take(&mut self.states).into_iter();
        let right = states.filter_map(|mut state| {
            let phase = state.requests.remove(&request)?;
            (phase == Phase::Answered(reply)).then_some(state)
        });
        self.states = right.collect();
        self.close();
        !self.states.is_empty()
    }

    /// A client hung up: what it set going goes on.
    pub(super) fn hung_up(&mut self, request: usize) {
        self.sent_at.remove(&request);
        self.each(|state| state.forget_if_idle(request));
    }

    /// A server died, and its requests with it.
    pub(super) fn crashed(&mut self, requests: &[usize]) {
        self.each(|state| {
            for request in requests {
                state.requests.remove(request);
            }
        });
    }

    pub(super) fn time_passed(&mut self, seconds: u64) {
        self.now += seconds;
        self.close();
    }

    pub(super) fn provider_turned(&mut self, mode: Mode) {
        self.mode = mode;
        self.close();
    }

    /// A look into the store. Whether the family may be as it is.
    pub(super) fn seen(&mut self, lives: Option<u64>) -> bool {
        self.states.retain(|state| match lives {
            None => state.has_ended,
            Some(current) => !state.has_ended && state.current == current,
        });
        self.close();
        !self.states.is_empty()
    }

    fn each(&mut self, change: impl Fn(&mut State)) {
        let states = std::mem::take(&mut self.states).into_iter();
        let changed = states.map(|mut state| {
            change(&mut state);
            state
        });
        self.states = changed.collect();
        self.close();
    }

    /// Adds all that can be reached by steps that may be taken now.
    fn close(&mut self) {
        let mut left: Vec<_> = self.states.iter().cloned().collect();
        while let Some(state) = left.pop() {
            for request in state.requests.keys().copied() {
                for next in self.steps(&state, request) {
                    if self.states.insert(next.clone()) {
                        left.push(next);
                    }
                }
            }
        }
    }

    fn steps(&self, state: &State, request: usize) -> Vec<State> {
        let to = |phase| {
            let mut next = state.clone();
            next.requests.insert(request, phase);
            next
        };
        let is_ours = state.lease.is_some_and(|lease| lease.of == request) && !state.has_ended;
        let mut next = match state.requests[&request] {
            Phase::Sent(generation) => self.presented(state, request, generation, 0),
            Phase::Waiting { generation, until } => {
                self.presented(state, request, generation, until)
            }
            Phase::Beginning { generation } => {
                let held = state.held;
                let mut next = to(Phase::Leased { generation, held });
                next.grace_until = 0;
                next.lease = Some(Lease {
                    of: request,
                    until: self.now + LEASE,
                });
                self.written(next)
            }
            Phase::Leased { generation, held } => self.asked(state, request, generation, held),
            Phase::Renewed { generation, .. }
            | Phase::Over { generation }
            | Phase::Silent { generation, .. }
                if !is_ours =>
            {
                to(self.overtaken(generation))
            }
            Phase::Renewed { token, .. } => {
                let mut next = to(Phase::Answered(Reply::Tokens(state.current + 1)));
                next.current += 1;
                next.grace_until = self.now + GRACE;
                next.lease = None;
                next.held = token;
                self.written(next)
            }
            Phase::Over { .. } => to(Phase::Ending),
            Phase::Ending => {
                let mut next = to(Phase::Answered(Reply::Ended));
                next.has_ended = true;
                self.written(next)
            }
            Phase::Silent { token, .. } => {
                let mut next = to(Phase::Answered(Reply::Unavailable));
                next.lease = None;
                next.held = token;
                self.written(next)
            }
            Phase::Answered(_) => state.clone(),
        };
        let Some(sent_at) = self.sent_at.get(&request) else {
            next.forget_if_idle(request);
            return vec![next];
        };
        // A wait may be over then, or the store be given up on: with what it was asked for done or
        // not.
        let may_give_up = self.now >= sent_at + PATIENCE;
        let given_up = may_give_up.then(|| to(Phase::Answered(Reply::Unavailable)));
        [next].into_iter().chain(given_up).collect()
    }

    /// What was read before is not there any more, and nobody else puts something in its place.
    fn written(&self, mut state: State) -> State {
        for phase in state.requests.values_mut() {
            if let Phase::Beginning { generation } = *phase {
                *phase = self.overtaken(generation);
            }
        }
        let sent_at = &self.sent_at;
        let is_idle = |phase: &Phase| matches!(phase, Phase::Waiting { .. });
        state
            .requests
            .retain(|request, phase| sent_at.contains_key(request) || !is_idle(phase));
        state
    }

    /// Somebody else was faster, and may have the lease.
    fn overtaken(&self, generation: u64) -> Phase {
        let until = self.now + LEASE;
        Phase::Waiting { generation, until }
    }

    /// What a token stands for, when somebody else had the lease until then.
    fn presented(&self, state: &State, request: usize, generation: u64, leased: u64) -> State {
        let mut next = state.clone();
        let lease = state.lease.filter(|lease| self.now < lease.until);
        let phase = if state.has_ended {
            Phase::Answered(Reply::Ended)
        } else if generation == state.current
            && let Some(Lease { until, .. }) = lease
        {
            Phase::Waiting { generation, until }
        } else if generation == state.current && self.now < leased {
            Phase::Answered(Reply::Unavailable)
        } else if generation == state.current {
            Phase::Beginning { generation }
        } else if generation + 1 == state.current && self.now < state.grace_until {
            Phase::Answered(Reply::Tokens(state.current))
        } else {
            Phase::Ending
        };
        next.requests.insert(request, phase);
        next
    }

    fn asked(&self, state: &State, request: usize, generation: u64, held: u64) -> State {
        let mut next = state.clone();
        let phase = match self.mode {
            Mode::Unavailable => Phase::Silent {
                generation,
                token: held,
            },
            Mode::Renewed | Mode::Unverified if held == state.taken => {
                next.taken += u64::from(self.rotates);
                let token = next.taken;
                match self.mode {
                    Mode::Renewed => Phase::Renewed { generation, token },
                    _ => Phase::Silent { generation, token },
                }
            }
            Mode::Ended | Mode::Renewed | Mode::Unverified => Phase::Over { generation },
        };
        next.requests.insert(request, phase);
        next
    }
}

impl State {
    /// Nobody is there to hear the answer, or to ask again.
    fn forget_if_idle(&mut self, request: usize) {
        let phase = self.requests.get(&request);
        if matches!(
            phase,
            Some(Phase::Answered(_) | Phase::Sent(_) | Phase::Waiting { .. })
        ) {
            self.requests.remove(&request);
        }
    }
}
