//! Refresh tokens of people who logged in at an identity provider.

use futures_util::future::join;

use super::*;

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

#[tokio::test]
async fn a_server_that_stops_stores_what_the_provider_put_in_the_place_of_a_token() {
    for steps in 1..40 {
        let world = World::new();
        world.upstream.rotate();
        world.upstream.answer_after(20);
        let stopping = world.replica();
        let tokens = stopping.log_in_upstream().await;
        give_up_after(steps, stopping.refresh(tokens.refresh_token(), &[])).await;
        stopping.tokens.refresh_tokens.drain().await;
        drop(stopping);
        renewed(&world.replica(), tokens.refresh_token()).await;
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
