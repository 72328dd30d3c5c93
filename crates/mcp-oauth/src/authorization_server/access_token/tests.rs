//! What our own access tokens say, and when they stop counting (RFC 9068, RFC 7009 section 3).

use mcp_oauth_token::{TokenError, TokenValidator, UnverifiedJwt};
use serde_json::{Value, json};

use super::*;
use crate::authorization_server::replica::{ISSUER, RESOURCE, Replica, SECRET, World};

async fn principal(server: &Replica, token: &str) -> Arc<Principal> {
    let token = BearerToken::new(token).unwrap();
    server.validator.validate(&token).await.unwrap().principal
}

/// A token as we would make it, with other claims, by `sign`.
fn forged(claims: &Value, sign: &HmacSigner) -> BearerToken {
    sign.sign(claims).unwrap()
}

fn signer() -> HmacSigner {
    let keys = KeyRing::new(&SECRET.into(), &[]).unwrap();
    let key = keys.newest(Purpose::AccessToken);
    let signer = HmacSigner::new(&key.to_secret()).unwrap();
    signer.with_kid(key.id().to_string())
}

fn claims_of(token: &str) -> Value {
    let token = BearerToken::new(token).unwrap();
    let jwt = UnverifiedJwt::parse(&token).unwrap();
    let claims = jwt.claims();
    let members = claims.names().map(|name| {
        let value = claims.value(name).unwrap().clone();
        (name.to_owned(), value)
    });
    Value::Object(members.collect())
}

async fn check(server: &Replica, token: &BearerToken) -> Option<Check> {
    match server.validator.validate(token).await {
        Ok(_) => None,
        Err(TokenError::Rejected(rejection)) => Some(rejection.check()),
        Err(error) => panic!("{error}"),
    }
}

// RFC 9068 section 2.2.
#[tokio::test]
async fn a_token_says_who_may_do_what_where_and_until_when() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let bearer = BearerToken::new(tokens.access_token()).unwrap();
    let header = UnverifiedJwt::parse(&bearer).unwrap();
    let header = header.header();
    assert_eq!((header.alg(), header.typ()), ("HS256", Some("at+jwt")));
    assert!(header.kid().is_some());
    let claims = claims_of(tokens.access_token());
    for (name, expected) in [
        ("iss", json!(ISSUER)),
        ("aud", json!(RESOURCE)),
        ("sub", json!("alice")),
        ("client_id", json!(server.client)),
        ("scope", json!("kafka:write")),
        ("name", json!("Alice")),
        ("iat", json!(1_000_000_000)),
        ("exp", json!(1_000_000_900)),
    ] {
        assert_eq!(claims[name], expected, "{name}");
    }
    assert_ne!(
        claims["jti"],
        claims_of(server.log_in().await.access_token())["jti"]
    );
    let principal = principal(&server, tokens.access_token()).await;
    assert_eq!((&*principal.issuer, &*principal.subject), (ISSUER, "alice"));
    assert_eq!(principal.client_id.as_deref(), Some(server.client.as_str()));
    assert_eq!(principal.display_name.as_deref(), Some("Alice"));
    assert_eq!(principal.scopes.to_string(), "kafka:read kafka:write");
}

// RFC 7519 section 4.1.4, with the leeway of all tokens here.
#[tokio::test]
async fn a_token_expires_after_a_quarter_of_an_hour() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in().await;
    world.clock.advance(Duration::from_secs(900 + 30));
    assert!(server.admits(tokens.access_token()).await);
    world.clock.advance(Duration::from_secs(1));
    assert!(!server.admits(tokens.access_token()).await);
}

// RFC 8725 section 3.10: no key serves two purposes. Whoever has the secret of the ring for tokens
// of another kind can make none of these.
#[tokio::test]
async fn the_secret_of_the_ring_signs_nothing_itself() {
    let server = World::new().replica();
    let tokens = server.log_in().await;
    let claims = claims_of(tokens.access_token());
    let raw = HmacSigner::new(&SECRET.into()).unwrap();
    assert_eq!(
        check(&server, &forged(&claims, &raw)).await,
        Some(Check::Signature)
    );
    let kid = KeyRing::new(&SECRET.into(), &[]).unwrap();
    let kid = kid.newest(Purpose::AccessToken).id().to_string();
    let named = raw.with_kid(kid);
    assert_eq!(
        check(&server, &forged(&claims, &named)).await,
        Some(Check::Signature)
    );
    assert_eq!(check(&server, &forged(&claims, &signer())).await, None);
}

// RFC 8707 section 2: one resource, however clients spell it.
#[tokio::test]
async fn the_audience_may_have_a_trailing_slash_and_nothing_else() {
    let server = World::new().replica();
    let mut claims = claims_of(server.log_in().await.access_token());
    for (audience, expected) in [
        (RESOURCE.to_owned(), None),
        (format!("{RESOURCE}/"), None),
        (format!("{RESOURCE}/x"), Some(Check::Audience)),
        (ISSUER.to_owned(), Some(Check::Audience)),
    ] {
        claims["aud"] = audience.into();
        assert_eq!(check(&server, &forged(&claims, &signer())).await, expected);
    }
    claims["aud"] = RESOURCE.into();
    claims["iss"] = format!("{ISSUER}/").into();
    let found = check(&server, &forged(&claims, &signer())).await;
    assert_eq!(found, Some(Check::Issuer));
}

// RFC 8725 section 3.11.
#[tokio::test]
async fn a_token_without_a_family_or_the_name_of_its_key_is_none() {
    let server = World::new().replica();
    let mut claims = claims_of(server.log_in().await.access_token());
    let key = KeyRing::new(&SECRET.into(), &[]).unwrap();
    let key = key.newest(Purpose::AccessToken).to_secret();
    let nameless = HmacSigner::new(&key).unwrap();
    assert_eq!(
        check(&server, &forged(&claims, &nameless)).await,
        Some(Check::TokenType)
    );
    claims[FAMILY] = "unknown".into();
    assert_eq!(
        check(&server, &forged(&claims, &signer())).await,
        Some(Check::Voucher)
    );
    claims.as_object_mut().unwrap().remove(FAMILY);
    assert_eq!(
        check(&server, &forged(&claims, &signer())).await,
        Some(Check::TokenType)
    );
}

// RFC 7009 section 2: "the invalidation takes place immediately".
#[tokio::test]
async fn an_end_is_seen_at_once_where_the_store_is_asked_each_time() {
    let world = World::new();
    let (here, there) = (world.replica(), world.replica());
    let tokens = here.log_in().await;
    assert!(there.admits(tokens.access_token()).await);
    here.revoke(tokens.refresh_token(), &[]).await;
    assert!(!there.admits(tokens.access_token()).await);
}

const COPY_AGE: Duration = Duration::from_secs(5);

fn far_from_the_store(world: &World) -> Replica {
    world.replica_with(|families| families.with_copies(COPY_AGE))
}

#[tokio::test(start_paused = true)]
async fn an_end_is_seen_at_once_where_it_was_made_and_after_five_seconds_elsewhere() {
    let world = World::new();
    let (here, there) = (far_from_the_store(&world), far_from_the_store(&world));
    let tokens = here.log_in().await;
    for server in [&here, &there] {
        assert!(server.admits(tokens.access_token()).await);
    }
    here.revoke(tokens.refresh_token(), &[]).await;
    assert!(!here.admits(tokens.access_token()).await);
    tokio::time::advance(COPY_AGE + Duration::from_millis(1)).await;
    assert!(!there.admits(tokens.access_token()).await);
}

// A store that is silent for longer may know of ends that nobody here does.
#[tokio::test(start_paused = true)]
async fn a_silent_store_is_believed_for_a_minute_and_then_nobody_gets_in() {
    let world = World::new();
    let (known, unknown) = (far_from_the_store(&world), far_from_the_store(&world));
    let tokens = known.log_in().await;
    assert!(known.admits(tokens.access_token()).await);
    world.store.silence(true);
    tokio::time::advance(Duration::from_secs(60)).await;
    assert!(known.admits(tokens.access_token()).await);
    let unavailable = |verdict| matches!(verdict, Err(TokenError::Unavailable { .. }));
    assert!(unavailable(unknown.validate(tokens.access_token()).await));
    tokio::time::advance(Duration::from_secs(1)).await;
    assert!(unavailable(known.validate(tokens.access_token()).await));
    world.store.silence(false);
    assert!(known.admits(tokens.access_token()).await);
}

// A near store that fails cannot say that a token was not revoked.
#[tokio::test]
async fn without_copies_a_silent_store_lets_nobody_in() {
    let world = World::new();
    let server = world.replica();
    let tokens = server.log_in().await;
    world.store.silence(true);
    let verdict = server.validate(tokens.access_token()).await;
    assert!(
        matches!(verdict, Err(TokenError::Unavailable { .. })),
        "{verdict:?}"
    );
}

// RFC 7517 section 4.5: a token is good as long as its key is in the ring.
#[tokio::test]
async fn a_token_outlives_a_new_secret_as_long_as_the_old_one_is_known() {
    let mut world = World::new();
    let tokens = world.replica().log_in().await;
    let next = "another secret of thirty-two bytes".into();
    world.keys = KeyRing::new(&next, &[SECRET.into()]).unwrap();
    assert!(world.replica().admits(tokens.access_token()).await);
    world.keys = KeyRing::new(&next, &[]).unwrap();
    assert!(!world.replica().admits(tokens.access_token()).await);
}
