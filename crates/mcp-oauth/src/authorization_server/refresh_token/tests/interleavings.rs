//! The machine, with requests that race, clients that hang up and servers that die at any point,
//! against all that may become of it.

use std::{collections::BTreeMap, future::Future, pin::Pin, rc::Rc};

use proptest::prelude::*;
use tokio::task::yield_now;

use super::{
    super::*,
    spec::{LEASE, Mode, Reply, Spec},
};
use crate::authorization_server::{
    replica::{Answer, Outcome, Replica, World},
    rotation::Rotation,
};

/// One thing that happens.
#[derive(Clone, Debug)]
enum Op {
    /// A server dies, and another one takes its place.
    Crash { server: usize },
    /// A client hangs up.
    HangUp { request: usize },
    /// Somebody sends a token: the newest that a client has, or one that is older by `age`.
    Present { server: usize, age: u64 },
    /// The provider has another mood.
    Provider(Mode),
    /// Some requests go on for a bit.
    Step { request: usize, times: usize },
    /// Time passes.
    Wait { seconds: u64 },
}

fn ops() -> impl Strategy<Value = Vec<Op>> {
    let age = prop_oneof![6 => Just(0_u64), 3 => Just(1), 1 => Just(2)];
    let seconds = prop_oneof![3 => 1..4_u64, 2 => Just(LEASE), 1 => 25..35_u64];
    let mode = prop_oneof![
        5 => Just(Mode::Renewed),
        2 => Just(Mode::Unavailable),
        2 => Just(Mode::Unverified),
        1 => Just(Mode::Ended),
    ];
    let op = prop_oneof![
        6 => (0..2_usize, age).prop_map(|(server, age)| Op::Present { server, age }),
        12 => (0..3_usize, 1..9_usize).prop_map(|(request, times)| Op::Step { request, times }),
        2 => (0..3_usize).prop_map(|request| Op::HangUp { request }),
        1 => (0..2_usize).prop_map(|server| Op::Crash { server }),
        1 => mode.prop_map(Op::Provider),
        2 => seconds.prop_map(|seconds| Op::Wait { seconds }),
    ];
    prop::collection::vec(op, 1..40)
}

type Request = Pin<Box<dyn Future<Output = Answer>>>;

/// What happens, and what may.
struct Run {
    world: World,
    spec: Spec,
    servers: Vec<Rc<Replica>>,
    under_way: Vec<(usize, usize, Request)>,
    sent: usize,
    /// The tokens that clients have, by generation.
    known: BTreeMap<u64, String>,
}

impl Run {
    async fn new(rotates: bool, turns: usize) -> Self {
        let world = World::new();
        world.upstream.answer_after(turns);
        if rotates {
            world.upstream.rotate();
        }
        let servers = vec![Rc::new(world.replica()), Rc::new(world.replica())];
        let tokens = servers[0].log_in_upstream().await;
        Self {
            spec: Spec::new(rotates),
            known: BTreeMap::from([(0, tokens.refresh_token().to_owned())]),
            under_way: Vec::new(),
            sent: 0,
            servers,
            world,
        }
    }

    async fn apply(&mut self, op: Op) -> Result<(), TestCaseError> {
        match op {
            Op::Crash { server } => self.crash(server).await,
            Op::HangUp { request } => self.hang_up(request),
            Op::Present { server, age } => self.present(server, age),
            Op::Provider(mode) => self.turn(mode),
            Op::Step { request, times } => self.step(request, times).await?,
            Op::Wait { seconds } => {
                self.world.clock.advance(Duration::from_secs(seconds));
                tokio::time::advance(Duration::from_secs(seconds)).await;
                self.spec.time_passed(seconds);
            }
        }
        self.look().await
    }

    fn turn(&mut self, mode: Mode) {
        self.world.upstream.answer_with(match mode {
            Mode::Ended => Outcome::Ended,
            Mode::Renewed => Outcome::Renewed,
            Mode::Unavailable => Outcome::Unavailable,
            Mode::Unverified => Outcome::Unverified,
        });
        self.spec.provider_turned(mode);
    }

    fn present(&mut self, server: usize, age: u64) {
        if self.under_way.len() == MAX_UNDER_WAY {
            return;
        }
        let newest = self.known.keys().next_back().copied().unwrap_or_default();
        let Some((generation, token)) = self.known.get_key_value(&newest.saturating_sub(age))
        else {
            return;
        };
        let (replica, token) = (Rc::clone(&self.servers[server]), token.clone());
        self.spec.sent(self.sent, *generation);
        let request = Box::pin(async move { replica.refresh(&token, &[]).await });
        self.under_way.push((self.sent, server, request));
        self.sent += 1;
    }

    fn hang_up(&mut self, request: usize) {
        if request < self.under_way.len() {
            let (id, ..) = self.under_way.remove(request);
            self.spec.hung_up(id);
        }
    }

    async fn crash(&mut self, server: usize) {
        let died: Vec<_> = self
            .under_way
            .extract_if(.., |(_, on, _)| *on == server)
            .map(|(id, ..)| id)
            .collect();
        self.servers[server] = Rc::new(self.world.replica());
        // What the server had begun for clients that hung up ends as well, and the specification
        // does not know whose those were: it leaves them be, so that they may do nothing more.
        yield_now().await;
        self.spec.crashed(&died);
    }

    async fn step(&mut self, request: usize, times: usize) -> Result<(), TestCaseError> {
        for _ in 0..times {
            let Some((id, _, future)) = self.under_way.get_mut(request) else {
                break;
            };
            let id = *id;
            let polled = futures_util::poll!(future.as_mut());
            yield_now().await;
            if let std::task::Poll::Ready(answer) = polled {
                drop(self.under_way.remove(request));
                self.answered(id, &answer)?;
                break;
            }
        }
        Ok(())
    }

    fn answered(&mut self, id: usize, answer: &Answer) -> Result<(), TestCaseError> {
        let reply = match answer.status.as_u16() {
            200 => {
                let token = answer.refresh_token();
                let tokens = &self.servers[0].tokens.refresh_tokens;
                let (_, generation) = tokens.open(token).unwrap();
                // One successor, however often it is given out.
                let known = self.known.entry(generation);
                prop_assert_eq!(known.or_insert_with(|| token.to_owned()), token);
                Reply::Tokens(generation)
            }
            400 => Reply::Ended,
            _ => Reply::Unavailable,
        };
        let may = self.spec.answered(id, reply);
        prop_assert!(may, "request {} must not be answered {:?}", id, reply);
        Ok(())
    }

    /// Compares what is in the store.
    async fn look(&mut self) -> Result<(), TestCaseError> {
        let lives = self.generation().await;
        let may = self.spec.seen(lives);
        prop_assert!(may, "the family must not be at {:?}", lives);
        Ok(())
    }

    async fn generation(&self) -> Option<u64> {
        let server = &self.servers[0];
        let (id, _) = server.tokens.refresh_tokens.open(&self.known[&0]).unwrap();
        let found = server.families.find(&id).await.unwrap();
        found.map(|found| found.family.rotation.current())
    }

    /// Whatever happened, the current token of a family that lives is good for another, and those
    /// of a family that ended are good for nothing.
    async fn settle(mut self, rotates: bool) -> Result<(), TestCaseError> {
        for server in 0..self.servers.len() {
            self.crash(server).await;
        }
        self.world.clock.advance(Rotation::LEASE);
        self.turn(Mode::Renewed);
        let server = &self.servers[0];
        let tokens = &server.tokens.refresh_tokens;
        let (id, _) = tokens.open(&self.known[&0]).unwrap();
        match server.families.find(&id).await.unwrap() {
            Some(found) => {
                let current = tokens.seal(&id, &found.family).unwrap();
                let answer = server.refresh(&current, &[]).await;
                // The provider's new token may have died with a server.
                let is_lost = rotates && answer.status == 400;
                prop_assert!(answer.status == 200 || is_lost, "{:?}", answer);
            }
            None => {
                for token in self.known.values() {
                    let answer = server.refresh(token, &[]).await;
                    prop_assert_eq!(answer.status, 400);
                }
            }
        }
        Ok(())
    }
}

const MAX_UNDER_WAY: usize = 3;

fn check(ops: Vec<Op>, rotates: bool, turns: usize) -> Result<(), TestCaseError> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_time()
        .start_paused(true)
        .build()
        .unwrap();
    runtime.block_on(async {
        let mut run = Run::new(rotates, turns).await;
        for op in ops {
            run.apply(op).await?;
        }
        run.settle(rotates).await
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    // RFC 9700 section 4.14.2, with RFC 6749 section 6.
    #[test]
    fn whatever_races_and_dies_a_family_does_what_it_may(
        ops in ops(),
        rotates: bool,
        turns in 0..24_usize,
    ) {
        check(ops, rotates, turns)?;
    }
}
