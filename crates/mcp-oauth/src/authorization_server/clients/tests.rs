use futures_util::future::BoxFuture;
use http::{HeaderValue, Request, Response, header::CONTENT_TYPE};
use mcp_oauth_token::{FetchLimits, HttpError};
use serde_json::{Value, json};

use super::*;
use crate::authorization_server::redirect_uri::RedirectUri;

const SECRET: &str = "4f1d6c83e0b297a5d8c47b19f2e6053a";
const OTHER_SECRET: &str = "b19f2e6053a4f1d6c83e0b297a5d8c47";

fn keys(secret: &str, previous: &[&str]) -> KeyRing {
    let previous: Vec<_> = previous.iter().map(|secret| (*secret).into()).collect();
    KeyRing::new(&secret.into(), &previous).unwrap()
}

fn clients_with(keys: KeyRing, configured: &[&str]) -> Clients {
    let configured = configured.iter().map(|uri| RedirectUri::new(*uri).unwrap());
    Clients::new(keys, KnownClients::new(configured.collect()), None)
}

fn clients() -> Clients {
    clients_with(keys(SECRET, &[]), &[])
}

fn id(clients: &Clients, body: &Value) -> String {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let registration = clients.register(&headers, body.to_string().as_bytes());
    registration.unwrap().client_id().to_owned()
}

fn inspector() -> Value {
    json!({"redirect_uris": ["http://localhost:6274/cb"], "client_name": "Inspector"})
}

#[tokio::test]
async fn a_registered_client_is_found_by_its_id_alone() {
    let id = id(&clients(), &inspector());
    // As after a restart, or on another replica.
    let client = clients().find(&id).await.unwrap();
    assert_eq!(client.id, id);
    assert_eq!(client.name(), Some("Inspector"));
    assert!(client.may_refresh());
    assert!(client.redirect_uri(Some("http://localhost:2/cb")).is_ok());
    assert!(client.redirect_uri(Some("http://localhost:2/cb2")).is_err());
}

// RFC 7591 section 5 leaves it to the server how to bear with many registrations; this one keeps
// nothing of any.
#[test]
fn the_same_body_gives_the_same_id() {
    let first = id(&clients(), &inspector());
    assert_eq!(id(&clients(), &inspector()), first);
    let mut same = inspector();
    same["logo_uri"] = json!("https://app.example/logo.png");
    assert_eq!(
        id(&clients(), &same),
        first,
        "what is dropped makes no difference"
    );
    let mut other = inspector();
    other["client_name"] = json!("Inspector 2");
    assert_ne!(id(&clients(), &other), first);
}

// RFC 6749 section 5.2: "Client authentication failed (e.g., unknown client ...)".
#[tokio::test]
async fn an_id_that_was_not_given_here_is_unknown() {
    let good = id(&clients(), &inspector());
    let edited = (0..good.len()).map(|at| {
        let mut edited = good.clone().into_bytes();
        edited[at] = if edited[at] == b'A' { b'B' } else { b'A' };
        String::from_utf8(edited).unwrap()
    });
    let forged = [
        String::new(),
        "client".to_owned(),
        format!("{good}="),
        format!("{good}A"),
        good[..good.len() - 1].to_owned(),
        "A".repeat(MAX_CLIENT_ID_LEN + 1),
        format!(" {good}"),
    ];
    for id in edited.chain(forged) {
        let found = clients().find(&id).await;
        assert_eq!(found, Err(UnknownClient::NotRegistered), "{id}");
    }
}

// RFC 8725 section 3.11 in spirit: what was made for one purpose is of no use for another.
#[tokio::test]
async fn what_is_sealed_for_another_purpose_is_no_id() {
    let metadata = serde_json::to_vec(
        &clients()
            .find(&id(&clients(), &inspector()))
            .await
            .unwrap()
            .metadata,
    );
    let metadata = metadata.unwrap();
    let keys = keys(SECRET, &[]);
    let as_id = sealed::seal(&keys, Purpose::ClientId, &metadata);
    assert!(clients().find(&as_id).await.is_ok());
    for purpose in [Purpose::RefreshToken, Purpose::Transaction, Purpose::Csrf] {
        let other = sealed::seal(&keys, purpose, &metadata);
        let found = clients().find(&other).await;
        assert_eq!(found, Err(UnknownClient::NotRegistered), "{purpose:?}");
    }
}

#[tokio::test]
async fn an_id_is_good_until_its_key_retires() {
    let id = id(&clients(), &inspector());
    let rotated = clients_with(keys(OTHER_SECRET, &[SECRET]), &[]);
    assert!(rotated.find(&id).await.is_ok());
    let retired = clients_with(keys(OTHER_SECRET, &[]), &[]);
    assert_eq!(retired.find(&id).await, Err(UnknownClient::NotRegistered));
}

#[tokio::test]
async fn what_the_operator_takes_back_is_gone_for_clients_registered_before() {
    let configured = clients_with(keys(SECRET, &[]), &["https://app.example/cb"]);
    let uris = json!(["https://app.example/cb", "http://localhost/cb"]);
    let both = id(&configured, &json!({"redirect_uris": uris}));
    let one = id(
        &configured,
        &json!({"redirect_uris": ["https://app.example/cb"]}),
    );
    assert!(configured.find(&one).await.is_ok());

    assert_eq!(
        clients().find(&one).await,
        Err(UnknownClient::NotRegistered)
    );
    let left = clients().find(&both).await.unwrap();
    let left = left.metadata.redirect_uris;
    assert_eq!(left, [RedirectUri::new("http://localhost/cb").unwrap()]);
}

#[tokio::test]
async fn without_a_client_for_public_addresses_no_url_is_an_id() {
    let url = "https://app.example/client.json";
    let found = clients().find(url).await;
    assert_eq!(found, Err(UnknownClient::NoDocuments));
    assert!(!clients().support_documents());
}

#[tokio::test]
async fn a_url_is_the_id_of_the_client_whose_document_is_there() {
    #[derive(Debug)]
    struct Web;

    impl HttpClient for Web {
        fn send(
            &self,
            request: Request<bytes::Bytes>,
            _: FetchLimits,
        ) -> BoxFuture<'_, Result<Response<bytes::Bytes>, HttpError>> {
            let document = json!({
                "client_id": request.uri().to_string(),
                "redirect_uris": ["https://vscode.dev/redirect"],
            });
            let answer = Response::builder().header(CONTENT_TYPE, "application/json");
            let answer = answer.body(document.to_string().into()).unwrap();
            Box::pin(async { Ok(answer) })
        }
    }

    let known = KnownClients::new(Vec::new());
    let clients = Clients::new(keys(SECRET, &[]), known, Some(Arc::new(Web)));
    assert!(clients.support_documents());
    let client = clients
        .find("https://vscode.dev/client.json")
        .await
        .unwrap();
    assert_eq!(client.id, "https://vscode.dev/client.json");
    let only = client.redirect_uri(None).unwrap();
    assert_eq!(only.as_str(), "https://vscode.dev/redirect");

    let long = format!("https://vscode.dev/{}", "x".repeat(MAX_CLIENT_ID_LEN));
    assert_eq!(clients.find(&long).await, Err(UnknownClient::NotRegistered));
    let insecure = clients.find("http://vscode.dev/client.json").await;
    assert!(matches!(insecure, Err(UnknownClient::Document { .. })));
}
