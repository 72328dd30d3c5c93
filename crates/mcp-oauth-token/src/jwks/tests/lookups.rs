//! Which key a token gets.

use super::*;

#[tokio::test(start_paused = true)]
async fn a_token_without_kid_gets_the_one_key_that_fits() {
    let ec = json!({ "kty": "EC", "crv": "P-256", "kid": "ec",
                     "x": URL_SAFE_NO_PAD.encode([1; 32]), "y": URL_SAFE_NO_PAD.encode([2; 32]) });
    let (store, _) = store_of(&[ec, key("ed", 1)]);
    for (algorithm, kid) in [(Es256, "ec"), (EdDsa, "ed")] {
        let key = store.key(None, algorithm).await.unwrap();
        assert_eq!(key.kid(), Some(kid));
    }
}

#[tokio::test(start_paused = true)]
async fn a_token_that_several_keys_could_have_signed_gets_none_and_causes_no_fetch() {
    let (store, provider) = store_of(&[key("a", 1), key("b", 2), key("twice", 3), key("twice", 4)]);
    store.id("a").await.unwrap();
    for kid in [None, Some("twice")] {
        let found = store.key(kid, EdDsa).await;
        assert_eq!(found.unwrap_err(), KeyError::Ambiguous);
    }
    assert_eq!(provider.fetches(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_is_published_twice_is_one_key() {
    let (store, _) = store_of(&[key("a", 1), key("a", 1)]);
    assert!(store.id("a").await.is_ok());
    assert!(store.key(None, EdDsa).await.is_ok());
}

// RFC 8725 section 3.1: the algorithm belongs to the key.
#[tokio::test(start_paused = true)]
async fn a_key_is_not_found_for_an_algorithm_that_it_does_not_fit() {
    let (store, _) = store_of(&[key("a", 1)]);
    for algorithm in [Rs256, Es256, Algorithm::Hs256] {
        for kid in [Some("a"), None] {
            let found = store.key(kid, algorithm).await;
            assert_eq!(found.unwrap_err(), KeyError::Unknown, "{algorithm}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn kids_are_compared_as_they_are() {
    let (store, _) = store_of(&[key("Key-1", 1)]);
    for kid in ["key-1", "Key-1 ", "Key", "Key-10", ""] {
        assert_eq!(store.id(kid).await, Err(KeyError::Unknown), "{kid:?}");
    }
}

#[test]
fn what_a_missing_key_means_for_a_token() {
    for error in [KeyError::Unknown, KeyError::Ambiguous] {
        let TokenError::Rejected(rejection) = error.into() else {
            panic!("such a token is never accepted");
        };
        assert_eq!(rejection.check(), Check::Key);
    }
    let unavailable = KeyError::Unavailable {
        reason: "it is down".to_owned(),
        retry_after: MINUTE,
    };
    assert!(matches!(
        unavailable.into(),
        TokenError::Unavailable {
            retry_after: MINUTE,
            ..
        }
    ));
}
