//! However many tokens come, the memory is bounded.

use super::*;

// RFC 8725 has no such rule, and strangers have many tokens (OWASP API4:2023).
#[tokio::test(start_paused = true)]
async fn a_million_invalid_tokens_leave_nothing_behind() {
    let (cached, validator) = cached();
    cached.validate(&good_token("alice")).await.unwrap();
    for number in 0..1_000_000 {
        assert!(
            cached
                .validate(&bad_token(&number.to_string()))
                .await
                .is_err()
        );
    }
    assert_eq!(cached.in_flight.len(), 0);
    assert_eq!(cached.stats().entries, 1);
    assert!(
        cached
            .validate(&good_token("alice"))
            .await
            .unwrap()
            .from_cache
    );
    assert_eq!(validator.validations(), 1_000_001);
}

#[tokio::test(start_paused = true)]
async fn valid_tokens_displace_each_other_beyond_the_bound() {
    let validator = Arc::new(FakeValidator::default());
    let cached = CachedValidator::with_capacity(Arc::clone(&validator), 64 * 1024);
    for number in 0..10_000 {
        cached
            .validate(&good_token(&number.to_string()))
            .await
            .unwrap();
        assert!(cached.cache.weight() <= 64 * 1024);
    }
    let entries = cached.stats().entries;
    assert!((50..200).contains(&entries), "{entries}");
}

#[tokio::test(start_paused = true)]
async fn an_entry_weighs_what_its_principal_holds() {
    let (cached, validator) = cached();
    cached.validate(&good_token("alice")).await.unwrap();
    let small = cached.cache.weight();
    assert!((300..1_000).contains(&small), "{small}");
    validator.set_groups(1_000);
    cached.validate(&good_token("bob")).await.unwrap();
    let large = cached.cache.weight() - small;
    assert!((36_000..60_000).contains(&large), "{large}");
}

#[tokio::test(start_paused = true)]
async fn the_whole_cache_takes_about_eight_mebibytes() {
    let (cached, validator) = cached();
    validator.set_groups(100);
    for number in 0..5_000 {
        cached
            .validate(&good_token(&number.to_string()))
            .await
            .unwrap();
    }
    let weight = cached.cache.weight();
    assert!((6 << 20..=8 << 20).contains(&weight), "{weight}");
}
