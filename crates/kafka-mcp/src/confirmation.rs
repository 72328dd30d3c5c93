//! Writes that somebody confirms first: multi round-trip requests (SEP-2322).
//!
//! The first round asks, with a sealed state. The second brings the state back with the answer, and
//! writes. Whatever a client brings back is taken for made up until the state opens: it is bound to
//! who calls, to the tool and to its arguments, lasts some minutes, and is good once.

use std::{
    collections::{BTreeMap, BTreeSet},
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
pub(crate) struct Confirmations(Mutex<BTreeSet<Ticket>>);

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

    /// Uses up a ticket.
    fn redeem(&self, ticket: Ticket, now: Timestamp) -> Result<(), Failure> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while used.first().is_some_and(|oldest| oldest.is_too_old(now)) {
            used.pop_first();
        }
        if used.contains(&ticket) {
            return Err(Failure::new(
                Code::ConfirmationUsed,
                "nothing was written now: this answer was acted on before, and is good once",
            )
            .hint("look with consume_messages for what was written then"));
        }
        // Forgetting one that is not too old would let it pass again.
        if used.len() >= MOST_USED {
            return Err(Failure::new(
                Code::RateLimited,
                "too many writes were confirmed in the last minutes: nothing was written",
            )
            .hint("try again in a minute")
            .retriable());
        }
        used.insert(ticket);
        Ok(())
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
            self.confirmations.redeem(ticket, now)?;
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

/// More than people can confirm in the time that an answer is good for.
const MOST_USED: usize = 65_536;

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_millisecond(millis).unwrap()
    }

    #[test]
    fn a_ticket_is_good_once() {
        let confirmations = Confirmations::default();
        let [one, other] = [(); 2].map(|()| Ticket::new(at(0)));
        assert_ne!(one, other);
        assert!(confirmations.redeem(one, at(5)).is_ok());
        assert!(confirmations.redeem(other, at(5)).is_ok());
        let failure = confirmations.redeem(one, at(6)).unwrap_err();
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
        let first = Ticket::new(at(0));
        confirmations.redeem(first, at(0)).unwrap();
        for _ in 1..MOST_USED {
            confirmations.redeem(Ticket::new(at(1)), at(1)).unwrap();
        }
        let late = Ticket::new(at(2));
        let full = confirmations.redeem(late, at(VALID_MS)).unwrap_err();
        assert_eq!(full.code(), Code::RateLimited);
        let again = confirmations.redeem(first, at(VALID_MS)).unwrap_err();
        assert_eq!(again.code(), Code::ConfirmationUsed);
        // The first one is too old now, and leaves its place.
        confirmations.redeem(late, at(VALID_MS + 1)).unwrap();
        assert_eq!(confirmations.0.lock().unwrap().len(), MOST_USED);
    }
}
