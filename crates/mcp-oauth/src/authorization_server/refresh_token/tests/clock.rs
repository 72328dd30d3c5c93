//! Refresh tokens while the clock is set, by ten minutes.

use super::*;

const SHIFT: Duration = Duration::from_secs(10 * 60);
const SECOND: Duration = Duration::from_secs(1);

#[tokio::test]
async fn tokens_go_on_by_a_clock_that_is_set() {
    let world = World::new();
    let server = world.replica();
    let mut tokens = server.log_in_upstream().await;
    for is_back in [true, false, false, true] {
        if is_back {
            world.clock.set_back(SHIFT);
        } else {
            world.clock.advance(SHIFT);
        }
        tokens = renewed(&server, tokens.refresh_token()).await;
        assert!(server.admits(tokens.access_token()).await);
    }
}

// What its end is was written down, and stays so.
#[tokio::test]
async fn a_family_that_has_expired_is_not_good_beyond_the_end_that_it_had() {
    for age in [30 * DAY, 90 * DAY] {
        let mut world = World::new();
        world.lifetimes.idle = age;
        let server = world.replica();
        let tokens = server.log_in().await;
        world.clock.advance(age);
        refused(&server, tokens.refresh_token()).await;
        world.clock.set_back(SHIFT);
        // It was seen to be over.
        refused(&server, tokens.refresh_token()).await;

        let tokens = server.log_in().await;
        world.clock.advance(age - SECOND);
        world.clock.set_back(SHIFT);
        assert!(
            server
                .families
                .find(&id_of(&server, &tokens))
                .await
                .unwrap()
                .is_some()
        );
        world.clock.advance(SHIFT + SECOND);
        refused(&server, tokens.refresh_token()).await;
    }
}

fn id_of(server: &Replica, tokens: &Answer) -> FamilyId {
    let opened = server.tokens.refresh_tokens.open(tokens.refresh_token());
    opened.unwrap().0
}

// The leeway of 30 seconds is part of it.
#[tokio::test]
async fn an_access_token_that_has_expired_is_not_let_in() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in().await;
    let token = tokens.access_token();
    // Of the future.
    world.clock.set_back(SHIFT);
    assert!(!server.admits(token).await);
    world.clock.advance(SHIFT + SHIFT);
    assert!(server.admits(token).await);
    world.clock.advance(Duration::from_secs(5 * 60 + 31));
    assert!(!server.admits(token).await);
}

// RFC 9700 section 4.14.2.
#[tokio::test]
async fn a_token_that_was_replaced_is_as_good_as_its_successor_for_the_shift_at_most() {
    for is_seen in [false, true] {
        let world = World::new();
        let server = world.replica();
        let first = server.log_in().await;
        let second = renewed(&server, first.refresh_token()).await;
        world.clock.set_back(SHIFT);
        if is_seen {
            let again = renewed(&server, first.refresh_token()).await;
            assert_eq!(again.refresh_token(), second.refresh_token());
        }
        world.clock.advance(SHIFT + GRACE);
        refused(&server, first.refresh_token()).await;
        refused(&server, second.refresh_token()).await;
    }
    // And it is not any more when the clock is set forward.
    let world = World::new();
    let server = world.replica();
    let first = server.log_in().await;
    renewed(&server, first.refresh_token()).await;
    world.clock.advance(SHIFT);
    refused(&server, first.refresh_token()).await;
}

#[tokio::test(start_paused = true)]
async fn a_lease_that_nobody_ends_lasts_for_the_shift_at_most() {
    let world = World::new();
    let (dying, other) = (world.replica(), world.replica());
    let tokens = dying.log_in_upstream().await;
    world.upstream.answer_with(Outcome::Silence);
    give_up_after(40, dying.refresh(tokens.refresh_token(), &[])).await;
    assert_eq!(world.upstream.calls(), 1);
    drop(dying);
    world.upstream.answer_with(Outcome::Renewed);
    world.clock.set_back(SHIFT);
    let answer = other.refresh(tokens.refresh_token(), &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert_eq!(answer.headers["retry-after"], "300");
    world.clock.advance(SHIFT + Rotation::LEASE);
    renewed(&other, tokens.refresh_token()).await;
}

#[tokio::test]
async fn a_renewal_that_is_under_way_when_the_clock_is_set_back_comes_to_its_end() {
    let world = World::new();
    world.upstream.rotate();
    world.upstream.answer_after(100);
    let server = world.replica();
    let tokens = server.log_in_upstream().await;
    let renewal = server.refresh(tokens.refresh_token(), &[]);
    let setting = async {
        while world.store.swaps() == 0 {
            yield_now().await;
        }
        world.clock.set_back(SHIFT);
    };
    let (answer, ()) = tokio::join!(renewal, setting);
    assert_eq!(answer.status, 200, "{answer:?}");
    renewed(&server, answer.refresh_token()).await;
    assert_eq!(world.upstream.calls(), 2);
}
