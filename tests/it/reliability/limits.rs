//! A server that has run out of what the operating system gives.

use testkit::{FakeCluster, McpClient, Server, eventually};
use tokio::{io::AsyncWriteExt, net::TcpStream};

#[tokio::test]
async fn with_64_descriptors_it_sheds_load_and_recovers() {
    let kafka = FakeCluster::start(1).await;
    let settings = [("KAFKA_BROKERS", kafka.brokers())];
    let server = Server::start_within("ulimit -n 64", &settings).await;
    let mut held = Vec::new();
    for _ in 0..200 {
        let Ok(mut stream) = TcpStream::connect(server.address()).await else {
            continue;
        };
        // A request that has begun is not idle.
        let _ = stream.write_all(b"POST /mcp HTTP/1.1\r\n").await;
        held.push(stream);
    }
    drop(held);
    eventually("an answer", || async {
        server
            .get("/healthz")
            .await
            .starts_with("HTTP/1.1 200")
            .then_some(())
    })
    .await;
    let service = McpClient::connect_to(&server, None)
        .await
        .expect("an MCP server");
    let tools = service.list_all_tools().await.expect("tools");
    assert_eq!(tools.len(), 13);
    assert!(!server.log().contains("panicked"), "{}", server.log());
}
