//! The rotation of refresh tokens, as a state machine without time, store or network of its own.

use std::time::Duration;

use mcp_oauth_token::UnixTime;
use serde::{Deserialize, Serialize};

use super::unix_millis;

/// How far the rotation of a family's refresh tokens is (RFC 9700 section 4.14.2).
///
/// The tokens of a family are numbered by generation, and one is current. Who presents it takes a
/// lease, renews the grant, and makes the next generation current. For a while the generation
/// before is as good: it stands for an answer that got lost, or for a client that refreshes from
/// two places at once. When the current one is presented, somebody has it, and that is over.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, Serialize)]
pub(crate) struct Rotation {
    current: u64,
    /// Until when the generation before the current one is as good.
    #[serde(with = "unix_millis")]
    grace_until: UnixTime,
    /// Until when the one who presented the current generation may take for its successor.
    #[serde(with = "unix_millis")]
    leased_until: UnixTime,
}

impl Rotation {
    /// How long a renewal may take: longer than it waits for the identity provider.
    pub(crate) const LEASE: Duration = Duration::from_secs(15);

    /// The first generation is current.
    pub(crate) const fn start() -> Self {
        Self {
            current: 0,
            grace_until: LONG_AGO,
            leased_until: LONG_AGO,
        }
    }

    /// The generation of the token to give out.
    pub(crate) const fn current(&self) -> u64 {
        self.current
    }

    /// Says what a token of a generation stands for.
    pub(crate) fn present(&self, generation: u64, now: UnixTime) -> Presented {
        if generation == self.current {
            let remaining = self.leased_until.saturating_since(now);
            return if remaining.is_zero() {
                Presented::Current
            } else {
                Presented::Pending { remaining }
            };
        }
        if generation > self.current {
            return Presented::Unheard;
        }
        if generation + 1 == self.current && now < self.grace_until {
            Presented::Predecessor
        } else {
            Presented::Reused
        }
    }

    /// Somebody presented the current generation, and goes to renew the grant.
    pub(crate) fn begun(&self, now: UnixTime) -> Self {
        Self {
            current: self.current,
            grace_until: LONG_AGO,
            leased_until: unix_millis::as_kept(now.saturating_add(Self::LEASE)),
        }
    }

    /// The grant was renewed: the next generation is current.
    pub(crate) fn finished(&self, now: UnixTime, grace: Duration) -> Self {
        Self {
            current: self.current + 1,
            grace_until: unix_millis::as_kept(now.saturating_add(grace)),
            leased_until: LONG_AGO,
        }
    }

    /// The grant could not be renewed now: whoever comes next may try.
    pub(crate) const fn abandoned(&self) -> Self {
        Self {
            leased_until: LONG_AGO,
            ..*self
        }
    }
}

/// What a token that is presented stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Presented {
    /// It is the current one, and whoever presents it may rotate.
    Current,
    /// It is the current one, and somebody is renewing the grant.
    Pending {
        /// How long they have left.
        remaining: Duration,
    },
    /// It is the one before, and so good for the current one.
    Predecessor,
    /// It was replaced, and the one who replaced it has what came after: two hold tokens of this
    /// family, and one of them stole it.
    Reused,
    /// It was issued by us, and we know nothing of that: the store went back in time.
    Unheard,
}

const LONG_AGO: UnixTime = UnixTime::from_secs(0);

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(30);

    const fn at(seconds: u64) -> UnixTime {
        UnixTime::from_secs(seconds)
    }

    // RFC 6749 section 6, and what RFC 9700 section 4.14.2 adds to it.
    #[test]
    fn the_current_generation_rotates_and_the_one_before_is_good_for_a_while() {
        let start = Rotation::start();
        assert_eq!(start.present(0, at(100)), Presented::Current);
        let rotated = start.begun(at(100)).finished(at(101), GRACE);
        assert_eq!(rotated.current(), 1);
        assert_eq!(rotated.present(1, at(101)), Presented::Current);
        assert_eq!(rotated.present(0, at(130)), Presented::Predecessor);
        assert_eq!(rotated.present(0, at(131)), Presented::Reused);
    }

    #[test]
    fn one_renews_while_the_others_wait_until_the_lease_is_over() {
        let pending = Rotation::start().begun(at(100));
        let remaining = Duration::from_secs(5);
        assert_eq!(
            pending.present(0, at(110)),
            Presented::Pending { remaining }
        );
        assert_eq!(pending.present(0, at(115)), Presented::Current);
        assert_eq!(pending.abandoned().present(0, at(101)), Presented::Current);
    }

    // RFC 9700 section 4.14.2: once the successor was used, the token before it is in the hands of
    // somebody else.
    #[test]
    fn grace_ends_when_the_successor_is_used_even_if_that_fails() {
        let rotated = Rotation::start().finished(at(100), GRACE);
        let begun = rotated.begun(at(101));
        for used in [begun, begun.abandoned(), begun.finished(at(102), GRACE)] {
            assert_eq!(used.present(0, at(103)), Presented::Reused, "{used:?}");
        }
    }

    #[test]
    fn without_grace_a_generation_is_good_once() {
        let rotated = Rotation::start().finished(at(100), Duration::ZERO);
        assert_eq!(rotated.present(0, at(100)), Presented::Reused);
    }

    #[test]
    fn a_generation_of_the_future_was_issued_before_the_store_lost_data() {
        assert_eq!(Rotation::start().present(1, at(100)), Presented::Unheard);
    }

    #[test]
    fn it_survives_the_store() {
        let rotation = Rotation::start().finished(at(100), GRACE).begun(at(200));
        let stored = serde_json::to_vec(&rotation).unwrap();
        assert_eq!(
            serde_json::from_slice::<Rotation>(&stored).unwrap(),
            rotation
        );
    }
}
