//! Refresh tokens while the store takes nothing more: what it cannot remember does not happen.

use super::*;

async fn no_room(server: &Replica, token: &str) {
    let answer = server.refresh(token, &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert_eq!(answer.headers["retry-after"], "5");
}

#[tokio::test]
async fn nothing_is_rotated_and_the_provider_is_not_asked() {
    for is_upstream in [false, true] {
        let world = World::new();
        world.upstream.rotate();
        let server = world.replica();
        let tokens = if is_upstream {
            server.log_in_upstream().await
        } else {
            server.log_in().await
        };
        world.store.fill(true);
        for _ in 0..3 {
            no_room(&server, tokens.refresh_token()).await;
        }
        assert_eq!(world.upstream.calls(), 0);
        assert_eq!(world.events.all(), [GrantEvent::Begun]);
        assert!(server.admits(tokens.access_token()).await);
        world.store.fill(false);
        renewed(&server, tokens.refresh_token()).await;
    }
}

// RFC 9700 section 4.14.2: who presents a token that was replaced gets nothing by it, and the family
// ends as soon as that can be written down.
#[tokio::test]
async fn a_token_used_again_gets_nothing_and_ends_the_family_once_there_is_room() {
    let world = World::new();
    let server = world.replica();
    let first = server.log_in_upstream().await;
    let second = renewed(&server, first.refresh_token()).await;
    world.clock.advance(GRACE);
    world.store.fill(true);
    for _ in 0..3 {
        no_room(&server, first.refresh_token()).await;
    }
    assert!(world.upstream.revoked().is_empty());
    world.store.fill(false);
    refused(&server, first.refresh_token()).await;
    refused(&server, second.refresh_token()).await;
    assert!(!server.admits(second.access_token()).await);
    others_turn().await;
    assert_eq!(world.upstream.revoked(), ["upstream-0"]);
}

// The predecessor needs no room: what it stands for is there.
#[tokio::test]
async fn an_answer_that_got_lost_is_repeated() {
    let world = World::new();
    let server = world.replica();
    let first = server.log_in().await;
    let second = renewed(&server, first.refresh_token()).await;
    world.store.fill(true);
    let again = renewed(&server, first.refresh_token()).await;
    assert_eq!(again.refresh_token(), second.refresh_token());
}

#[tokio::test(start_paused = true)]
async fn a_store_that_fills_up_during_a_renewal_gives_out_nothing_that_it_did_not_take() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    world.upstream.answer_after(100);
    let renewal = server.refresh(tokens.refresh_token(), &[]);
    let filling = async {
        while world.store.swaps() == 0 {
            yield_now().await;
        }
        world.store.fill(true);
    };
    let (answer, ()) = tokio::join!(renewal, filling);
    answer.expect(503, "temporarily_unavailable");
    assert_eq!(world.events.all(), [GrantEvent::Begun]);
    world.store.fill(false);
    // Its lease could not be given back.
    world.clock.advance(Rotation::LEASE);
    renewed(&server, tokens.refresh_token()).await;
}
