//! The rules of refresh tokens (RFC 6749 section 6, RFC 9700 section 4.14.2).

use futures_util::future::join_all;
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
mod provider;
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
