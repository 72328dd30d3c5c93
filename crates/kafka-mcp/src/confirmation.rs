//! Writes that somebody confirms first: multi round-trip requests (SEP-2322).
//!
//! The first round asks, with a sealed state. The second brings the state back with the answer, and
//! writes. Whatever a client brings back is taken for made up until the state opens: it is bound to
//! who calls, to the tool and to its arguments, lasts some minutes, and is good once.

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Mutex, PoisonError},
};

use jiff::Timestamp;
use rmcp::model::{
    ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction, ElicitationSchema,
    InputRequest, InputRequiredResult, InputResponses, JsonObject,
};
use serde::{Deserialize, Serialize};

use crate::{
    call::Call,
    caller::Identity,
    failure::{Code, Failure},
    seal::Seal,
    state_key::random_bytes,
};

/// Whether somebody is asked before a tool writes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum ConfirmWrites {
    /// Nobody is asked.
    Never,
    /// Whoever uses the client is asked, where client and protocol can do that.
    #[default]
    WhenPossible,
}

/// The answers that this process has acted on. They are forgotten when they would be too old anyway.
#[derive(Debug, Default)]
pub(crate) struct Confirmations(Mutex<Used>);

#[derive(Debug, Default)]
struct Used {
    tickets: BTreeMap<Ticket, Identity>,
    /// How many of each caller.
    counts: HashMap<Identity, usize>,
}

impl Confirmations {
    /// The round of a call in which the client brought these along.
    pub(crate) fn round(
        &self,
        state: Option<String>,
        responses: Option<InputResponses>,
    ) -> Round<'_> {
        Round {
            confirmations: self,
            state,
            responses: responses.unwrap_or_default(),
        }
    }

    /// Uses up a ticket of `caller`.
    fn redeem(&self, ticket: Ticket, caller: &Identity, now: Timestamp) -> Result<(), Failure> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        used.forget(now);
        if used.tickets.contains_key(&ticket) {
            return Err(Failure::new(
                Code::ConfirmationUsed,
                "nothing was written now: this answer was acted on before, and is good once",
            )
            .hint("look with consume_messages for what was written then"));
        }
        // Forgetting one that is not too old would let it pass again.
        let count = used.counts.get(caller).copied().unwrap_or_default();
        if count >= MOST_USED_BY_CALLER || used.tickets.len() >= MOST_USED {
            return Err(Failure::new(
                Code::RateLimited,
                "too many writes were confirmed in the last minutes: nothing was written",
            )
            .hint("try again in a minute")
            .retriable());
        }
        used.counts.insert(caller.clone(), count + 1);
        used.tickets.insert(ticket, caller.clone());
        Ok(())
    }
}

impl Used {
    /// Forgets those that are too old.
    fn forget(&mut self, now: Timestamp) {
        while let Some(oldest) = self.tickets.first_entry()
            && oldest.key().is_too_old(now)
        {
            let caller = oldest.remove();
            match self.counts.get_mut(&caller) {
                Some(count) if *count > 1 => *count -= 1,
                _ => {
                    self.counts.remove(&caller);
                }
            }
        }
    }
}

/// One round of a call that somebody may have to confirm.
#[derive(Debug)]
pub(crate) struct Round<'a> {
    confirmations: &'a Confirmations,
    state: Option<String>,
    responses: InputResponses,
}

/// Whether a tool may write.
#[derive(Debug)]
pub(crate) enum Consent {
    /// Not before somebody has answered.
    Asked(Box<InputRequiredResult>),
    Given,
}

impl Round<'_> {
    /// Finds out whether `call` may write what its `arguments` say, and puts the question if
    /// somebody is to decide that.
    pub(crate) fn consent(
        &self,
        call: &Call<'_>,
        arguments: &JsonObject,
        question: impl FnOnce() -> Result<String, Failure>,
    ) -> Result<Consent, Failure> {
        let seal = || call.seal(PURPOSE, &(call.name(), arguments));
        let Some(state) = &self.state else {
            // An answer without a state is no answer to a question of this server.
            return match call.can_ask() {
                true => Ok(ask(call, &seal(), question()?)),
                false => Ok(Consent::Given),
            };
        };
        let seal = seal();
        // What would be refused anyway is refused first, and the audit learns what this is about.
        let question = question()?;
        let is_short = state.len() <= MAX_STATE_BYTES;
        let ticket: Option<Ticket> = is_short.then(|| seal.open(state)).flatten();
        let ticket = ticket.ok_or_else(|| no_such_state(call, &seal))?;
        let now = call.view().now();
        let is_late = ticket.is_too_old(now);
        let answer = self.answer();
        if answer.is_some() && !is_late {
            self.confirmations
                .redeem(ticket, &call.caller().identity(), now)?;
        }
        match answer {
            Some(ElicitationAction::Accept) if !is_late => Ok(Consent::Given),
            // Too late, no answer, or none that can be read.
            Some(ElicitationAction::Accept) | None if call.can_ask() => {
                Ok(ask(call, &seal, question))
            }
            Some(ElicitationAction::Accept) | None => Err(no_such_state(call, &seal)),
            Some(ElicitationAction::Decline) => Err(refused("declined")),
            Some(_) => Err(refused("dismissed the question")),
        }
    }

    /// The answer to the one question; other answers are nobody's.
    fn answer(&self) -> Option<ElicitationAction> {
        let response = self.responses.get(QUESTION)?;
        let result: ElicitResult = serde_json::from_value(response.clone()).ok()?;
        Some(result.action)
    }
}

fn ask(call: &Call<'_>, seal: &Seal<'_>, message: String) -> Consent {
    call.asks();
    let params = ElicitRequestParams::FormElicitationParams {
        meta: None,
        message,
        // To accept is all there is to say.
        requested_schema: ElicitationSchema::new(BTreeMap::new()),
    };
    let request = InputRequest::Elicitation(ElicitRequest::new(params));
    let requests = BTreeMap::from([(QUESTION.to_owned(), request)]);
    let state = seal.close(&Ticket::new(call.view().now()));
    let result = InputRequiredResult::new(Some(requests), Some(state));
    Consent::Asked(Box::new(result))
}

fn refused(what_they_did: &str) -> Failure {
    Failure::new(
        Code::Declined,
        format!("nothing was written: who was asked to confirm it {what_they_did}"),
    )
    .hint("ask what should be written instead, if anything")
}

/// Forged, changed, or given to somebody else or for something else: the answer is the same.
fn no_such_state(call: &Call<'_>, seal: &Seal<'_>) -> Failure {
    let name = call.name();
    let mut hint = format!("call {name} again without requestState and inputResponses");
    if !seal.key().is_common() {
        hint += "; servers behind one address need a common KAFKA_MCP_STATE_KEY";
    }
    Failure::new(
        Code::InvalidRequestState,
        "nothing was written: the requestState is none that this server gave this caller for these \
         arguments",
    )
    .hint(hint)
}

/// What a state holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
struct Ticket {
    /// Unix milliseconds. The first field: tickets are sorted by age.
    #[serde(rename = "e")]
    expires_at: i64,
    /// No two questions are the same.
    #[serde(rename = "i")]
    id: u64,
}

impl Ticket {
    fn new(now: Timestamp) -> Self {
        Self {
            expires_at: now.as_millisecond().saturating_add(VALID_MS),
            id: u64::from_be_bytes(random_bytes()),
        }
    }

    fn is_too_old(&self, now: Timestamp) -> bool {
        now.as_millisecond() > self.expires_at
    }
}

const PURPOSE: &str = "confirmation";

/// The key of the question among the input requests.
const QUESTION: &str = "confirm";

/// As long as somebody may think about it.
const VALID_MS: i64 = 5 * 60 * 1_000;

/// Longer than any state that is handed out.
const MAX_STATE_BYTES: usize = 1_024;

/// More than somebody can confirm in the time that an answer is good for.
const MOST_USED_BY_CALLER: usize = 4_096;
/// More than all of them can.
const MOST_USED: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Caller;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    fn named(name: &str) -> Identity {
        Caller::new(name, Vec::new()).identity()
    }

    #[test]
    fn a_ticket_is_good_once() {
        let confirmations = Confirmations::default();
        let alice = named("alice");
        let [one, other] = [(); 2].map(|()| Ticket::new(at(0)));
        assert_ne!(one, other);
        assert!(confirmations.redeem(one, &alice, at(5)).is_ok());
        assert!(confirmations.redeem(other, &alice, at(5)).is_ok());
        let failure = confirmations.redeem(one, &alice, at(6)).unwrap_err();
        assert_eq!(failure.code(), Code::ConfirmationUsed);
    }

    #[test]
    fn a_ticket_lasts_five_minutes() {
        let ticket = Ticket::new(at(1_000));
        assert!(!ticket.is_too_old(at(301_000)));
        assert!(ticket.is_too_old(at(301_001)));
    }

    #[test]
    fn used_tickets_are_forgotten_when_they_are_too_old_and_never_before() {
        let confirmations = Confirmations::default();
        let alice = named("alice");
        let first = Ticket::new(at(0));
        confirmations.redeem(first, &alice, at(0)).unwrap();
        for _ in 1..MOST_USED_BY_CALLER {
            let ticket = Ticket::new(at(1));
            confirmations.redeem(ticket, &alice, at(1)).unwrap();
        }
        let late = Ticket::new(at(2));
        let full = confirmations.redeem(late, &alice, at(VALID_MS));
        assert_eq!(full.unwrap_err().code(), Code::RateLimited);
        let again = confirmations.redeem(first, &alice, at(VALID_MS));
        assert_eq!(again.unwrap_err().code(), Code::ConfirmationUsed);
        // The first one is too old now, and leaves its place.
        let redeemed = confirmations.redeem(late, &alice, at(VALID_MS + 1));
        redeemed.unwrap();
        let used = confirmations.0.lock().unwrap();
        assert_eq!(used.tickets.len(), MOST_USED_BY_CALLER);
    }

    #[test]
    fn who_uses_up_their_tickets_leaves_those_of_others() {
        let confirmations = Confirmations::default();
        let tickets = (0..=MOST_USED_BY_CALLER).map(|_| Ticket::new(at(0)));
        let alice = named("alice");
        let outcomes = tickets.map(|ticket| confirmations.redeem(ticket, &alice, at(0)));
        assert!(outcomes.last().unwrap().is_err());
        let redeemed = confirmations.redeem(Ticket::new(at(0)), &named("bob"), at(0));
        assert!(redeemed.is_ok());
        // Nothing is left of who is forgotten.
        let late = at(VALID_MS + 1);
        let last = Ticket::new(late);
        confirmations.redeem(last, &named("carol"), late).unwrap();
        assert_eq!(confirmations.0.lock().unwrap().counts.len(), 1);
    }
}
