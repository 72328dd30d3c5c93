//! The examples, over real sockets.

use std::error::Error;

use http::StatusCode;
use mcp_oauth::OAuthLayer;
use secrecy::SecretString;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{TcpListener, TcpStream},
};

#[path = "../../examples/axum.rs"]
#[expect(dead_code, reason = "the tests take the place of its main function")]
mod on_axum;
#[path = "../../examples/hyper.rs"]
#[expect(dead_code, reason = "the tests take the place of its main function")]
mod on_hyper;

#[tokio::test]
async fn the_example_on_hyper_protects_its_server() {
    check(on_hyper::oauth, on_hyper::serve, on_hyper::token::mint).await;
}

#[tokio::test]
async fn the_example_on_axum_protects_its_server() {
    check(on_axum::oauth, on_axum::serve, on_axum::token::mint).await;
}

type Result<T> = std::result::Result<T, Box<dyn Error>>;

async fn check<S>(
    oauth: fn(&str, SecretString) -> Result<OAuthLayer>,
    serve: fn(TcpListener, OAuthLayer) -> S,
    mint: fn(&str, &SecretString, &str) -> Result<String>,
) where
    S: Future<Output = Result<()>>,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let server_url = format!("http://{}", listener.local_addr().unwrap());
    let secret = SecretString::from("an example's secret, of 32 bytes or more");
    let layer = oauth(&server_url, secret.clone()).unwrap();
    let tokens = ["demo:read", "demo:write"].map(|scopes| mint(&server_url, &secret, scopes));
    let [reader, writer] = tokens.map(|token| token.unwrap());
    tokio::select! {
        end = serve(listener, layer) => panic!("the server ended: {end:?}"),
        () = use_it(&server_url, &reader, &writer) => {}
    }
}

async fn use_it(server_url: &str, reader: &str, writer: &str) {
    let whoami = call("whoami");
    let reset = call("reset");

    let stranger = post(server_url, "", &whoami).await;
    assert_eq!(stranger.0, StatusCode::UNAUTHORIZED);
    let path = "/.well-known/oauth-protected-resource/mcp";
    let metadata = exchange(server_url, "GET", path, "", "").await;
    assert_eq!(metadata.0, StatusCode::OK);
    assert!(
        metadata.1.contains(&format!("{server_url}/mcp")),
        "{}",
        metadata.1
    );

    // Clients refuse a list with any other schema.
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let (status, answer) = post(server_url, reader, list).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let tools = answer["result"]["tools"].as_array().unwrap();
    assert_eq!(tools.len(), 2, "{answer}");
    for tool in tools {
        assert_eq!(tool["inputSchema"]["type"], "object", "{tool}");
    }

    let (status, answer) = post(server_url, reader, &whoami).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer.contains("user alice"), "{answer}");
    assert_eq!(
        post(server_url, reader, &reset).await.0,
        StatusCode::FORBIDDEN
    );
    let (status, answer) = post(server_url, writer, &reset).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    assert!(answer.contains("done"), "{answer}");

    let (signed, signature) = writer.rsplit_once('.').unwrap();
    let first = if signature.starts_with('A') { 'B' } else { 'A' };
    let forged = format!("{signed}.{first}{}", &signature[1..]);
    assert_eq!(
        post(server_url, &forged, &whoami).await.0,
        StatusCode::UNAUTHORIZED
    );
}

fn call(tool: &str) -> String {
    format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"{tool}"}}}}"#)
}

async fn post(server_url: &str, token: &str, body: &str) -> (StatusCode, String) {
    exchange(server_url, "POST", "/mcp", token, body).await
}

/// One request on a connection of its own; none of the answers is chunked.
async fn exchange(
    server_url: &str,
    method: &str,
    path: &str,
    token: &str,
    body: &str,
) -> (StatusCode, String) {
    let host = server_url.trim_start_matches("http://");
    let authorization = match token {
        "" => String::new(),
        token => format!("authorization: Bearer {token}\r\n"),
    };
    let length = body.len();
    let request = format!(
        "{method} {path} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n{authorization}\
         content-type: application/json\r\naccept: application/json, text/event-stream\r\n\
         content-length: {length}\r\n\r\n{body}"
    );
    let mut stream = TcpStream::connect(host).await.unwrap();
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    (status, body.to_owned())
}
