//! What codes are good for (RFC 6749 sections 4.1 and 10.5, RFC 7636 section 4.6).

use futures_util::future::join_all;

use super::*;
use crate::authorization_server::replica::{VERIFIER, World};

#[tokio::test]
async fn a_code_gives_tokens_once() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    let tokens = server.redeem(&code, &[]).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
    assert!(server.admits(tokens.access_token()).await);
    server.redeem(&code, &[]).await.expect(400, "invalid_grant");
}

// RFC 6749 section 4.1.2: "SHOULD revoke (when possible) all tokens previously issued based on that
// authorization code".
#[tokio::test]
async fn a_code_used_again_ends_all_that_came_of_it() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    let tokens = server.redeem(&code, &[]).await;
    server.redeem(&code, &[]).await.expect(400, "invalid_grant");
    assert!(!server.admits(tokens.access_token()).await);
    let refreshed = server.refresh(tokens.refresh_token(), &[]).await;
    refreshed.expect(400, "invalid_grant");
    assert_eq!(
        world.events.all(),
        [GrantEvent::Begun, GrantEvent::CodeReused]
    );
    // And it does not begin again.
    server.redeem(&code, &[]).await.expect(400, "invalid_grant");
}

// RFC 6749 section 10.5: the replay is noticed after the code's life, too.
#[tokio::test]
async fn a_code_used_again_after_its_life_ends_what_came_of_it() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    let tokens = server.redeem(&code, &[]).await;
    world.clock.advance(LIFETIME * 2);
    server.redeem(&code, &[]).await.expect(400, "invalid_grant");
    assert!(!server.admits(tokens.access_token()).await);
}

// RFC 6749 section 10.5: only the client that the code is for can be meant.
#[tokio::test]
async fn a_code_used_again_by_somebody_else_ends_nothing() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    let tokens = server.redeem(&code, &[]).await;
    let other = server.client_with(r#"["authorization_code"]"#);
    for change in [("client_id", other.as_str()), ("code_verifier", "")] {
        let replayed = server.redeem(&code, &[change]).await;
        replayed.expect(400, "invalid_grant");
    }
    assert!(server.admits(tokens.access_token()).await);
    assert_eq!(world.events.all(), [GrantEvent::Begun]);
}

// RFC 6749 section 4.1.3, RFC 7636 section 4.6: whoever cannot use a code cannot use it up.
#[tokio::test]
async fn a_code_is_not_used_up_by_requests_that_it_is_not_for() {
    let world = World::new();
    let server = world.replica();
    let other = server.client_with(r#"["authorization_code"]"#);
    let code = server.code().await;
    let challenge = crate::authorization_server::replica::CHALLENGE;
    let (short, long) = ("a".repeat(42), "a".repeat(129));
    for change in [
        ("client_id", other.as_str()),
        ("redirect_uri", "http://localhost:2/cb"),
        ("redirect_uri", "http://localhost:1/cb/"),
        ("code_verifier", ""),
        ("code_verifier", challenge),
        ("code_verifier", &VERIFIER.replace('d', "e")),
        ("code_verifier", &short),
        ("code_verifier", &long),
    ] {
        let refused = server.redeem(&code, &[change]).await;
        refused.expect(400, "invalid_grant");
    }
    assert_eq!(server.redeem(&code, &[]).await.status, 200);
}

// RFC 8707 section 2.2, RFC 6749 section 3.3: the client may put it right and try again.
#[tokio::test]
async fn a_code_is_kept_for_a_request_that_asked_for_too_much() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    for (change, error) in [
        (("resource", "https://mcp.example/other"), "invalid_target"),
        (("resource", "https://mcp.example/mcp#x"), "invalid_target"),
        (("scope", "kafka:admin"), "invalid_scope"),
        (("scope", "kafka:read other"), "invalid_scope"),
        (("scope", "kafka:\"read"), "invalid_scope"),
    ] {
        server.redeem(&code, &[change]).await.expect(400, error);
    }
    let tokens = server.redeem(&code, &[("scope", "kafka:read")]).await;
    assert_eq!(tokens.text("scope"), "kafka:read", "{tokens:?}");
}

// OAuth 2.1 leaves it out, and RFC 6749 section 4.1.3 has it.
#[tokio::test]
async fn the_redirect_uri_may_be_left_out_at_the_token_endpoint() {
    let server = World::new().replica();
    let code = server.code().await;
    let tokens = server.redeem(&code, &[("redirect_uri", "")]).await;
    assert_eq!(tokens.status, 200, "{tokens:?}");
}

// RFC 6749 section 4.1.2: "The authorization code MUST expire shortly after it is issued".
#[tokio::test]
async fn a_code_expires_after_a_minute() {
    let world = World::new();
    let server = world.replica();
    let (early, late) = (server.code().await, server.code().await);
    world.clock.advance(LIFETIME - Duration::from_secs(1));
    assert_eq!(server.redeem(&early, &[]).await.status, 200);
    world.clock.advance(Duration::from_secs(1));
    server.redeem(&late, &[]).await.expect(400, "invalid_grant");
    assert_eq!(world.events.all(), [GrantEvent::Begun]);
}

// RFC 6749 section 10.5: codes are single use, whatever races.
#[tokio::test]
async fn of_a_hundred_uses_at_once_on_two_servers_one_gets_tokens() {
    let world = World::new();
    let servers = [world.replica(), world.replica()];
    let code = servers[0].code().await;
    let uses = (0..100).map(|number| servers[number % 2].redeem(&code, &[]));
    let answers = join_all(uses).await;
    let (given, refused): (Vec<_>, Vec<_>) =
        answers.iter().partition(|answer| answer.status == 200);
    assert_eq!(given.len(), 1);
    for answer in refused {
        answer.expect(400, "invalid_grant");
    }
    // The others were replays by the right client.
    assert!(!servers[1].admits(given[0].access_token()).await);
}

// RFC 6749 section 10.10.
#[tokio::test]
async fn codes_cannot_be_guessed_and_are_all_answered_alike() {
    let world = World::new();
    let server = world.replica();
    let expired = server.code().await;
    world.clock.advance(LIFETIME);
    let foreign = server.code().await;
    assert_ne!(expired, foreign);
    let other = server.client_with(r#"["authorization_code"]"#);
    let unknown = "A".repeat(CODE_LEN);
    let mut answers = Vec::new();
    for (code, client) in [
        (expired.as_str(), server.client.as_str()),
        (&foreign, &other),
        (&unknown, &server.client),
        ("x", &server.client),
    ] {
        let answer = server.redeem(code, &[("client_id", client)]).await;
        answers.push((answer.status, answer.body));
    }
    assert!(
        answers.iter().all(|answer| *answer == answers[0]),
        "{answers:?}"
    );
}

// When the store cannot answer, nothing is given out, and nothing is lost.
#[tokio::test]
async fn without_the_store_a_code_waits() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    world.store.silence(true);
    let answer = server.redeem(&code, &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert_eq!(answer.headers["retry-after"], "5");
    world.store.silence(false);
    assert_eq!(server.redeem(&code, &[]).await.status, 200);
}

// A code whose use cannot be written down is not used.
#[tokio::test]
async fn while_the_store_is_full_a_code_waits() {
    let world = World::new();
    let server = world.replica();
    let (code, used) = (server.code().await, server.code().await);
    let tokens = server.redeem(&used, &[]).await;
    world.store.fill(true);
    for _ in 0..3 {
        let answer = server.redeem(&code, &[]).await;
        answer.expect(503, "temporarily_unavailable");
        assert_eq!(answer.headers["retry-after"], "5");
    }
    // A second use gets nothing, and is not forgotten.
    let answer = server.redeem(&used, &[]).await;
    answer.expect(503, "temporarily_unavailable");
    world.store.fill(false);
    assert_eq!(server.redeem(&code, &[]).await.status, 200);
    world.store.fill(true);
    world.clock.advance(LIFETIME);
    let answer = server.redeem(&used, &[]).await;
    answer.expect(503, "temporarily_unavailable");
    assert!(server.admits(tokens.access_token()).await);
    world.store.fill(false);
    server.redeem(&used, &[]).await.expect(400, "invalid_grant");
    assert!(!server.admits(tokens.access_token()).await);
}

#[tokio::test]
async fn a_code_that_has_expired_is_no_better_when_the_clock_is_set_back() {
    let ten_minutes = Duration::from_secs(10 * 60);
    let world = World::new();
    let server = world.replica();
    let (expired, fresh) = (server.code().await, server.code().await);
    world.clock.advance(LIFETIME);
    let refused = server.redeem(&expired, &[]).await;
    refused.expect(400, "invalid_grant");
    world.clock.set_back(ten_minutes);
    // They are of the future now, and how old they are nobody knows.
    for code in [&expired, &fresh] {
        server.redeem(code, &[]).await.expect(400, "invalid_grant");
    }
    assert_eq!(server.redeem(&server.code().await, &[]).await.status, 200);
    world.clock.advance(ten_minutes);
    for code in [&expired, &fresh] {
        server.redeem(code, &[]).await.expect(400, "invalid_grant");
    }
    let code = server.code().await;
    world.clock.advance(ten_minutes);
    server.redeem(&code, &[]).await.expect(400, "invalid_grant");
}

// Servers that share a store have clocks of their own.
#[tokio::test]
async fn a_code_is_good_where_the_clock_is_half_a_minute_behind() {
    let world = World::new();
    let server = world.replica();
    let code = server.code().await;
    world.clock.set_back(Duration::from_secs(30));
    assert_eq!(server.redeem(&code, &[]).await.status, 200);
}
