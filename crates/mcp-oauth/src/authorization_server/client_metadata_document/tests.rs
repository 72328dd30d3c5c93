mod keeping;

use std::sync::{
    Mutex,
    atomic::{AtomicUsize, Ordering},
};

use futures_util::future::{BoxFuture, join_all};
use http::{Response, header::CACHE_CONTROL};
use mcp_oauth_token::HttpError;
use serde_json::json;
use tokio::time::advance;

use super::*;

const URL: &str = "https://app.example/client.json";

/// Answers after a second, or as long as it is told to take, with whatever it is told to.
#[derive(Debug)]
struct Web {
    answer: Mutex<Option<Response<Bytes>>>,
    takes: Mutex<Duration>,
    asked: Mutex<Vec<Request<Bytes>>>,
    at_once: AtomicUsize,
    most_at_once: AtomicUsize,
}

impl Web {
    fn new(answer: Response<Bytes>) -> Arc<Self> {
        Arc::new(Self {
            answer: Mutex::new(Some(answer)),
            takes: Mutex::new(Duration::from_secs(1)),
            asked: Mutex::default(),
            at_once: AtomicUsize::new(0),
            most_at_once: AtomicUsize::new(0),
        })
    }

    fn answer(&self, answer: Option<Response<Bytes>>) {
        *self.answer.lock().unwrap() = answer;
    }

    fn take(&self, time: Duration) {
        *self.takes.lock().unwrap() = time;
    }

    fn asked(&self) -> usize {
        self.asked.lock().unwrap().len()
    }
}

impl HttpClient for Web {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        assert!(limits.timeout <= Duration::from_secs(5));
        assert!(limits.max_body_bytes <= 5 * 1024);
        self.asked.lock().unwrap().push(request);
        Box::pin(async move {
            let at_once = self.at_once.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_at_once.fetch_max(at_once, Ordering::Relaxed);
            let time = *self.takes.lock().unwrap();
            tokio::time::sleep(time).await;
            self.at_once.fetch_sub(1, Ordering::Relaxed);
            let answer = self.answer.lock().unwrap().clone();
            let answer = answer.ok_or_else(|| HttpError::Transport {
                source: "broken".into(),
            })?;
            if answer.body().len() > limits.max_body_bytes {
                return Err(HttpError::TooLarge {
                    max_body_bytes: limits.max_body_bytes,
                    status: answer.status(),
                });
            }
            Ok(answer)
        })
    }
}

fn good() -> Value {
    json!({
        "client_id": URL,
        "client_name": "App",
        "redirect_uris": ["http://127.0.0.1/cb", "https://elsewhere.example/cb"],
        "token_endpoint_auth_method": "none",
    })
}

fn with(member: &str, value: Value) -> Value {
    let mut document = good();
    document[member] = value;
    document
}

fn answer(document: &Value) -> Response<Bytes> {
    let mut answer = Response::new(Bytes::from(document.to_string()));
    let json = HeaderValue::from_static("application/json; charset=utf-8");
    answer.headers_mut().insert(CONTENT_TYPE, json);
    answer
}

fn cached_for(seconds: u64, document: &Value) -> Response<Bytes> {
    let mut answer = answer(document);
    let max_age = HeaderValue::try_from(format!("max-age={seconds}")).unwrap();
    answer.headers_mut().insert(CACHE_CONTROL, max_age);
    answer
}

async fn find(documents: &ClientDocuments) -> Result<ClientMetadata, DocumentError> {
    documents.find(URL, &KnownClients::new(Vec::new())).await
}

async fn find_in(answer: Response<Bytes>) -> Result<ClientMetadata, DocumentError> {
    find(&ClientDocuments::new(Web::new(answer))).await
}

#[tokio::test(start_paused = true)]
async fn a_client_is_known_by_its_document() {
    let web = Web::new(answer(&good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    let metadata = find(&documents).await.unwrap();
    let uris: Vec<_> = metadata
        .redirect_uris
        .iter()
        .map(|uri| uri.as_str())
        .collect();
    assert_eq!(uris, ["http://127.0.0.1/cb"], "of known clients only");
    assert_eq!(metadata.name.unwrap().as_str(), "App");

    let asked = web.asked.lock().unwrap();
    let [request] = &asked[..] else {
        panic!("{asked:?}");
    };
    assert_eq!(request.uri(), URL);
    assert_eq!(request.headers()[ACCEPT], "application/json");
}

#[tokio::test(start_paused = true)]
async fn what_is_no_url_of_a_document_is_not_fetched() {
    let web = Web::new(answer(&good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    for url in [
        "http://app.example/client.json",
        "https://10.0.0.1/x",
        "a:b",
    ] {
        let found = documents.find(url, &KnownClients::new(Vec::new())).await;
        assert!(matches!(found, Err(DocumentError::Url { .. })), "{url}");
    }
    assert_eq!(web.asked(), 0);
}

// OAuth Client ID Metadata Document section 4: the document's client_id "MUST match the URL of the
// document using simple string comparison".
#[tokio::test(start_paused = true)]
async fn a_document_about_another_client_is_refused() {
    for id in [
        "https://app.example/client.json/",
        "https://app.example/Client.json",
        "https://APP.example/client.json",
        "https://claude.ai/client.json",
        "",
    ] {
        let found = find_in(answer(&with("client_id", json!(id)))).await;
        assert_eq!(found, Err(DocumentError::ForeignClientId), "{id}");
    }
    for id in [json!(null), json!(7), json!([URL])] {
        let found = find_in(answer(&with("client_id", id))).await;
        let source = InvalidMetadata::Syntax;
        assert_eq!(found, Err(DocumentError::Metadata { source }));
    }
}

// OAuth Client ID Metadata Document section 4.1: no methods "based around a shared symmetric
// secret", and no client_secret.
#[tokio::test(start_paused = true)]
async fn a_document_with_a_shared_secret_is_refused() {
    for method in [
        "client_secret_basic",
        "client_secret_post",
        "client_secret_jwt",
    ] {
        let found = find_in(answer(&with("token_endpoint_auth_method", json!(method)))).await;
        assert_eq!(found, Err(DocumentError::SharedSecret), "{method}");
    }
    for (member, value) in [
        ("client_secret", json!("x")),
        ("client_secret_expires_at", json!(0)),
    ] {
        let found = find_in(answer(&with(member, value))).await;
        assert_eq!(found, Err(DocumentError::Leaked), "{member}");
    }
    let found = find_in(answer(&with(
        "token_endpoint_auth_method",
        json!("private_key_jwt"),
    )));
    assert!(found.await.is_ok());
}

// RFC 7518 section 6: the members that only the owner of a key has.
#[tokio::test(start_paused = true)]
async fn a_document_with_a_private_key_is_refused() {
    let public = json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y"});
    let document = with("jwks", json!({"keys": [public]}));
    assert!(find_in(answer(&document)).await.is_ok());
    for private in [
        json!({"kty": "EC", "crv": "P-256", "x": "x", "y": "y", "d": "d"}),
        json!({"kty": "RSA", "n": "n", "e": "e", "p": "p", "q": "q"}),
        json!({"kty": "oct", "k": "k"}),
    ] {
        let document = with("jwks", json!({"keys": [public, private]}));
        let found = find_in(answer(&document)).await;
        assert_eq!(found, Err(DocumentError::Leaked), "{private}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_no_metadata_is_refused() {
    let redirects = |uris: Value| with("redirect_uris", uris).to_string();
    for body in [
        String::new(),
        "[]".to_owned(),
        "<html>".to_owned(),
        format!("[{}]", good()),
        good().to_string().replace('}', ""),
        good().to_string().replacen('{', r#"{"client_id":"x","#, 1),
        redirects(json!([])),
        redirects(json!(null)),
        redirects(json!(["https://elsewhere.example/cb"])),
        redirects(json!(["javascript:alert(1)"])),
        with("grant_types", json!(["client_credentials"])).to_string(),
    ] {
        let mut answer = answer(&good());
        *answer.body_mut() = body.clone().into();
        let found = find_in(answer).await;
        assert!(
            matches!(found, Err(DocumentError::Metadata { .. })),
            "{body}"
        );
    }
}

// OAuth Client ID Metadata Document section 4: redirects are not followed, and only 200 counts.
#[tokio::test(start_paused = true)]
async fn only_json_with_the_status_200_counts() {
    for status in [201, 204, 301, 302, 307, 401, 404, 500] {
        let mut answer = answer(&good());
        *answer.status_mut() = StatusCode::from_u16(status).unwrap();
        let error = find_in(answer).await.unwrap_err();
        let is_as_told =
            matches!(error, DocumentError::Status { status: found } if found.as_u16() == status);
        assert!(is_as_told, "{status}: {error}");
        assert_eq!(error.is_temporary(), status == 500);
    }
    for kind in [
        "text/html",
        "text/plain",
        "application/jsonp",
        "image/svg+json",
        "",
    ] {
        let mut answer = answer(&good());
        answer
            .headers_mut()
            .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
        assert_eq!(
            find_in(answer).await,
            Err(DocumentError::ContentType),
            "{kind}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn many_at_once_share_one_fetch() {
    let web = Web::new(answer(&good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    let found = join_all((0..50).map(|_| find(&documents))).await;
    assert!(found.iter().all(Result::is_ok));
    assert_eq!(web.asked(), 1);
}

#[tokio::test(start_paused = true)]
async fn one_host_is_asked_for_one_document_at_a_time_and_nobody_waits_long() {
    let web = Web::new(answer(&good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    let known = KnownClients::new(Vec::new());
    let urls: Vec<_> = (0..100)
        .map(|n| format!("https://app.example/{n}"))
        .collect();
    let started = tokio::time::Instant::now();
    let found = join_all(urls.iter().map(|url| documents.find(url, &known))).await;
    assert!(started.elapsed() <= 2 * TIMEOUT);
    assert_eq!(web.most_at_once.load(Ordering::Relaxed), 1);
    let busy = found
        .iter()
        .filter(|found| **found == Err(DocumentError::Busy));
    assert!(busy.count() >= 90);

    let hosts: Vec<_> = (0..100).map(|n| format!("https://{n}.example/x")).collect();
    join_all(hosts.iter().map(|url| documents.find(url, &known))).await;
    assert!((2..=32).contains(&web.most_at_once.load(Ordering::Relaxed)));
}

#[tokio::test(start_paused = true)]
async fn who_goes_away_while_it_is_fetched_holds_nobody_up() {
    let web = Web::new(answer(&good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    let impatient = tokio::time::timeout(Duration::from_millis(500), find(&documents));
    assert!(impatient.await.is_err());
    assert!(find(&documents).await.is_ok());
}

// What would be the same the next time is no outage, and what did not come might.
#[test]
fn a_document_that_comes_too_large_or_from_inside_is_of_no_use_and_a_slow_one_may_be() {
    for (error, found, is_temporary) in [
        (
            HttpError::TooLarge {
                max_body_bytes: MAX_BYTES,
                status: StatusCode::OK,
            },
            DocumentError::TooLarge,
            false,
        ),
        (
            HttpError::Timeout { timeout: TIMEOUT },
            DocumentError::Slow,
            true,
        ),
        (
            HttpError::ForbiddenAddress {
                host: "app.example".to_owned(),
                reason: String::new(),
            },
            DocumentError::ForbiddenAddress,
            false,
        ),
        (
            HttpError::Transport {
                source: "broken".into(),
            },
            DocumentError::Unreachable,
            true,
        ),
    ] {
        let error = DocumentError::from(error);
        assert_eq!(error, found);
        assert_eq!(error.is_temporary(), is_temporary);
    }
}

/// Knows no limits, and answers with a document or not at all.
#[derive(Debug)]
struct Limitless(Option<Response<Bytes>>);

impl HttpClient for Limitless {
    fn send(
        &self,
        _: Request<Bytes>,
        _: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        Box::pin(async {
            match &self.0 {
                Some(answer) => Ok(answer.clone()),
                None => std::future::pending().await,
            }
        })
    }
}

// OAuth Client ID Metadata Document, on the size of documents and on fetching in general.
#[tokio::test(start_paused = true)]
async fn a_fetch_is_short_and_small_whoever_makes_it() {
    let large = with("client_name", json!("x".repeat(MAX_BYTES)));
    let documents = ClientDocuments::new(Arc::new(Limitless(Some(answer(&large)))));
    assert_eq!(find(&documents).await, Err(DocumentError::TooLarge));

    let documents = ClientDocuments::new(Arc::new(Limitless(None)));
    let started = tokio::time::Instant::now();
    assert_eq!(find(&documents).await, Err(DocumentError::Slow));
    assert_eq!(started.elapsed(), TIMEOUT);
}
