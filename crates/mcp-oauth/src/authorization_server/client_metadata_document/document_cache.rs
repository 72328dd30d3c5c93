//! A memory of documents.

use std::time::Duration;

use http::{HeaderMap, header::CACHE_CONTROL};
use quick_cache::sync::Cache;
use tokio::time::Instant;

use super::{DocumentError, DocumentUrl};
use crate::authorization_server::client::ClientMetadata;

/// Remembers what came of fetching a document: a client for as long as its headers say, within
/// limits, and anything else for seconds. One kind does not take the room of the other.
///
/// A client that nothing newer is known of is kept for another day, whatever its headers say: it is
/// looked at only while the document cannot be fetched, which strangers can bring about.
#[derive(Debug)]
pub(super) struct DocumentCache {
    good: Cache<String, Entry>,
    bad: Cache<String, Entry>,
}

#[derive(Clone, Debug)]
struct Entry {
    found: Result<ClientMetadata, DocumentError>,
    until: Instant,
}

impl DocumentCache {
    pub(super) fn new() -> Self {
        Self {
            good: Cache::new(MAX_ENTRIES),
            bad: Cache::new(MAX_ENTRIES),
        }
    }

    pub(super) fn get(&self, url: &DocumentUrl) -> Option<Result<ClientMetadata, DocumentError>> {
        let now = Instant::now();
        let fresh = |cache: &Cache<String, Entry>| {
            let entry = cache.get(url.as_str())?;
            (now < entry.until).then_some(entry.found)
        };
        fresh(&self.good).or_else(|| fresh(&self.bad))
    }

    /// What the document said last, if that is not too long ago.
    pub(super) fn stale(&self, url: &DocumentUrl) -> Option<ClientMetadata> {
        let entry = self.good.get(url.as_str())?;
        let is_of_use = Instant::now() < entry.until + LONGEST_STALE;
        entry.found.ok().filter(|_| is_of_use)
    }

    pub(super) fn insert(
        &self,
        url: &DocumentUrl,
        headers: &HeaderMap,
        found: Result<ClientMetadata, DocumentError>,
    ) {
        let (cache, life) = match &found {
            Ok(_) => (&self.good, lifetime(headers)),
            Err(error) => {
                if !error.is_temporary() {
                    self.good.remove(url.as_str());
                }
                (&self.bad, LIFE_OF_ERRORS)
            }
        };
        let until = Instant::now() + life;
        cache.insert(url.as_str().to_owned(), Entry { found, until });
    }
}

/// How long a document is good for. One login looks several times, so that even what is not to be
/// kept (RFC 9111 section 5.2.2) is kept for its duration; the draft leaves bounds to the server.
fn lifetime(headers: &HeaderMap) -> Duration {
    let mut lifetime = DEFAULT_LIFE;
    let values = headers.get_all(CACHE_CONTROL).iter();
    let directives = values.filter_map(|value| value.to_str().ok());
    for directive in directives.flat_map(|value| value.split(',')) {
        let directive = directive.trim().to_ascii_lowercase();
        match directive.split_once('=').unwrap_or((&directive, "")) {
            ("no-cache" | "no-store", _) => return SHORTEST_LIFE,
            ("max-age", seconds) => {
                let seconds = seconds.trim_matches('"').parse().unwrap_or(0);
                lifetime = Duration::from_secs(seconds);
            }
            _ => {}
        }
    }
    lifetime.clamp(SHORTEST_LIFE, LONGEST_LIFE)
}

const MAX_ENTRIES: usize = 1000;
const LIFE_OF_ERRORS: Duration = Duration::from_secs(30);
const SHORTEST_LIFE: Duration = Duration::from_secs(60);
const DEFAULT_LIFE: Duration = Duration::from_secs(5 * 60);
const LONGEST_LIFE: Duration = Duration::from_secs(24 * 60 * 60);
/// After its life.
const LONGEST_STALE: Duration = Duration::from_secs(24 * 60 * 60);

#[cfg(test)]
mod tests {
    use http::HeaderValue;

    use super::*;

    // OAuth Client ID Metadata Document, on caching, RFC 9111 section 5.2.2.
    #[test]
    fn headers_say_how_long_within_limits() {
        for (cache_control, seconds) in [
            ("", 300),
            ("public", 300),
            ("max-age=3600", 3600),
            ("Public, Max-Age=\"3600\"", 3600),
            ("max-age=1", 60),
            ("max-age=0", 60),
            ("max-age=-1", 60),
            ("max-age=x", 60),
            ("max-age=99999999999999999999", 60),
            ("max-age=31536000, immutable", 86400),
            ("no-store, max-age=3600", 60),
            ("max-age=3600, no-cache", 60),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(CACHE_CONTROL, HeaderValue::from_static(cache_control));
            assert_eq!(lifetime(&headers).as_secs(), seconds, "{cache_control}");
        }
        assert_eq!(lifetime(&HeaderMap::new()), DEFAULT_LIFE);
    }

    #[test]
    fn it_forgets_rather_than_to_grow() {
        let cache = DocumentCache::new();
        for n in 0..10 * MAX_ENTRIES {
            let url = DocumentUrl::new(&format!("https://app.example/{n}")).unwrap();
            cache.insert(&url, &HeaderMap::new(), Err(DocumentError::Unreachable));
        }
        assert!(cache.bad.len() <= MAX_ENTRIES);
        assert_eq!(cache.good.len(), 0);
    }
}
