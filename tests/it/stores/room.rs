//! A store that is full refuses, and forgets nothing that it accepted.

use mcp_oauth::{StoreError, StoreKey};

use super::{HOUR, subject::Subject};

fn key(number: u16) -> StoreKey {
    let mut bytes = [0; 32];
    bytes[..2].copy_from_slice(&number.to_be_bytes());
    StoreKey::from_bytes(bytes)
}

#[tokio::test]
async fn a_full_store_refuses_and_keeps_what_it_has() {
    for Subject { name, store, .. } in &Subject::all_small().await {
        let value = vec![7; 16 * 1024];
        let mut accepted = 0;
        let refusal = loop {
            match store.put_new(&key(accepted), &value, HOUR).await {
                Ok(put) => assert!(put, "{name}"),
                Err(refusal) => break refusal,
            }
            accepted += 1;
            assert!(accepted < 1000, "{name} is never full");
        };
        assert!(matches!(refusal, StoreError::Full), "{name}: {refusal:?}");
        assert!(accepted > 10, "{name} is full after {accepted}");
        for number in 0..accepted {
            let read = store.get(&key(number)).await.unwrap();
            assert_eq!(read.as_ref(), Some(&value), "{name}, {number}");
        }
        assert_eq!(store.get(&key(accepted)).await.unwrap(), None, "{name}");

        // Room that was made is used again.
        for number in 0..accepted {
            let taken = store.take(&key(number)).await.unwrap();
            assert!(taken.is_some(), "{name}");
        }
        let put = store.put_new(&key(accepted), &value, HOUR).await.unwrap();
        assert!(put, "{name}");
    }
}

// Who revokes a token has an entry replaced.
#[tokio::test]
async fn what_a_full_store_has_can_be_replaced() {
    for Subject { name, store, .. } in &Subject::all_small().await {
        let [old, new] = [7, 8].map(|byte| vec![byte; 16 * 1024]);
        let mut accepted = 0;
        // Until not even the smallest has room.
        for value in [old.as_slice(), b""] {
            while store.put_new(&key(accepted), value, HOUR).await.is_ok() {
                accepted += 1;
            }
        }
        for (value, next) in [(&old, &new), (&new, &old)] {
            let swapped = store.compare_and_swap(&key(0), value, next, HOUR).await;
            assert!(swapped.unwrap(), "{name}");
        }
        let swapped = store.compare_and_swap(&key(0), &old, b"ended", HOUR).await;
        assert!(swapped.unwrap(), "{name}");
        let read = store.get(&key(0)).await.unwrap();
        assert_eq!(read.as_deref(), Some(&b"ended"[..]), "{name}");
        let full = store.put_new(&key(accepted), &old, HOUR).await.unwrap_err();
        assert!(matches!(full, StoreError::Full), "{name}: {full:?}");
    }
}

#[tokio::test]
async fn what_expires_makes_room() {
    for subject in &Subject::all_small().await {
        let Subject { name, store, .. } = subject;
        // The time of Redis cannot be set, and its memory is its own affair.
        if *name == "redis" {
            continue;
        }
        let mut number = 0;
        while store
            .put_new(&key(number), &[7; 16 * 1024], HOUR)
            .await
            .is_ok()
        {
            number += 1;
        }
        subject.wait(HOUR);
        for number in 0..number {
            let put = store.put_new(&key(number), &[8; 16 * 1024], HOUR).await;
            assert!(put.unwrap(), "{name}, {number}");
        }
    }
}
