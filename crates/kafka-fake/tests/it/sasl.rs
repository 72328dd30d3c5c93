//! Logging in.

use bytes::Bytes;
use kafka_fake::{Api, Cluster};
use kafka_protocol::messages::{
    ApiVersionsRequest, MetadataRequest, SaslAuthenticateRequest, SaslHandshakeRequest,
};

use crate::{
    subject::Subject,
    wire::{Wire, text},
};

#[tokio::test]
async fn a_user_logs_in_with_a_password_in_every_version() {
    for subject in Subject::all_with_users().await {
        for version in Api::SaslAuthenticate.versions() {
            let mut wire = subject.connect().await;
            let answer = wire.ask(&ApiVersionsRequest::default(), 2).await;
            assert_eq!(answer.error_code, 0, "{}", subject.name);
            let (code, mechanisms) = choose(&mut wire, "PLAIN").await;
            assert_eq!(code, 0, "{}", subject.name);
            assert!(mechanisms.contains(&"PLAIN".to_owned()), "{mechanisms:?}");
            let answer = wire.ask(&password("alice", "alice-secret"), version).await;
            let outcome = (answer.error_code, answer.auth_bytes.len());
            assert_eq!(outcome, (0, 0), "{} {version}", subject.name);
            let answer = wire.ask(&MetadataRequest::default(), 9).await;
            assert_eq!(answer.brokers.len(), 1, "{}", subject.name);
            // Once is enough.
            let (code, _) = choose(&mut wire, "PLAIN").await;
            assert_eq!(code, 34, "{}", subject.name);
        }
    }
}

#[tokio::test]
async fn a_wrong_password_is_told_and_ends_the_connection() {
    for subject in Subject::all_with_users().await {
        for (user, secret) in [("alice", "wrong"), ("nobody", "alice-secret")] {
            let mut wire = subject.connect().await;
            choose(&mut wire, "PLAIN").await;
            let answer = wire.ask(&password(user, secret), 2).await;
            assert_eq!(answer.error_code, 58, "{}", subject.name);
            let reason = answer.error_message.unwrap();
            let expected = "Authentication failed: Invalid username or password";
            assert_eq!(&*reason, expected, "{}", subject.name);
            assert_eq!(wire.read().await, None, "{}", subject.name);
        }
    }
}

#[tokio::test]
async fn what_comes_too_early_or_is_not_offered_ends_the_connection() {
    for subject in Subject::all_with_users().await {
        let mut wire = subject.connect().await;
        wire.send(&MetadataRequest::default(), 9).await;
        assert_eq!(wire.read().await, None, "{}", subject.name);

        let mut wire = subject.connect().await;
        choose(&mut wire, "PLAIN").await;
        let answer = wire.ask(&ApiVersionsRequest::default(), 2).await;
        assert_eq!(answer.error_code, 34, "{}", subject.name);
        assert_eq!(wire.read().await, None, "{}", subject.name);

        let mut wire = subject.connect().await;
        let (code, mechanisms) = choose(&mut wire, "GSSAPI").await;
        assert_eq!(code, 33, "{}", subject.name);
        assert!(!mechanisms.is_empty(), "{}", subject.name);
        assert_eq!(wire.read().await, None, "{}", subject.name);
    }
}

#[tokio::test]
async fn nobody_logs_in_where_nobody_is_asked() {
    for subject in Subject::all().await {
        let mut wire = subject.connect().await;
        let (code, mechanisms) = choose(&mut wire, "PLAIN").await;
        assert_eq!((code, mechanisms.len()), (34, 0), "{}", subject.name);
        let answer = wire.ask(&password("alice", "alice-secret"), 2).await;
        assert_eq!(answer.error_code, 34, "{}", subject.name);
        subject.clean().await;
    }
}

#[tokio::test]
async fn no_password_is_printed() {
    let builder = Cluster::builder().user("alice", "open sesame");
    assert!(!format!("{builder:?}").contains("sesame"));
    let cluster = builder.start().await.unwrap();
    assert!(!format!("{cluster:?}").contains("sesame"));
    cluster.shutdown().await;
}

/// The code, and the mechanisms that there are.
async fn choose(wire: &mut Wire, mechanism: &str) -> (i16, Vec<String>) {
    let request = SaslHandshakeRequest::default().with_mechanism(text(mechanism));
    let answer = wire.ask(&request, 1).await;
    let mechanisms = answer.mechanisms.iter().map(ToString::to_string);
    (answer.error_code, mechanisms.collect())
}

fn password(user: &str, secret: &str) -> SaslAuthenticateRequest {
    let message = Bytes::from(format!("\0{user}\0{secret}"));
    SaslAuthenticateRequest::default().with_auth_bytes(message)
}
