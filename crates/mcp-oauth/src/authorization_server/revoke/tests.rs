//! What revoking a token does (RFC 7009).

use std::time::Duration;

use futures_util::future::join;
use tokio::{task::yield_now, time::timeout};

use super::*;
use crate::authorization_server::{
    background::Undone,
    endings::NotEnded,
    replica::{Answer, World, give_up_after, others_turn, post},
};

// RFC 7009 section 2.1: "If the particular token is a refresh token [...] the authorization server
// SHOULD also invalidate all access tokens based on the same authorization grant".
#[tokio::test]
async fn either_token_ends_both_on_all_servers_at_once() {
    let world = World::new();
    let (here, there) = (world.replica(), world.replica());
    for name in ["refresh_token", "access_token"] {
        let tokens = here.log_in().await;
        assert!(there.admits(tokens.access_token()).await);
        let revoked = here.revoke(tokens.text(name), &[]).await;
        assert_eq!(revoked.status, 200, "{revoked:?}");
        assert!(!there.admits(tokens.access_token()).await, "{name}");
        let refused = there.refresh(tokens.refresh_token(), &[]).await;
        refused.expect(400, "invalid_grant");
    }
    let expected = [GrantEvent::Begun, GrantEvent::Revoked];
    assert_eq!(world.events.all(), expected.repeat(2));
}

// RFC 7009 section 2.2: "The authorization server responds with HTTP status code 200 if the token
// has been revoked successfully or if the client submitted an invalid token."
#[tokio::test]
async fn tokens_that_are_none_are_answered_like_others() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let revoked = server.revoke(tokens.refresh_token(), &[]).await;
    for token in ["x", "a.b.c", "not a token", "ä", tokens.refresh_token()] {
        let answer = server.revoke(token, &[]).await;
        assert_eq!(
            (answer.status, &answer.body),
            (revoked.status, &revoked.body)
        );
    }
    let hinted = [("token_type_hint", "access_token")];
    let tokens = server.log_in().await;
    server.revoke(tokens.refresh_token(), &hinted).await;
    assert!(!server.admits(tokens.access_token()).await);
}

// RFC 7009 section 2.1: "verifies whether the token was issued to the client making the revocation
// request".
#[tokio::test]
async fn the_tokens_of_another_client_stay() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let other = server.client_with(r#"["authorization_code","refresh_token"]"#);
    for token in [tokens.refresh_token(), tokens.access_token()] {
        let answer = server.revoke(token, &[("client_id", &other)]).await;
        assert_eq!(answer.status, 200);
    }
    assert!(server.admits(tokens.access_token()).await);
}

#[tokio::test]
async fn the_provider_gets_its_refresh_token_back() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    server.revoke(tokens.access_token(), &[]).await;
    server.revoke(tokens.access_token(), &[]).await;
    others_turn().await;
    assert_eq!(world.upstream.revoked(), ["upstream-0"]);
}

// RFC 7009 section 2.2: the answer says that the token is revoked here, where it was issued.
#[tokio::test(start_paused = true)]
async fn nobody_waits_for_the_provider_to_take_its_token_back() {
    let world = World::new();
    let server = world.replica();
    world.upstream.ignore_revocations();
    let tokens = server.log_in_upstream().await;
    let revoked = server.revoke(tokens.refresh_token(), &[]);
    let revoked = timeout(Duration::from_secs(1), revoked).await.unwrap();
    assert_eq!(revoked.status, 200);
    assert!(!server.admits(tokens.access_token()).await);
    assert_eq!(world.events.all(), [GrantEvent::Begun, GrantEvent::Revoked]);
}

// What is revoked is revoked for good, with all that belongs to it.
#[tokio::test]
async fn a_revocation_that_began_goes_on_when_the_client_hangs_up() {
    let mut last = 0;
    for steps in 0..40 {
        let world = World::new();
        let server = world.replica_with(|families| families.with_copies(Duration::from_secs(5)));
        let tokens = server.log_in_upstream().await;
        assert!(server.admits(tokens.access_token()).await);
        give_up_after(steps, server.revoke(tokens.refresh_token(), &[])).await;
        let begun = world.store.swaps();
        others_turn().await;
        let revoked = world.upstream.revoked().len();
        assert!(revoked >= last && revoked >= begun, "{steps}");
        assert_eq!(world.events.all().len(), 1 + revoked, "{steps}");
        // By the copy that this server has.
        assert_eq!(server.admits(tokens.access_token()).await, revoked == 0);
        last = revoked;
    }
    assert_eq!(last, 1);
}

// Whoever was told that a token is revoked has no reason to come again.
#[tokio::test]
async fn a_server_that_stops_gives_back_what_it_said_to_be_revoked() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    let revoked = server.revoke(tokens.refresh_token(), &[]).await;
    assert_eq!(revoked.status, 200);
    assert!(world.upstream.revoked().is_empty(), "nobody waits for that");
    server.revocation.endings.drain().await;
    assert_eq!(world.upstream.revoked(), ["upstream-0"]);
}

// RFC 7009 section 2.2.1 again: what could not begin is not done.
#[tokio::test]
async fn while_too_much_is_under_way_nothing_is_said_to_be_revoked() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.upstream.ignore_revocations();
    for _ in 0..2000 {
        server.revocation.endings.give_back("upstream-x".into());
    }
    let answer = server.revoke(tokens.refresh_token(), &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert_eq!(answer.headers["retry-after"], "5");
    assert!(server.admits(tokens.access_token()).await);
    let (id, why) = (FamilyId::named("x"), GrantEvent::Revoked);
    let ended = server.revocation.endings.end(&id, why).await;
    assert!(
        matches!(ended, Err(NotEnded::Undone(Undone::TooMuch))),
        "the store is not to blame: {ended:?}"
    );
}

// The provider has put a new token in the place of the one that the family had.
#[tokio::test]
async fn what_the_provider_sends_for_a_family_that_has_ended_is_given_back_too() {
    let world = World::new();
    world.upstream.rotate();
    world.upstream.answer_after(20);
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    let refresh = server.refresh(tokens.refresh_token(), &[]);
    let revoke = async {
        while world.store.swaps() == 0 {
            yield_now().await;
        }
        server.revoke(tokens.access_token(), &[]).await
    };
    let (refreshed, revoked) = join(refresh, revoke).await;
    refreshed.expect(400, "invalid_grant");
    assert_eq!(revoked.status, 200);
    others_turn().await;
    assert_eq!(world.upstream.calls(), 1);
    assert_eq!(world.upstream.revoked(), ["upstream-0", "upstream-1"]);
}

// RFC 7009 section 2.1: a refresh token that was replaced is of the same grant.
#[tokio::test]
async fn a_refresh_token_that_was_replaced_ends_its_family_too() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let refreshed = server.refresh(tokens.refresh_token(), &[]).await;
    server.revoke(tokens.refresh_token(), &[]).await;
    assert!(!server.admits(refreshed.access_token()).await);
}

// RFC 7009 section 2.2.1: "If the server responds with HTTP status code 503, the client must assume
// the token still exists".
#[tokio::test]
async fn without_the_store_nothing_is_said_to_be_revoked() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in().await;
    world.store.silence(true);
    let answer = server.revoke(tokens.refresh_token(), &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert!(answer.headers.contains_key("retry-after"));
}

// RFC 7009 section 2.1.
#[tokio::test]
async fn requests_that_are_not_as_they_have_to_be_are_refused() {
    let server = World::new().replica();
    let refused = server.revoke("x", &[("client_id", "")]).await;
    refused.expect(400, "invalid_request");
    server.revoke("", &[]).await.expect(400, "invalid_request");
    let refused = server.revoke("x", &[("client_id", "unknown")]).await;
    refused.expect(400, "invalid_client");
    let (mut head, ()) = post().into_parts();
    head.method = http::Method::GET;
    let refused = Answer::of(server.revocation.answer(&head, b"").await).await;
    refused.expect(405, "invalid_request");
}

// RFC 7009 section 2.2.1: an end that cannot be written down is none.
#[tokio::test]
async fn while_the_store_is_full_nothing_is_said_to_be_revoked() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.store.fill(true);
    for token in [tokens.refresh_token(), tokens.access_token()] {
        let answer = server.revoke(token, &[]).await;
        answer.expect(503, "temporarily_unavailable");
        assert_eq!(answer.headers["retry-after"], "5");
    }
    assert!(world.upstream.revoked().is_empty());
    assert!(server.admits(tokens.access_token()).await);
    world.store.fill(false);
    assert_eq!(server.revoke(tokens.refresh_token(), &[]).await.status, 200);
    assert!(!server.admits(tokens.access_token()).await);
    others_turn().await;
    assert_eq!(world.upstream.revoked(), ["upstream-0"]);
}
