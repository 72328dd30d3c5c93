//! What a client is told: challenges, scopes, metadata, and answers that give nothing away.

use rmcp::model::CallToolRequestParams;
use serde_json::json;
use testkit::{
    FakeKafka, IdentityProvider, McpClient, Personality, SigningKey, TokenKind, TokenRecipe,
};

use super::{Protected, Verdict, bearer, message, secrets::assert_silent};

// RFC 6750 section 3.1: who sends no credential is told how to get one, and of no error.
#[tokio::test]
async fn a_request_without_a_token_gets_a_bare_challenge() {
    let (server, _provider) = generic(&[]).await;
    let list = message("tools/list", json!({}));
    for answer in [
        server.post("", &list).await,
        server.request("GET", "/mcp", "").await,
        server.request("DELETE", "/mcp", "").await,
        server
            .post("Authorization: Basic YWxpY2U6c2VjcmV0\r\n", &list)
            .await,
    ] {
        assert_eq!(answer.status(), 401, "{answer:?}");
        let challenge = answer.header("WWW-Authenticate");
        assert!(challenge.starts_with("Bearer "), "{challenge}");
        assert!(
            challenge.contains(&format!("resource_metadata=\"{METADATA}\"")),
            "{challenge}"
        );
        assert!(!challenge.contains("error"), "{challenge}");
        assert_eq!(answer.header("Content-Type"), "application/json");
        assert!(answer.json().is_object());
    }
}

// RFC 6750 sections 2.1 and 2.3, OAuth 2.1 section 5.1.1.
#[tokio::test]
async fn a_token_is_read_from_one_header_and_from_nowhere_else() {
    let (server, provider) = generic(&[]).await;
    let token = provider.mint(&user());
    let list = message("tools/list", json!({}));
    for header in [
        "Authorization: Bearer\r\n".to_owned(),
        "Authorization: Bearer  \r\n".to_owned(),
        format!("Authorization: Bearer  {token}\r\n"),
        format!("Authorization: Bearer {token} {token}\r\n"),
        format!("Authorization: Bearer {token}, Bearer {token}\r\n"),
        bearer(&token).repeat(2),
        format!("Authorization: {token}\r\n"),
        format!("X-Forwarded-Access-Token: {token}\r\n"),
        "X-Forwarded-User: alice\r\n".to_owned(),
        format!("Cookie: access_token={token}\r\n"),
    ] {
        let answer = server.post(&header, &list).await;
        assert_eq!(answer.status(), 401, "{header}");
        assert_eq!(answer.headers("WWW-Authenticate").len(), 1);
    }
    let in_query = format!("/mcp?access_token={token}");
    assert_eq!(server.request("GET", &in_query, "").await.status(), 401);
    let mut in_body = list.clone();
    in_body["access_token"] = token.clone().into();
    assert_eq!(server.post("", &in_body).await.status(), 401);
    for scheme in ["bearer", "BEARER"] {
        let header = format!("Authorization: {scheme} {token}\r\n");
        assert_eq!(server.post(&header, &list).await.status(), 200);
    }
}

// RFC 6750 section 3.1; which check failed is nobody's business but the operator's.
#[tokio::test]
async fn refusals_differ_in_nothing_but_what_the_client_may_know() {
    let (server, provider) = generic(&[]).await;
    let mut told = Vec::new();
    for token in [
        provider.mint(&user().claim_in("exp", -3600)),
        provider.mint(&user().claim("aud", "api://another")),
        provider.mint(&user().claim("iss", "https://issuer.invalid")),
        provider.mint(&user().header("kid", "unknown")),
        provider.mint_with(&user(), &SigningKey::rsa(3, "RS256")),
        "no-token-at-all".to_owned(),
    ] {
        let answer = server.list(&token).await;
        assert_eq!(answer.status(), 401);
        let challenge = answer.header("WWW-Authenticate").to_owned();
        assert!(challenge.contains("error=\"invalid_token\""), "{challenge}");
        assert!(challenge.contains(METADATA), "{challenge}");
        told.push((challenge, answer.body().to_owned()));
    }
    told.dedup();
    assert_eq!(told.len(), 1, "{told:#?}");
    for check in ["expiry", "audience", "issuer", "key", "signature", "syntax"] {
        server.server().logged(&format!("check={check}")).await;
    }
}

// RFC 6750 section 3.1, and the MCP specification on step-up: all that the operation needs.
#[tokio::test]
async fn a_token_of_too_little_scope_is_told_which_scopes_the_call_needs() {
    let (server, provider) = hmac().await;
    let token = |scope: &str| provider.mint(&user().claim("scope", scope));
    let read = server.write(&token("kafka:read")).await;
    assert_eq!(read.status(), 403);
    let challenge = read.header("WWW-Authenticate");
    assert!(
        challenge.contains("error=\"insufficient_scope\""),
        "{challenge}"
    );
    assert!(
        challenge.contains("scope=\"kafka:read kafka:write\""),
        "{challenge}"
    );
    assert!(challenge.contains(METADATA), "{challenge}");
    for (scope, verdict) in [
        ("kafka:read", Verdict::Reads),
        ("kafka:write", Verdict::Writes),
        ("kafka:admin", Verdict::Writes),
        // With keys of our own there is no default: who mints a token says what it is for.
        ("openid", Verdict::Nothing),
        ("", Verdict::Nothing),
    ] {
        assert_eq!(server.verdict(&token(scope)).await, verdict, "{scope:?}");
    }
}

#[tokio::test]
async fn a_scope_map_decides_alone_and_is_what_clients_are_told_to_ask_for() {
    let map = "reader=kafka:read,writer=kafka:write,role:Kafka.Admin=kafka:admin";
    let (server, provider) = generic(&[("OAUTH_SCOPE_MAP", map)]).await;
    for (recipe, verdict) in [
        (user().claim("scope", "openid reader"), Verdict::Reads),
        (user().claim("scope", "writer"), Verdict::Writes),
        (
            user()
                .claim("scope", "openid")
                .claim("roles", json!(["Kafka.Admin"])),
            Verdict::Writes,
        ),
        (user().claim("scope", "openid"), Verdict::Nothing),
        (user().without("scope"), Verdict::Nothing),
        (user().claim("scope", "kafka:read"), Verdict::Reads),
        (user().claim("scope", "role:Kafka.Admin"), Verdict::Nothing),
    ] {
        assert_eq!(
            server.verdict(&provider.mint(&recipe)).await,
            verdict,
            "{recipe:?}"
        );
    }
    let answer = server.post("", &message("tools/list", json!({}))).await;
    let challenge = answer.header("WWW-Authenticate");
    assert!(
        challenge.contains("reader") && challenge.contains("writer"),
        "{challenge}"
    );
    assert!(!challenge.contains("kafka:"), "{challenge}");
}

// The list shows what the caller may call, and the call is checked again.
#[tokio::test]
async fn a_reader_sees_no_tool_that_writes_and_cannot_call_it_in_disguise() {
    let (server, provider) = hmac().await;
    let token = |scope: &str| provider.mint(&user().claim("scope", scope));
    let names = |token: String| {
        let server = &server;
        async move {
            let listed = server.list(&token).await.json();
            let tools = listed["result"]["tools"].as_array().expect("tools").clone();
            tools
                .into_iter()
                .map(|tool| tool["name"].clone())
                .collect::<Vec<_>>()
        }
    };
    let produce = json!("produce_message");
    assert!(!names(token("kafka:read")).await.contains(&produce));
    assert!(names(token("kafka:write")).await.contains(&produce));

    let reader = bearer(&token("kafka:read"));
    let call = message(
        "tools/call",
        json!({"name": "produce_message", "arguments": {}}),
    );
    // JSON-RPC has no order of members, and MCP no batches.
    let batch = server.post(&reader, &json!([call])).await;
    assert_eq!(batch.status(), 400, "{batch:?}");
    assert_eq!(batch.json()["error"]["code"], -32600, "{batch:?}");
    let twice = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"list_brokers","arguments":{},"name":"produce_message"}}"#;
    assert_ne!(raw_post(&server, &reader, twice).await, 200);
    let escaped = r#"{"jsonrpc":"2.0","id":1,"method":"tools\/call","params":{"name":"produce_mess\u0061ge","arguments":{}}}"#;
    assert_eq!(raw_post(&server, &reader, escaped).await, 403);
    // A session is not asked for, and none is believed.
    let session = format!("{reader}Mcp-Session-Id: somebody-elses\r\n");
    assert_eq!(server.post(&session, &call).await.status(), 403);
}

// RFC 9728 section 3, RFC 8414 section 3.1: at every form that clients try.
#[tokio::test]
async fn metadata_is_public_and_names_the_provider_as_it_names_itself() {
    let (server, provider) = generic(&[]).await;
    let token = provider.mint(&user());
    assert_eq!(server.verdict(&token).await, Verdict::Reads);
    for form in ["", "/mcp"] {
        let path = format!("/.well-known/oauth-protected-resource{form}");
        let forwarded = "X-Forwarded-Host: evil.invalid\r\nX-Forwarded-Proto: https\r\n";
        let resource = server.request("GET", &path, forwarded).await;
        assert_eq!(resource.header("Content-Type"), "application/json");
        let resource = resource.json();
        assert_eq!(resource["resource"], "http://127.0.0.1:8080/mcp");
        assert_eq!(
            resource["authorization_servers"],
            json!([provider.issuer()])
        );
        assert_eq!(resource["bearer_methods_supported"], json!(["header"]));
        for name in ["oauth-authorization-server", "openid-configuration"] {
            let path = format!("/.well-known/{name}{form}");
            let document = server.request("GET", &path, "").await.json();
            assert_eq!(document["issuer"], provider.issuer(), "{path}");
            let head = server.request("HEAD", &path, "").await;
            assert_eq!((head.status(), head.body()), (200, ""), "{path}");
            let post = server.request("POST", &path, "Content-Length: 0\r\n").await;
            assert_eq!(post.status(), 405, "{path}");
            assert!(post.header("Allow").contains("GET"), "{path}");
        }
    }
    let keys = server
        .request("GET", "/.well-known/jwks.json", "")
        .await
        .json();
    assert_eq!(keys["keys"][0]["kid"], provider.signing_key().kid());
    for path in [
        "/oauth/authorize",
        "/oauth/token",
        "/oauth/register",
        "/token",
        "/register",
    ] {
        assert_eq!(
            server.request("GET", path, "").await.status(),
            404,
            "{path}"
        );
    }
}

#[tokio::test]
async fn browsers_may_ask_and_foreign_pages_may_not() {
    let (server, provider) = generic(&[]).await;
    let preflight = "Origin: http://localhost:6274\r\nAccess-Control-Request-Method: POST\r\n\
                     Access-Control-Request-Headers: authorization, mcp-session-id, \
                     mcp-protocol-version, mcp-method, mcp-name, last-event-id\r\n";
    let answer = server.request("OPTIONS", "/mcp", preflight).await;
    assert_eq!(answer.status(), 204, "{answer:?}");
    let allowed = answer
        .header("Access-Control-Allow-Headers")
        .to_ascii_lowercase();
    for header in [
        "authorization",
        "mcp-session-id",
        "mcp-protocol-version",
        "mcp-method",
        "mcp-name",
        "last-event-id",
    ] {
        assert!(allowed.contains(header), "{header} in {allowed}");
    }
    let token = bearer(&provider.mint(&user()));
    let list = message("tools/list", json!({}));
    let own = format!("{token}Origin: http://localhost:6274\r\n");
    let answer = server.post(&own, &list).await;
    assert_eq!(answer.status(), 200);
    assert!(
        answer
            .headers("Access-Control-Allow-Credentials")
            .is_empty()
    );
    let foreign = format!("{token}Origin: https://evil.invalid\r\n");
    let answer = server.post(&foreign, &list).await;
    assert_eq!(answer.status(), 403);
    assert!(answer.headers("Access-Control-Allow-Origin").is_empty());
}

#[tokio::test]
async fn a_real_client_with_a_token_works_and_without_one_is_refused() {
    let (server, provider) = generic(&[]).await;
    let connect = |token| McpClient::connect_to(server.server(), token);
    let token = provider.mint(&user());
    let client = connect(Some(&*token)).await.expect("an MCP server");
    let tools = client.list_all_tools().await.expect("tools");
    assert_eq!(tools.len(), 12, "all but the one that writes");
    let call = CallToolRequestParams::new("list_brokers");
    client.call_tool(call).await.expect("a result");
    let call = CallToolRequestParams::new("produce_message");
    client.call_tool(call).await.expect_err("it may only read");
    connect(None).await.expect_err("there is no token");
    let expired = provider.mint(&user().claim_in("exp", -3600));
    connect(Some(&*expired)).await.expect_err("it has expired");
}

// RFC 9700 section 2.3, and the MCP specification: a token is for one server, and ends there.
#[tokio::test]
async fn nothing_of_a_token_goes_on_to_kafka() {
    let kafka = FakeKafka::start().await;
    kafka.broker().create_topic("orders", 1);
    let provider = IdentityProvider::start(Personality::Hmac).await;
    let brokers = kafka.proxy().address().to_string();
    let settings = [("KAFKA_BROKERS", &*brokers), ("KAFKA_MCP_TIMEOUT", "10s")];
    let server = Protected::by(&provider, &settings).await;
    let token = provider.mint(&user().claim("scope", "kafka:write"));
    let client = McpClient::connect_to(server.server(), Some(&token)).await;
    let client = client.expect("an MCP server");
    let record = json!({"topic": "orders", "value": "a-value-to-be-found"});
    for (tool, arguments) in [("list_topics", json!({})), ("produce_message", record)] {
        let arguments = arguments.as_object().expect("an object").clone();
        let call = CallToolRequestParams::new(tool).with_arguments(arguments);
        let result = client.call_tool(call).await.expect("a result");
        assert_ne!(result.is_error, Some(true), "{tool}: {result:?}");
    }
    let sent = kafka.proxy().recorded();
    let sent = String::from_utf8_lossy(&sent);
    assert!(sent.contains("orders"), "nothing was recorded");
    assert!(sent.contains("a-value-to-be-found"), "nothing was recorded");
    assert_silent(&sent, &[token]);
}

async fn raw_post(server: &Protected, headers: &str, body: &str) -> u16 {
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nConnection: close\r\nContent-Type: application/json\r\n\
         Accept: application/json, text/event-stream\r\nContent-Length: {}\r\n{headers}\r\n{body}",
        server.server().address(),
        body.len(),
    );
    let answer = server.server().raw(request.as_bytes()).await;
    let status = answer
        .split(' ')
        .nth(1)
        .and_then(|status| status.parse().ok());
    status.expect("a status")
}

async fn generic(more: &[(&str, &str)]) -> (Protected, IdentityProvider) {
    let provider = IdentityProvider::start(Personality::Generic).await;
    (Protected::by(&provider, more).await, provider)
}

fn user() -> TokenRecipe {
    TokenRecipe::new(TokenKind::User)
}

/// A server with a secret instead of an identity provider.
async fn hmac() -> (Protected, IdentityProvider) {
    let provider = IdentityProvider::start(Personality::Hmac).await;
    (Protected::by(&provider, &[]).await, provider)
}

const METADATA: &str = "http://127.0.0.1:8080/.well-known/oauth-protected-resource/mcp";
