use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::Mutex,
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
    sync::mpsc,
    task::JoinSet,
};

use super::*;

/// Answers every connection with `answer`, leaves it open, and hands out what was asked.
async fn server(answer: &'static [u8]) -> (SocketAddr, mpsc::Receiver<String>, JoinSet<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (asked, received) = mpsc::channel(16);
    let mut tasks = JoinSet::new();
    tasks.spawn(async move {
        let mut open = Vec::new();
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = vec![0; 4096];
            let length = stream.read(&mut request).await.unwrap();
            let request = String::from_utf8_lossy(&request[..length]).into_owned();
            asked.send(request).await.unwrap();
            stream.write_all(answer).await.unwrap();
            open.push(stream);
        }
    });
    (address, received, tasks)
}

fn client(config: &ReqwestConfig) -> ReqwestClient {
    ReqwestClient::new(config).unwrap()
}

async fn fetch(client: &ReqwestClient, url: &str) -> Result<Response<Bytes>, HttpError> {
    let request = Request::get(url).body(Bytes::new()).unwrap();
    let limits = FetchLimits::new(Duration::from_secs(2), 1000);
    client.send(request, limits).await
}

#[tokio::test]
async fn the_answer_is_read_in_full_and_not_decompressed() {
    let answer = b"HTTP/1.1 418 Teapot\r\ncontent-length: 2\r\netag: x\r\n\r\nhi";
    let (address, mut asked, _server) = server(answer).await;
    let client = client(&ReqwestConfig::default());
    let response = fetch(&client, &format!("http://{address}/a?b"))
        .await
        .unwrap();
    assert_eq!(
        (response.status().as_u16(), &response.body()[..]),
        (418, &b"hi"[..])
    );
    assert_eq!(response.headers()["etag"], "x");
    let asked = asked.recv().await.unwrap();
    assert!(asked.starts_with("GET /a?b HTTP/1.1\r\n"), "{asked}");
    assert!(asked.contains("accept-encoding: identity"), "{asked}");
}

// A redirect could lead to another host, or away from https.
#[tokio::test]
async fn a_redirect_is_an_answer() {
    let answer = b"HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n";
    let (address, mut asked, _server) = server(answer).await;
    let response = fetch(
        &client(&ReqwestConfig::default()),
        &format!("http://{address}/"),
    )
    .await
    .unwrap();
    assert_eq!(response.status(), 302);
    asked.recv().await.unwrap();
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn a_body_over_the_limit_is_given_up_announced_or_not() {
    let long: &'static [u8] = Box::leak(
        [&b"HTTP/1.1 200 OK\r\n\r\n"[..], &[b'x'; 2000]]
            .concat()
            .into_boxed_slice(),
    );
    for (answer, expected) in [
        (long, 200),
        (b"HTTP/1.1 200 OK\r\ncontent-length: 1001\r\n\r\n", 200),
        (b"HTTP/1.1 410 Gone\r\ncontent-length: 1001\r\n\r\n", 410),
    ] {
        let (address, _asked, _server) = server(answer).await;
        let result = fetch(
            &client(&ReqwestConfig::default()),
            &format!("http://{address}/"),
        )
        .await;
        assert!(
            matches!(
                result,
                Err(HttpError::TooLarge {
                    max_body_bytes: 1000,
                    status,
                }) if status == expected
            ),
            "{result:?}"
        );
    }
}

#[tokio::test]
async fn the_deadline_holds_for_a_body_that_never_ends() {
    let (address, _asked, _server) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nx").await;
    let request = Request::get(format!("http://{address}/"))
        .body(Bytes::new())
        .unwrap();
    let limits = FetchLimits::new(Duration::from_millis(200), 1000);
    let result = client(&ReqwestConfig::default())
        .send(request, limits)
        .await;
    assert!(
        matches!(result, Err(HttpError::Timeout { .. })),
        "{result:?}"
    );
}

#[tokio::test]
async fn metadata_addresses_are_not_connected_to() {
    let client = client(&ReqwestConfig::default());
    for url in [
        "http://169.254.169.254/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
        // Spellings that the URL standard knows.
        "http://2852039166/",
        "http://0xa9.0xfe.0xa9.0xfe/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
    ] {
        let result = fetch(&client, url).await;
        assert!(
            matches!(result, Err(HttpError::ForbiddenAddress { .. })),
            "{result:?}"
        );
    }
}

// RFC 6890; OAuth Client ID Metadata Document, on server-side request forgery.
#[tokio::test]
async fn a_client_for_the_public_internet_connects_to_nothing_else() {
    let (address, mut asked, _server) =
        server(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
    let port = address.port();
    let client = client(&ReqwestConfig {
        reach: Reach::Public,
        https_proxy: Some(format!("http://{address}").into()),
        ..ReqwestConfig::default()
    });
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f000001",
        "0",
        "[::1]",
        "[::ffff:127.0.0.1]",
        "[64:ff9b::7f00:1]",
        "localhost",
        "10.0.0.1",
        "100.64.0.1",
    ] {
        for scheme in ["http", "https"] {
            let result = fetch(&client, &format!("{scheme}://{host}:{port}/")).await;
            let is_refused = matches!(result, Err(HttpError::ForbiddenAddress { .. }));
            assert!(is_refused, "{scheme} {host}: {result:?}");
        }
    }
    assert!(asked.try_recv().is_err(), "something was connected to");
}

// A name server of somebody else's may say one thing to who checks, and another to who connects.
#[tokio::test]
async fn a_name_is_looked_up_once_for_each_connection_and_that_is_connected_to() {
    let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";
    let (address, mut asked, _server) = server(answer).await;
    let inside = Ipv4Addr::new(169, 254, 169, 254);
    let answers = Mutex::new(vec![
        vec![inside],
        vec![inside, Ipv4Addr::LOCALHOST],
        vec![Ipv4Addr::LOCALHOST],
    ]);
    let names = move |_: &str| {
        let answer = answers.lock().unwrap().pop().expect("one look-up too many");
        let addresses = answer.into_iter().map(|ip| SocketAddr::from((ip, 0)));
        Ok(addresses.collect())
    };
    let config = ReqwestConfig::default();
    let resolver = GuardedResolver::of(config.reach, Arc::new(names));
    let client = ReqwestClient::with_resolver(&config, resolver).unwrap();
    let url = format!("http://provider.example:{}/", address.port());
    for _ in 0..2 {
        assert_eq!(fetch(&client, &url).await.unwrap().status(), 200);
        asked.recv().await.unwrap();
    }
    let refused = fetch(&client, &url).await;
    assert!(
        matches!(&refused, Err(HttpError::ForbiddenAddress { host, .. }) if host == "provider.example"),
        "{refused:?}"
    );
    assert!(asked.try_recv().is_err());
}

#[tokio::test]
async fn https_goes_through_the_proxy_unless_exempt() {
    let (address, mut asked, _server) =
        server(b"HTTP/1.1 403 No\r\ncontent-length: 0\r\n\r\n").await;
    let mut config = ReqwestConfig {
        https_proxy: Some(format!("http://user:canary@{address}").into()),
        no_proxy: Some("exempt.invalid".to_owned()),
        ..ReqwestConfig::default()
    };
    let result = fetch(&client(&config), "https://provider.invalid/").await;
    assert!(!format!("{result:?}").contains("canary"));
    let asked_for = asked.recv().await.unwrap();
    assert!(
        asked_for.starts_with("CONNECT provider.invalid:443 HTTP/1.1\r\n"),
        "{asked_for}"
    );

    assert!(
        fetch(&client(&config), "https://exempt.invalid/")
            .await
            .is_err()
    );
    assert!(asked.try_recv().is_err());

    config.https_proxy = None;
    assert!(
        fetch(&client(&config), "https://provider.invalid/")
            .await
            .is_err()
    );
    assert!(asked.try_recv().is_err());
}

#[test]
fn what_is_malformed_is_refused_without_quoting_a_password() {
    let mut config = ReqwestConfig {
        https_proxy: Some("http://user:canary@[".into()),
        ..ReqwestConfig::default()
    };
    let error = ReqwestClient::new(&config).unwrap_err();
    assert!(!format!("{error:?} {config:?}").contains("canary"));
    config.https_proxy = None;
    for pem in [
        "",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
    ] {
        config.ca_pem = Some(pem.into());
        let error = ReqwestClient::new(&config).unwrap_err();
        assert!(matches!(error, InvalidClient::InvalidCa { .. }), "{error}");
    }
}

#[test]
fn a_client_does_not_print_its_proxy() {
    let config = ReqwestConfig {
        https_proxy: Some("http://user:canary@proxy.invalid:1".into()),
        ..ReqwestConfig::default()
    };
    assert!(!format!("{config:?} {:?}", client(&config)).contains("canary"));
}
