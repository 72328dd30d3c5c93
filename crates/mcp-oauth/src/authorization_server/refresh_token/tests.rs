//! The rules of refresh tokens (RFC 6749 section 6, RFC 9700 section 4.14.2).

use futures_util::future::{join, join_all};
use tokio::task::yield_now;

use super::*;
use crate::authorization_server::{
    family::Lifetimes,
    replica::{Answer, Outcome, Replica, World, give_up_after, others_turn},
    rotation::Rotation,
};

mod clock;
mod full_store;
mod interleavings;
mod spec;

const GRACE: Duration = Duration::from_secs(30);
const DAY: Duration = Duration::from_secs(24 * 60 * 60);

async fn renewed(server: &Replica, token: &str) -> Answer {
    let answer = server.refresh(token, &[]).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    answer
}

async fn refused(server: &Replica, token: &str) {
    let answer = server.refresh(token, &[]).await;
    answer.expect(400, "invalid_grant");
}

// RFC 6749 section 6.
#[tokio::test]
async fn a_refresh_token_gives_new_tokens() {
    let server = World::new().replica();
    let first = server.log_in().await;
    let second = renewed(&server, first.refresh_token()).await;
    assert_ne!(first.refresh_token(), second.refresh_token());
    assert_ne!(first.access_token(), second.access_token());
    assert!(server.admits(first.access_token()).await);
    assert!(server.admits(second.access_token()).await);
    assert_eq!(second.text("scope"), first.text("scope"));
}

// An answer that got lost on its way.
#[tokio::test]
async fn a_token_that_was_just_replaced_gives_the_same_successor() {
    let world = World::new();
    let server = world.replica();
    let first = server.log_in_upstream().await;
    let second = renewed(&server, first.refresh_token()).await;
    world.clock.advance(GRACE - Duration::from_secs(1));
    let again = renewed(&world.replica(), first.refresh_token()).await;
    assert_eq!(again.refresh_token(), second.refresh_token());
    assert!(server.admits(again.access_token()).await);
    assert_eq!(world.upstream.calls(), 1);
}

// RFC 9700 section 4.14.2: "the authorization server cannot determine which party submitted the
// invalid refresh token, but it will revoke the active refresh token".
#[tokio::test]
async fn a_token_used_again_after_the_grace_ends_the_family() {
    let world = World::new();
    let (here, there) = (world.replica(), world.replica());
    let first = here.log_in_upstream().await;
    let second = renewed(&here, first.refresh_token()).await;
    world.clock.advance(GRACE);
    refused(&there, first.refresh_token()).await;
    refused(&here, second.refresh_token()).await;
    for tokens in [&first, &second] {
        assert!(!here.admits(tokens.access_token()).await);
    }
    let events = [
        GrantEvent::Begun,
        GrantEvent::Refreshed,
        GrantEvent::RefreshReused,
    ];
    assert_eq!(world.events.all(), events);
    others_turn().await;
    assert_eq!(world.upstream.revoked(), ["upstream-0"]);
}

// RFC 9700 section 4.14.2: whoever has used the successor needs no second one.
#[tokio::test]
async fn a_token_used_again_after_its_successor_ends_the_family() {
    let world = World::new();
    let server = world.replica();
    let first = server.log_in().await;
    let second = renewed(&server, first.refresh_token()).await;
    let third = renewed(&server, second.refresh_token()).await;
    refused(&server, first.refresh_token()).await;
    refused(&server, third.refresh_token()).await;
    assert!(!server.admits(third.access_token()).await);
}

// Whoever uses a stolen token may not wait for what comes of it.
#[tokio::test]
async fn a_token_used_again_ends_the_family_although_the_client_hangs_up() {
    let mut last = 0;
    for steps in 0..40 {
        let world = World::new();
        let server = world.replica();
        let first = server.log_in_upstream().await;
        let second = renewed(&server, first.refresh_token()).await;
        world.clock.advance(GRACE);
        give_up_after(steps, server.refresh(first.refresh_token(), &[])).await;
        let begun = world.store.swaps();
        others_turn().await;
        let ended = world.upstream.revoked().len();
        // Once it is set about, it is done in full.
        assert!(ended >= last && ended >= begun - 2, "{steps}");
        assert_eq!(server.admits(second.access_token()).await, ended == 0);
        let reuse = world.events.all().contains(&GrantEvent::RefreshReused);
        assert_eq!(reuse, ended == 1, "{steps}");
        last = ended;
    }
    assert_eq!(last, 1);
}

#[tokio::test]
async fn without_grace_any_second_use_ends_the_family() {
    let mut world = World::new();
    world.lifetimes.grace = Duration::ZERO;
    let server = world.replica();
    let first = server.log_in().await;
    let second = renewed(&server, first.refresh_token()).await;
    refused(&server, first.refresh_token()).await;
    refused(&server, second.refresh_token()).await;
}

// RFC 6749 section 6: "The requested scope MUST NOT include any scope not originally granted by the
// resource owner"; RFC 8707 section 2.2.
#[tokio::test]
async fn a_request_for_too_much_rotates_nothing() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    let other = server.client_with(r#"["authorization_code","refresh_token"]"#);
    for (change, error) in [
        (("client_id", other.as_str()), "invalid_grant"),
        (("resource", "https://mcp.example/other"), "invalid_target"),
        (("scope", "kafka:admin"), "invalid_scope"),
    ] {
        let answer = server.refresh(tokens.refresh_token(), &[change]).await;
        answer.expect(400, error);
    }
    assert_eq!(world.events.all(), [GrantEvent::Begun]);
    assert_eq!(world.upstream.calls(), 0);
    renewed(&server, tokens.refresh_token()).await;
}

// RFC 6749 section 6: what was allowed stays allowed, whatever one token is for.
#[tokio::test]
async fn a_token_for_less_leaves_the_rest_for_the_next() {
    let server = World::new().replica();
    let first = server.log_in().await;
    let less = [("scope", "kafka:read")];
    let second = server.refresh(first.refresh_token(), &less).await;
    assert_eq!(second.text("scope"), "kafka:read");
    let third = renewed(&server, second.refresh_token()).await;
    assert_eq!(third.text("scope"), "kafka:write");
}

// RFC 9700 section 2.2.2 needs reuse to be told from two requests of one client.
#[tokio::test(start_paused = true)]
async fn a_hundred_uses_at_once_on_two_servers_get_one_successor() {
    for is_upstream in [false, true] {
        let world = World::new();
        let servers = [world.replica(), world.replica()];
        let first = if is_upstream {
            servers[0].log_in_upstream().await
        } else {
            servers[0].log_in().await
        };
        let token = first.refresh_token();
        let uses = (0..100).map(|number| servers[number % 2].refresh(token, &[]));
        let answers = join_all(uses).await;
        for answer in &answers {
            assert_eq!(answer.status, 200, "{answer:?}");
            assert_eq!(answer.refresh_token(), answers[0].refresh_token());
        }
        assert_eq!(world.upstream.calls(), usize::from(is_upstream));
        assert_eq!(
            world.events.all(),
            [GrantEvent::Begun, GrantEvent::Refreshed]
        );
        renewed(&servers[1], answers[0].refresh_token()).await;
    }
}

// RFC 6749 section 6: the provider's word counts.
#[tokio::test]
async fn a_grant_that_the_provider_ended_is_over_and_not_asked_for_again() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.upstream.answer_with(Outcome::Ended);
    for _ in 0..3 {
        refused(&server, tokens.refresh_token()).await;
    }
    assert!(!server.admits(tokens.access_token()).await);
    assert_eq!(world.upstream.calls(), 1);
    assert_eq!(
        world.events.all(),
        [GrantEvent::Begun, GrantEvent::EndedUpstream]
    );
    assert!(world.upstream.revoked().is_empty());
}

// An outage of the provider logs nobody out.
#[tokio::test]
async fn while_the_provider_is_away_the_token_stays_good() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.upstream.answer_with(Outcome::Unavailable);
    for _ in 0..2 {
        let answer = server.refresh(tokens.refresh_token(), &[]).await;
        answer.expect(503, "temporarily_unavailable");
        assert_eq!(answer.headers["retry-after"], "7");
    }
    assert!(server.admits(tokens.access_token()).await);
    world.upstream.answer_with(Outcome::Renewed);
    renewed(&server, tokens.refresh_token()).await;
    assert_eq!(world.upstream.calls(), 3);
}

// RFC 6585 section 4: who is asked for less is not asked by everybody who waited.
#[tokio::test(start_paused = true)]
async fn a_hundred_uses_at_once_ask_a_provider_that_is_away_once() {
    let world = World::new();
    let servers = [world.replica(), world.replica()];
    let first = servers[0].log_in_upstream().await;
    world.upstream.answer_with(Outcome::Unavailable);
    for turns in [0, 24] {
        world.upstream.answer_after(turns);
        let calls = world.upstream.calls();
        let refresh = |number: usize| servers[number % 2].refresh(first.refresh_token(), &[]);
        for answer in join_all((0..100).map(refresh)).await {
            answer.expect(503, "temporarily_unavailable");
            assert!(answer.headers.contains_key("retry-after"));
        }
        assert_eq!(world.upstream.calls(), calls + 1, "{turns}");
    }
}

// While a lease lasts nobody else asks the provider, and not for longer: of two who present one
// refresh token, a provider that rotates takes one for a thief (RFC 9700 section 4.14.2).
#[tokio::test(start_paused = true)]
async fn a_renewal_is_given_up_before_its_lease_ends() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.upstream.answer_with(Outcome::Silence);
    // However long the store takes for the lease and what comes after it.
    for pause in [Duration::ZERO, Duration::from_millis(1500)] {
        world.store.pause(pause);
        let started = Instant::now();
        let answer = server.refresh(tokens.refresh_token(), &[]).await;
        answer.expect(503, "temporarily_unavailable");
        // The lease began after the first look into the store.
        let leased = started.elapsed() - pause;
        assert!(leased < Rotation::LEASE, "{leased:?}");
    }
    world.upstream.answer_with(Outcome::Renewed);
    renewed(&server, tokens.refresh_token()).await;
}

// Okta gives a new refresh token each time, and Google keeps the old one.
#[tokio::test]
async fn the_provider_may_rotate_its_own_refresh_tokens() {
    for rotates in [false, true] {
        let world = World::new();
        if rotates {
            world.upstream.rotate();
        }
        let mut tokens = world.replica().log_in_upstream().await;
        for _ in 0..3 {
            tokens = renewed(&world.replica(), tokens.refresh_token()).await;
        }
        let server = world.replica();
        server.revoke(tokens.refresh_token(), &[]).await;
        others_turn().await;
        let last = if rotates { "upstream-3" } else { "upstream-0" };
        assert_eq!(world.upstream.revoked(), [last]);
    }
}

// The provider has taken the old token back: what it gave in its place is lost with the process only.
#[tokio::test(start_paused = true)]
async fn a_store_that_fails_for_a_moment_loses_no_login() {
    for outcome in [Outcome::Renewed, Outcome::Unverified] {
        let world = World::new();
        world.upstream.rotate();
        world.upstream.answer_with(outcome);
        let server = world.replica();
        let tokens = server.log_in_upstream().await;
        let store_fails = async {
            while world.upstream.calls() == 0 {
                yield_now().await;
            }
            world.store.silence(true);
            sleep(Duration::from_secs(5)).await;
            world.store.silence(false);
        };
        let refresh = server.refresh(tokens.refresh_token(), &[]);
        let (answer, ()) = join(refresh, store_fails).await;
        let is_renewed = outcome == Outcome::Renewed;
        assert_eq!(answer.status, if is_renewed { 200 } else { 503 });
        world.upstream.answer_with(Outcome::Renewed);
        renewed(&server, tokens.refresh_token()).await;
        let events = [GrantEvent::Begun, GrantEvent::Refreshed];
        assert_eq!(world.events.all(), events);
    }
}

// The old token is used up, whatever is thought of the id token that came with the new one.
#[tokio::test]
async fn a_new_token_of_the_provider_is_kept_although_nobody_can_tell_whose_it_is() {
    let world = World::new();
    world.upstream.rotate();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.upstream.answer_with(Outcome::Unverified);
    for _ in 0..2 {
        let answer = server.refresh(tokens.refresh_token(), &[]).await;
        answer.expect(503, "temporarily_unavailable");
    }
    world.upstream.answer_with(Outcome::Renewed);
    renewed(&server, tokens.refresh_token()).await;
    assert_eq!(world.upstream.calls(), 3);
}

// RFC 6749 section 6: a new token has the scopes of the grant, and those have become less.
#[tokio::test]
async fn what_the_provider_takes_away_is_gone_with_the_next_refresh() {
    let world = World::new();
    let server = world.replica();
    let first = server.log_in_upstream().await;
    assert_eq!(first.text("scope"), "kafka:write");
    world.upstream.leave("kafka:read");
    let wanted = [("scope", "kafka:write")];
    let second = server.refresh(first.refresh_token(), &wanted).await;
    assert_eq!(second.text("scope"), "kafka:read");
    let refused = server.refresh(second.refresh_token(), &wanted).await;
    refused.expect(400, "invalid_scope");
    let third = renewed(&server, second.refresh_token()).await;
    assert_eq!(third.text("scope"), "kafka:read");
}

// The provider has taken the old token back by then, and nobody else may ask while a lease lasts.
#[tokio::test]
async fn a_renewal_goes_on_when_the_client_hangs_up() {
    for steps in 0..40 {
        let world = World::new();
        world.upstream.rotate();
        let server = world.replica();
        let tokens = server.log_in_upstream().await;
        give_up_after(steps, server.refresh(tokens.refresh_token(), &[])).await;
        others_turn().await;
        renewed(&server, tokens.refresh_token()).await;
        assert_eq!(world.upstream.calls(), 1, "{steps}");
    }
}

// A server that dies leaves a lease, which ends.
#[tokio::test(start_paused = true)]
async fn after_a_crash_others_wait_for_the_lease_and_go_on() {
    let world = World::new();
    let (dying, other) = (world.replica(), world.replica());
    let tokens = dying.log_in_upstream().await;
    world.upstream.answer_with(Outcome::Silence);
    give_up_after(40, dying.refresh(tokens.refresh_token(), &[])).await;
    assert_eq!(world.upstream.calls(), 1);
    drop(dying);
    world.upstream.answer_with(Outcome::Renewed);
    let started = Instant::now();
    let answer = other.refresh(tokens.refresh_token(), &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert_eq!(answer.headers["retry-after"], "15");
    assert!(started.elapsed() >= PATIENCE && started.elapsed() < PATIENCE * 2);
    // Whoever waits when the lease ends goes on.
    let late = other.refresh(tokens.refresh_token(), &[]);
    let lease_ends = async {
        sleep(Duration::from_secs(1)).await;
        world.clock.advance(Rotation::LEASE);
    };
    let (answer, ()) = join(late, lease_ends).await;
    assert_eq!(answer.status, 200, "{answer:?}");
}

// RFC 9700 section 4.14.2: "refresh tokens SHOULD expire if the client has been inactive for some
// time".
#[tokio::test]
async fn a_token_that_is_not_used_for_thirty_days_expires() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in().await;
    world.clock.advance(29 * DAY);
    let tokens = renewed(&server, tokens.refresh_token()).await;
    world.clock.advance(29 * DAY);
    let tokens = renewed(&server, tokens.refresh_token()).await;
    world.clock.advance(30 * DAY);
    refused(&server, tokens.refresh_token()).await;
}

#[tokio::test]
async fn after_ninety_days_people_log_in_again_however_often_it_was_used() {
    let world = World::new();
    let server = world.replica();
    let mut tokens = server.log_in().await;
    for _ in 0..8 {
        world.clock.advance(10 * DAY);
        tokens = renewed(&server, tokens.refresh_token()).await;
    }
    world.clock.advance(10 * DAY - Duration::from_secs(300));
    tokens = renewed(&server, tokens.refresh_token()).await;
    // Nothing outlives the login that it came of.
    assert_eq!(tokens.body["expires_in"], 300);
    world.clock.advance(Duration::from_secs(300));
    refused(&server, tokens.refresh_token()).await;
    assert!(!server.admits(tokens.access_token()).await);
}

#[test]
fn lifetimes_are_those_of_the_documentation() {
    let lifetimes = Lifetimes::default();
    assert_eq!(lifetimes.idle, 30 * DAY);
    assert_eq!(lifetimes.absolute, 90 * DAY);
    assert_eq!(lifetimes.grace, GRACE);
    assert_eq!(lifetimes.access_token, Duration::from_secs(15 * 60));
}

// The store went back in time, as after a failover.
#[tokio::test]
async fn a_token_that_the_store_has_never_heard_of_ends_the_family() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in().await;
    let (id, generation) = server
        .tokens
        .refresh_tokens
        .open(tokens.refresh_token())
        .unwrap();
    let found = server.families.find(&id).await.unwrap().unwrap();
    let ahead = found
        .family
        .with_rotation(found.family.rotation.finished(world.now(), GRACE));
    let ahead = server.tokens.refresh_tokens.seal(&id, &ahead).unwrap();
    assert_eq!(
        server.tokens.refresh_tokens.open(&ahead).unwrap().1,
        generation + 1
    );
    refused(&server, &ahead).await;
    refused(&server, tokens.refresh_token()).await;
    assert_eq!(world.events.all(), [GrantEvent::Begun, GrantEvent::Lost]);
}

// RFC 6749 section 10.4: tokens "MUST be kept confidential in transit and storage".
#[tokio::test]
async fn a_refresh_token_reads_as_nothing_and_cannot_be_changed() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let token = tokens.refresh_token();
    for position in [0, 9, token.len() / 2, token.len() - 1] {
        let mut changed = token.as_bytes().to_vec();
        changed[position] = if changed[position] == b'A' {
            b'B'
        } else {
            b'A'
        };
        let changed = String::from_utf8(changed).unwrap();
        refused(&server, &changed).await;
    }
    refused(&server, &format!("{token}A")).await;
    refused(&server, &"A".repeat(60_000)).await;
    renewed(&server, token).await;
}
