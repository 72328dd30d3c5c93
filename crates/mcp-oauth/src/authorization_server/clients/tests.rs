use http::{HeaderValue, header::CONTENT_TYPE};
use http_body_util::BodyExt;
use serde_json::{Value, json};

use super::*;
use crate::authorization_server::redirect_uri::RedirectUri;

const SECRET: &str = "4f1d6c83e0b297a5d8c47b19f2e6053a";
const OTHER_SECRET: &str = "b19f2e6053a4f1d6c83e0b297a5d8c47";

fn clients_with(secret: &str, previous: &[&str], configured: &[&str]) -> Clients {
    let previous: Vec<_> = previous.iter().map(|secret| (*secret).into()).collect();
    let keys = KeyRing::new(&secret.into(), &previous).unwrap();
    let configured = configured.iter().map(|uri| RedirectUri::new(*uri).unwrap());
    Clients::new(keys, KnownClients::new(configured.collect()), None)
}

fn clients() -> Clients {
    clients_with(SECRET, &[], &[])
}

fn register(clients: &Clients, body: &Value) -> Result<Registration, InvalidRegistration> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    clients.register(&headers, body.to_string().as_bytes())
}

fn id(clients: &Clients, body: &Value) -> String {
    register(clients, body).unwrap().client_id().to_owned()
}

#[tokio::test]
async fn a_registered_client_is_found_by_its_id_alone() {
    let body = json!({"redirect_uris": ["http://localhost:1/cb"], "client_name": "Inspector"});
    let id = id(&clients(), &body);
    // As after a restart, or on another replica.
    let client = clients().find(&id).await.unwrap();
    assert_eq!(
        (client.id.as_str(), client.name()),
        (id.as_str(), Some("Inspector"))
    );
    assert!(client.is_localhost_only() && client.may_refresh());
    assert!(client.redirect_uri(Some("http://localhost:2/cb")).is_ok());
    assert!(client.redirect_uri(Some("http://localhost:2/cb2")).is_err());
}
