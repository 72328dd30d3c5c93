//! A file of logins on a disk that is full.

use std::fs;

use testkit::{IdentityProvider, Personality};
use tokio::process::Command;

use super::{Client, text};
use crate::{oauth::Verdict, stores::StoreFile};

#[tokio::test]
async fn a_login_that_cannot_be_kept_is_refused_and_the_next_one_succeeds_when_there_is_room() {
    let provider = IdentityProvider::start(Personality::OktaCustom).await;
    let file = StoreFile::new();
    let store = format!("file:{}", file.0.display());
    let settings = [("OAUTH_STORE", store.as_str())];
    let client = Client::at(&provider, &settings).await;
    let first = client.log_in(&provider).await;
    let Client { server, id } = client;
    assert!(server.stop().await.success());

    // A limit of the file's size is as good as a disk: what is beyond fails. In blocks of 512 bytes.
    let blocks = fs::metadata(&file.0)
        .expect("it is there")
        .len()
        .div_ceil(512);
    let limits = format!("trap '' XFSZ; ulimit -S -f {blocks}");
    let server = Client::server_within(&limits, &provider, &settings).await;
    let client = Client { server, id };
    let mut kept = vec![first];
    let refused = loop {
        assert!(kept.len() < 5_000, "the file never grew");
        match client.try_to_log_in(&provider).await {
            Ok(tokens) => kept.push(tokens),
            Err(answer) => break answer,
        }
    };
    // The browser is sent back with it, or the client is told when it brings its code.
    let is_told = match refused.status() {
        503 => refused.json()["error"] == "temporarily_unavailable",
        _ => refused
            .header("Location")
            .contains("error=temporarily_unavailable"),
    };
    assert!(is_told, "{refused:?}");
    let health = client.server.server().get("/healthz").await;
    assert!(health.starts_with("HTTP/1.1 200"), "{health}");
    for tokens in [&kept[0], kept.last().expect("one")] {
        assert_eq!(client.verdict(tokens).await, Verdict::Reads);
    }

    let pid = client.server.server().pid().to_string();
    let raised = Command::new("prlimit")
        .args(["--fsize=unlimited", "--pid", &pid])
        .status()
        .await;
    assert!(raised.expect("prlimit runs").success());
    let tokens = client.log_in(&provider).await;
    assert_eq!(client.verdict(&tokens).await, Verdict::Reads);
    let renewed = client
        .refresh(&text(&kept[0], "refresh_token"))
        .await
        .json();
    assert_eq!(
        client.verdict(&renewed).await,
        Verdict::Reads,
        "nothing is lost"
    );
}
