//! Which browser it is that somebody logs in with.

use std::time::Duration;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use http::{HeaderMap, HeaderValue, header::COOKIE};
use mcp_oauth_token::UnixTime;
use ring::{
    digest::{SHA256, digest},
    rand::{SecureRandom, SystemRandom},
};

use super::unguessable::unguessable;

/// A secret that one browser keeps for one login, so that no login goes on in another one.
///
/// Each login has a cookie of its own: two tabs do not get into each other's way, whichever was
/// opened first.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct BrowserCookie {
    name: String,
    secret: String,
}

impl BrowserCookie {
    /// A new cookie, for a login that begins now. `None` if the system has no randomness to give.
    pub(super) fn new(jar: CookieJar, now: UnixTime) -> Option<Self> {
        let mut tag = [0; 4];
        SystemRandom::new().fill(&mut tag).ok()?;
        let tag = u32::from_be_bytes(tag);
        // Time comes first, in a fixed width: the order of names is the order of age.
        let name = format!("{}{:010x}-{tag:08x}", jar.prefix(), now.as_secs());
        Some(Self {
            name,
            secret: unguessable()?,
        })
    }

    /// The same cookie with another secret.
    pub(super) fn renewed(&self) -> Option<Self> {
        Some(Self {
            name: self.name.clone(),
            secret: unguessable()?,
        })
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// What others may know of the secret.
    pub(super) fn hash(&self) -> String {
        let hash = digest(&SHA256, self.secret.as_bytes());
        URL_SAFE_NO_PAD.encode(hash)
    }
}

impl std::fmt::Debug for BrowserCookie {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BrowserCookie")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

/// How cookies are set and read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CookieJar {
    /// On https: bound to the host, and to https.
    Host,
    /// On http, which is on loopback: browsers take no other kind there.
    Loopback,
}

impl CookieJar {
    /// The cookie of a name, as a browser sent it.
    pub(super) fn find(self, request: &HeaderMap, name: &str) -> Option<BrowserCookie> {
        let mut cookies = self.all(request);
        cookies.find(|cookie| cookie.name == name)
    }

    /// The cookies to give up so that, with a new one, a browser has no more than it should: the
    /// oldest ones.
    pub(super) fn surplus(self, request: &HeaderMap) -> Vec<BrowserCookie> {
        let mut cookies: Vec<_> = self.all(request).collect();
        cookies.sort_by(|one, other| one.name.cmp(&other.name));
        cookies.truncate((cookies.len() + 1).saturating_sub(MAX_COOKIES));
        cookies
    }

    /// The header that lets a browser keep a cookie.
    pub(super) fn set(self, cookie: &BrowserCookie, life: Duration) -> HeaderValue {
        let BrowserCookie { name, secret } = cookie;
        let (secure, life) = (self.secure(), life.as_secs());
        header(format!(
            "{name}={secret}; Path=/; Max-Age={life}; HttpOnly; SameSite=Lax{secure}"
        ))
    }

    /// The header that lets a browser forget a cookie.
    pub(super) fn clear(self, cookie: &BrowserCookie) -> HeaderValue {
        let (name, secure) = (&cookie.name, self.secure());
        header(format!(
            "{name}=; Path=/; Max-Age=0; HttpOnly; SameSite=Lax{secure}"
        ))
    }

    fn all(self, request: &HeaderMap) -> impl Iterator<Item = BrowserCookie> {
        let headers = request.get_all(COOKIE).into_iter();
        headers
            .filter_map(|header| header.to_str().ok())
            .flat_map(|header| header.split(';'))
            .filter_map(move |pair| {
                let (name, secret) = pair.trim().split_once('=')?;
                let tag = name.strip_prefix(self.prefix())?;
                let is_ours = tag.len() == TAG_LEN
                    && tag
                        .bytes()
                        .all(|byte| byte.is_ascii_hexdigit() || byte == b'-')
                    && secret.len() == SECRET_LEN;
                is_ours.then(|| BrowserCookie {
                    name: name.to_owned(),
                    secret: secret.to_owned(),
                })
            })
    }

    const fn prefix(self) -> &'static str {
        match self {
            Self::Host => "__Host-mcp-login-",
            Self::Loopback => "mcp-login-",
        }
    }

    const fn secure(self) -> &'static str {
        match self {
            Self::Host => "; Secure",
            Self::Loopback => "",
        }
    }
}

/// Names and secrets are of characters that stand in headers.
fn header(text: String) -> HeaderValue {
    HeaderValue::try_from(text).unwrap_or(HeaderValue::from_static(""))
}

/// As many logins as one browser has under way at once.
const MAX_COOKIES: usize = 10;
/// Of the time, a dash and eight digits more.
const TAG_LEN: usize = 19;
/// Of 32 bytes in base64.
const SECRET_LEN: usize = 43;

#[cfg(test)]
mod tests {
    use super::*;

    fn request(cookies: &[&BrowserCookie]) -> HeaderMap {
        let pairs: Vec<_> = cookies
            .iter()
            .map(|cookie| format!("{}={}", cookie.name, cookie.secret))
            .collect();
        let mut headers = HeaderMap::new();
        headers.insert(COOKIE, pairs.join("; ").parse().unwrap());
        headers
    }

    fn cookie(jar: CookieJar, seconds: u64) -> BrowserCookie {
        BrowserCookie::new(jar, UnixTime::from_secs(seconds)).unwrap()
    }

    #[test]
    fn a_cookie_comes_back_by_its_name() {
        for jar in [CookieJar::Host, CookieJar::Loopback] {
            let [one, other] = [cookie(jar, 1), cookie(jar, 1)];
            let request = request(&[&one, &other]);
            assert_eq!(jar.find(&request, one.name()), Some(one.clone()));
            assert_eq!(jar.find(&request, other.name()), Some(other.clone()));
            assert_ne!(one.hash(), other.hash());
            assert_eq!(jar.find(&HeaderMap::new(), one.name()), None);
        }
    }

    #[test]
    fn over_https_a_cookie_is_bound_to_the_host() {
        let set = CookieJar::Host.set(&cookie(CookieJar::Host, 1), Duration::from_secs(600));
        let set = set.to_str().unwrap();
        assert!(set.starts_with("__Host-mcp-login-0000000001-"), "{set}");
        let attributes = "; Path=/; Max-Age=600; HttpOnly; SameSite=Lax; Secure";
        assert!(set.ends_with(attributes), "{set}");
        assert!(!set.contains("Domain"));
        let jar = CookieJar::Loopback;
        let set = jar.set(&cookie(jar, 1), Duration::from_secs(600));
        assert!(!set.to_str().unwrap().contains("Secure"));
    }

    #[test]
    fn a_browser_keeps_ten_and_the_oldest_go_first() {
        let jar = CookieJar::Host;
        let cookies: Vec<_> = (0..12).rev().map(|age| cookie(jar, age)).collect();
        let kept: Vec<_> = cookies.iter().collect();
        assert!(jar.surplus(&request(&kept[..9])).is_empty());
        let gone: Vec<_> = jar.surplus(&request(&kept)).into_iter().collect();
        assert_eq!(gone, [11, 10, 9].map(|at: usize| cookies[at].clone()));
    }

    #[test]
    fn what_is_no_cookie_of_ours_is_none() {
        let mut headers = HeaderMap::new();
        for text in [
            "",
            "mcp-login-",
            "mcp-login-=x",
            "mcp-login-0000000001-00000000=short",
            "=;;=",
            "other=1",
        ] {
            headers.append(COOKIE, text.parse().unwrap());
        }
        assert_eq!(CookieJar::Loopback.all(&headers).count(), 0);
    }

    #[test]
    fn the_secret_is_not_printed() {
        let cookie = cookie(CookieJar::Host, 1);
        assert!(!format!("{cookie:?}").contains(&cookie.secret));
    }
}
