//! Bodies that are no message, are too large, or do not come.

use super::*;

#[tokio::test]
async fn a_body_that_is_no_message_gets_a_json_rpc_error() {
    let server = Running::with_defaults().await;
    for (body, code) in [
        (r#"{"jsonrpc":"#, -32700),
        ("", -32700),
        ("\u{0}", -32700),
        (r#"[{"jsonrpc":"2.0","id":1,"method":"ping"}]"#, -32600),
        (r#"{"jsonrpc":"1.0","id":1,"method":"ping"}"#, -32600),
        ("3", -32600),
    ] {
        assert_refused(&server.post(MCP_HEADERS, body).await, 400, code);
    }
    let deep = format!("{}{}", "{\"a\":".repeat(10_000), "}".repeat(10_000));
    assert_refused(&server.post(MCP_HEADERS, &deep).await, 400, -32600);
    assert_status(&server.post(MCP_HEADERS, &call(1, "any")).await, 200);
}

#[tokio::test]
async fn a_body_of_another_type_is_refused() {
    let server = Running::with_defaults().await;
    let headers = "host: localhost\r\ncontent-type: text/plain\r\n";
    assert_refused(&server.post(headers, &call(1, "any")).await, 415, -32600);
}

#[tokio::test]
async fn a_body_beyond_the_limit_is_refused_before_it_is_read() {
    let server = Running::with_defaults().await;
    let huge = format!("POST /mcp HTTP/1.1\r\n{MCP_HEADERS}content-length: 100000000\r\n\r\n");
    assert_refused(&server.exchange(huge.as_bytes()).await, 413, -32600);
    // A client that sends all of it first still reads the answer.
    let sent = [huge.as_bytes(), &vec![b' '; 5_000_000]].concat();
    assert_refused(&server.exchange(&sent).await, 413, -32600);
    let chunked = format!("POST /mcp HTTP/1.1\r\n{MCP_HEADERS}transfer-encoding: chunked\r\n\r\n");
    let sent = [chunked.as_bytes(), b"30D40\r\n", &vec![b' '; 200_000]].concat();
    assert_refused(&server.exchange(&sent).await, 413, -32600);
}

#[tokio::test]
async fn a_body_that_does_not_come_is_given_up() {
    let server = Running::start(|config| config.body_timeout = Duration::from_millis(100)).await;
    let head = format!("POST /mcp HTTP/1.1\r\n{MCP_HEADERS}content-length: 10\r\n\r\n");
    assert_refused(&server.exchange(head.as_bytes()).await, 408, -32600);
}

// Chunks announce their own length, and the body none: each of them may be the last to come.
#[tokio::test]
async fn a_body_that_stops_inside_a_chunk_is_given_up_and_others_are_served() {
    let server = Running::start(|config| config.body_timeout = Duration::from_millis(100)).await;
    let head = format!("POST /mcp HTTP/1.1\r\n{MCP_HEADERS}transfer-encoding: chunked\r\n\r\n");
    for part in [
        "",
        "5",
        "5\r\n",
        "5\r\n{\"js",
        "5\r\n{\"jso",
        "5\r\n{\"jso\r\n0\r\n",
    ] {
        let sent = format!("{head}{part}");
        assert_refused(&server.exchange(sent.as_bytes()).await, 408, -32600);
        assert_status(&server.post(MCP_HEADERS, &call(1, "any")).await, 200);
    }
}
