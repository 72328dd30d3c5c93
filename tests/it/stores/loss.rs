//! What is left of a store when it, or what is under it, was away.

use std::{fs, sync::Arc, time::Duration};

use mcp_oauth::{FileStore, RedisStore, Store, StoreError};
use testkit::{RedisServer, eventually};
use tokio::time::{Instant, timeout};

use super::{
    HOUR, key,
    subject::{SetClock, StoreFile, redis_store},
};

#[tokio::test]
async fn a_file_keeps_everything_over_a_restart() {
    let (file, clock) = (StoreFile::new(), Arc::new(SetClock::default()));
    let open = || FileStore::open(&file.0, Arc::clone(&clock) as _).unwrap();
    let store = open();
    store.put_new(&key(1), b"value", HOUR).await.unwrap();
    store.put_new(&key(2), b"value", HOUR / 2).await.unwrap();
    store.put_new(&key(3), b"value", HOUR).await.unwrap();
    store.take(&key(3)).await.unwrap();
    store.incr(&key(4), HOUR).await.unwrap();
    drop(store);
    clock.advance(HOUR / 2);
    let store = open();
    let value = store.get(&key(1)).await.unwrap();
    assert_eq!(value.as_deref(), Some(&b"value"[..]));
    assert_eq!(store.get(&key(2)).await.unwrap(), None);
    assert_eq!(store.get(&key(3)).await.unwrap(), None);
    assert_eq!(store.incr(&key(4), HOUR).await.unwrap(), 2);
}

#[tokio::test]
async fn a_file_has_one_user_at_a_time() {
    let (file, clock) = (StoreFile::new(), Arc::new(SetClock::default()));
    let store = FileStore::open(&file.0, Arc::clone(&clock) as _).unwrap();
    let second = FileStore::open(&file.0, Arc::clone(&clock) as _);
    assert!(matches!(second, Err(StoreError::Unavailable { .. })));
    assert!(store.put_new(&key(1), b"value", HOUR).await.unwrap());
}

#[tokio::test]
async fn a_file_that_is_no_store_is_refused_and_left_alone() {
    let file = StoreFile::new();
    fs::write(&file.0, "not a store").unwrap();
    let refused = FileStore::open(&file.0, Arc::new(SetClock::default()));
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
    assert_eq!(fs::read(&file.0).unwrap(), b"not a store");
}

#[tokio::test]
async fn a_damaged_file_is_refused_at_the_start() {
    let (file, clock) = (StoreFile::new(), Arc::new(SetClock::default()));
    let store = FileStore::open(&file.0, Arc::clone(&clock) as _).unwrap();
    for number in 0..200 {
        store
            .put_new(&key(number), &[number; 4096], HOUR)
            .await
            .unwrap();
    }
    drop(store);
    let mut bytes = fs::read(&file.0).unwrap();
    let (_, pages) = bytes.split_at_mut(4096);
    for byte in pages.iter_mut().step_by(512) {
        *byte ^= 0xff;
    }
    fs::write(&file.0, &bytes).unwrap();
    let refused = FileStore::open(&file.0, clock);
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
}

#[cfg(unix)]
#[tokio::test]
async fn a_new_file_is_for_its_owner_only() {
    use std::os::unix::fs::PermissionsExt;

    let file = StoreFile::new();
    let _store = FileStore::open(&file.0, Arc::new(SetClock::default())).unwrap();
    let mode = fs::metadata(&file.0).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[tokio::test]
async fn replicas_share_what_is_in_redis() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let [one, other] = [(); 2].map(|()| redis_store(&server));
    assert!(one.put_new(&key(1), b"value", HOUR).await.unwrap());
    assert!(!other.put_new(&key(1), b"other", HOUR).await.unwrap());
    assert!(other.take(&key(1)).await.unwrap().is_some());
    assert_eq!(one.get(&key(1)).await.unwrap(), None);
}

#[tokio::test]
async fn while_redis_is_away_calls_fail_and_do_not_hang() {
    let Some(mut server) = RedisServer::start().await else {
        return;
    };
    let store = redis_store(&server);
    store.put_new(&key(1), b"value", HOUR).await.unwrap();
    server.kill().await;
    for _ in 0..3 {
        let refused = timeout(Duration::from_secs(2), store.get(&key(1))).await;
        let refused = refused.expect("no call hangs");
        assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
    }
    server.start_again().await;
    // Its data is lost: that is no error.
    let back = async || store.get(&key(1)).await.ok();
    assert_eq!(eventually("Redis is used again", back).await, None);
    assert!(store.put_new(&key(1), b"value", HOUR).await.unwrap());
}

#[tokio::test]
async fn a_redis_that_stalls_is_left_for_a_new_connection() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let store = redis_store(&server);
    store.put_new(&key(1), b"value", HOUR).await.unwrap();
    assert_eq!(server.command("CLIENT PAUSE 3000 ALL").await, "+OK\r\n");
    let begun = Instant::now();
    let refused = store.get(&key(1)).await;
    assert!(matches!(refused, Err(StoreError::Unavailable { .. })));
    assert!(begun.elapsed() < Duration::from_secs(3));
    let back = async || store.get(&key(1)).await.ok();
    assert!(eventually("Redis is used again", back).await.is_some());
}

#[tokio::test]
async fn a_connection_that_redis_closed_is_noticed_before_it_is_used() {
    let Some(server) = RedisServer::start().await else {
        return;
    };
    let store = redis_store(&server);
    store.put_new(&key(1), b"value", HOUR).await.unwrap();
    assert_eq!(server.command("CLIENT KILL TYPE normal").await, ":1\r\n");
    tokio::time::pause();
    tokio::time::advance(Duration::from_secs(60)).await;
    tokio::time::resume();
    assert!(store.take(&key(1)).await.unwrap().is_some());
}

#[tokio::test]
async fn the_password_of_redis_is_used_and_not_told() {
    let Some(server) = RedisServer::start_with(&["--requirepass", "hunter2"]).await else {
        return;
    };
    let at = |credentials: &str| {
        let url = format!("redis://{credentials}{}", server.address());
        RedisStore::new(&url.into()).unwrap()
    };
    let store = at(":hunter2@");
    assert!(store.put_new(&key(1), b"value", HOUR).await.unwrap());
    assert!(!format!("{store:?}").contains("hunter2"));
    for credentials in ["", ":hunter3@"] {
        let refused = at(credentials).get(&key(1)).await.unwrap_err();
        assert!(matches!(refused, StoreError::Unavailable { .. }));
        assert!(!format!("{refused:?}").contains("hunter"), "{refused:?}");
    }
    let refused = RedisStore::new(&"http://:hunter2@host".into()).unwrap_err();
    assert!(!format!("{refused:?}").contains("hunter2"), "{refused:?}");
}
