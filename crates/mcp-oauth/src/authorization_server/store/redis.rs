//! A store that replicas share.

use std::{fmt, time::Duration};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use futures_util::{FutureExt, future::BoxFuture};
use redis::{
    AsyncConnectionConfig, Client, Cmd, ConnectionAddr, FromRedisValue, RedisError,
    aio::MultiplexedConnection, cmd,
};
use rustls::crypto::CryptoProvider;
use secrecy::{ExposeSecret, SecretString};
use tokio::{sync::Mutex, time::Instant};

use super::{Store, StoreError, StoreKey};

/// Keeps entries in Redis (6.2 or later) or Valkey: for any number of replicas.
///
/// Redis must not evict entries (`maxmemory-policy noeviction`, the default). What it loses, in a
/// restart without persistence or when it fails over, is as if it had never been put: those logins
/// end, and a code or token that was used a moment before may be usable once more.
pub struct RedisStore {
    client: Client,
    connection: Mutex<Option<Connection>>,
}

impl RedisStore {
    /// A store at `redis://[user:password@]host[:port][/database]`, or `rediss://` for TLS. It is
    /// connected to when it is first used, and again whenever the connection breaks.
    ///
    /// TLS takes the cryptography provider that the process has installed as its default for
    /// rustls, and trusts whom the system trusts.
    ///
    /// # Errors
    ///
    /// If it is no such URL, or there is no such provider.
    pub fn new(url: &SecretString) -> Result<Self, StoreError> {
        let client = Client::open(url.expose_secret()).map_err(StoreError::unavailable)?;
        let address = client.get_connection_info().addr();
        // The first connection would panic.
        if matches!(address, ConnectionAddr::TcpTls { .. })
            && CryptoProvider::get_default().is_none()
        {
            return Err(StoreError::unavailable(
                "TLS needs a default cryptography provider of rustls",
            ));
        }
        Ok(Self {
            client,
            connection: Mutex::new(None),
        })
    }

    async fn ask<T: FromRedisValue>(&self, command: &Cmd) -> Result<T, StoreError> {
        let mut connection = self.connection().await.map_err(refusal)?;
        let answer = command.query_async(&mut connection).await;
        if answer.as_ref().is_err_and(breaks_connection) {
            *self.connection.lock().await = None;
        }
        answer.map_err(refusal)
    }

    /// The one connection that all calls share.
    async fn connection(&self) -> Result<MultiplexedConnection, RedisError> {
        // Held while connecting: the others would otherwise all do the same.
        let mut current = self.connection.lock().await;
        if let Some(connection) = &mut *current
            && connection.is_alive().await
        {
            return Ok(connection.multiplexed.clone());
        }
        *current = None;
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(Some(CONNECT_TIMEOUT))
            .set_response_timeout(Some(RESPONSE_TIMEOUT));
        let multiplexed = self
            .client
            .get_multiplexed_async_connection_with_config(&config)
            .await?;
        *current = Some(Connection {
            multiplexed: multiplexed.clone(),
            last_used: Instant::now(),
        });
        Ok(multiplexed)
    }
}

impl Store for RedisStore {
    fn put_new<'a>(
        &'a self,
        key: &'a StoreKey,
        value: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let mut set = cmd("SET");
            set.arg(name(key)).arg(value);
            set.arg("NX").arg("PX").arg(millis(ttl));
            let done: Option<String> = self.ask(&set).await?;
            Ok(done.is_some())
        }
        .boxed()
    }

    fn get<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        async move { self.ask(cmd("GET").arg(name(key))).await }.boxed()
    }

    fn take<'a>(&'a self, key: &'a StoreKey) -> BoxFuture<'a, Result<Option<Vec<u8>>, StoreError>> {
        async move { self.ask(cmd("GETDEL").arg(name(key))).await }.boxed()
    }

    fn compare_and_swap<'a>(
        &'a self,
        key: &'a StoreKey,
        expected: &'a [u8],
        new: &'a [u8],
        ttl: Duration,
    ) -> BoxFuture<'a, Result<bool, StoreError>> {
        async move {
            let mut eval = cmd("EVAL");
            eval.arg(COMPARE_AND_SWAP).arg(1).arg(name(key));
            eval.arg(expected).arg(new).arg(millis(ttl));
            self.ask(&eval).await
        }
        .boxed()
    }

    fn incr<'a>(
        &'a self,
        key: &'a StoreKey,
        ttl: Duration,
    ) -> BoxFuture<'a, Result<u64, StoreError>> {
        async move {
            let mut eval = cmd("EVAL");
            eval.arg(INCR).arg(1).arg(name(key)).arg(millis(ttl));
            self.ask(&eval).await
        }
        .boxed()
    }
}

impl fmt::Debug for RedisStore {
    /// Without the URL, which may have a password in it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RedisStore").finish_non_exhaustive()
    }
}

struct Connection {
    multiplexed: MultiplexedConnection,
    last_used: Instant,
}

impl Connection {
    /// Whether it can be used. One that was idle is tried first: it may be closed by now, and a
    /// verb that fails half-way cannot be tried again.
    async fn is_alive(&mut self) -> bool {
        let now = Instant::now();
        let was_idle = now.duration_since(self.last_used) > IDLE;
        self.last_used = now;
        !was_idle
            || cmd("PING")
                .query_async::<()>(&mut self.multiplexed)
                .await
                .is_ok()
    }
}

/// Whether another connection may do better. A replica that refuses to write was the master when
/// the connection was made.
fn breaks_connection(error: &RedisError) -> bool {
    error.is_io_error() || error.is_unrecoverable_error() || error.code() == Some("READONLY")
}

fn refusal(error: RedisError) -> StoreError {
    if error.code() == Some("OOM") {
        StoreError::Full
    } else {
        StoreError::unavailable(error)
    }
}

/// The prefix is for people, and for rules on who may touch what.
fn name(key: &StoreKey) -> String {
    format!("mcp-oauth:{}", URL_SAFE_NO_PAD.encode(key.as_bytes()))
}

/// What Redis takes: at least a millisecond, and far from where its arithmetic ends.
fn millis(ttl: Duration) -> u64 {
    let millis = u64::try_from(ttl.as_millis()).unwrap_or(u64::MAX);
    millis.clamp(1, MAX_TTL_MILLIS)
}

/// Whoever has deleted something in a script may set something in its place, also when Redis is full.
const COMPARE_AND_SWAP: &str = "\
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('DEL', KEYS[1])
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1";

const INCR: &str = "\
local count = redis.call('INCR', KEYS[1])
if count == 1 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
return count";

const CONNECT_TIMEOUT: Duration = Duration::from_secs(1);
const RESPONSE_TIMEOUT: Duration = Duration::from_secs(1);
const IDLE: Duration = Duration::from_secs(10);
/// A hundred years.
const MAX_TTL_MILLIS: u64 = 100 * 365 * 24 * 60 * 60 * 1000;
