use std::{io, sync::Arc, time::Duration};

use rskafka::client::error::RequestContext;

use super::*;

fn server_error(protocol_error: ProtocolError) -> ClientError {
    ClientError::ServerError {
        protocol_error,
        error_message: None,
        request: RequestContext::Topic("orders".to_owned()),
        response: None,
        is_virtual: false,
    }
}

/// What rskafka makes of an error it would have retried.
fn given_up(error: ClientError) -> ClientError {
    let deadline = Duration::ZERO;
    ClientError::RetryFailed(BackoffError::DeadlineExceded {
        deadline,
        source: error.into(),
    })
}

fn broken_connection() -> ClientError {
    let reset = RequestError::IO(io::ErrorKind::ConnectionReset.into());
    ClientError::Request(RequestError::Poisoned(Arc::new(reset)))
}

fn translated(error: &ClientError) -> Error {
    let topic: TopicName = "orders".parse().unwrap();
    translate(error, &Context::new("producing").topic(&topic, "Write"))
}

#[test]
fn codes_keep_their_number() {
    let codes = [
        (ProtocolError::UnknownServerError, -1),
        (ProtocolError::NotLeaderOrFollower, 6),
        (ProtocolError::InvalidTopicException, 17),
        (ProtocolError::SaslAuthenticationFailed, 58),
        (ProtocolError::TransactionalIdNotFound, 105),
        (ProtocolError::Unknown(120), 120),
    ];
    for (code, number) in codes {
        assert_eq!(wire_code(code).code(), number, "{code:?}");
    }
}

#[test]
fn a_code_that_kafka_calls_passing_is_retriable() {
    let error = translated(&given_up(server_error(ProtocolError::NotLeaderOrFollower)));
    assert!(error.is_retriable());
    assert_eq!(error.kafka_code().unwrap().name(), "NOT_LEADER_OR_FOLLOWER");
    assert!(!translated(&server_error(ProtocolError::InvalidRecord)).is_retriable());
}

#[test]
fn a_missing_acl_is_named() {
    let error = translated(&server_error(ProtocolError::TopicAuthorizationFailed));
    assert_eq!(error.needed_acl().unwrap(), "Write on Topic:orders");
}

#[test]
fn a_broken_connection_means_that_the_cluster_cannot_be_reached() {
    let error = translated(&given_up(broken_connection()));
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
    assert!(error.is_retriable());
}

#[test]
fn records_on_a_connection_that_broke_may_have_been_written() {
    assert_eq!(
        Verdict::of(&given_up(broken_connection())),
        Verdict::Ambiguous
    );
    let io = RequestError::IO(io::ErrorKind::BrokenPipe.into());
    assert_eq!(Verdict::of(&ClientError::Request(io)), Verdict::Ambiguous);
}

#[test]
fn records_that_the_leader_appended_but_did_not_replicate_may_have_been_written() {
    for code in [
        ProtocolError::RequestTimedOut,
        ProtocolError::NotEnoughReplicasAfterAppend,
    ] {
        assert_eq!(
            Verdict::of(&server_error(code)),
            Verdict::Ambiguous,
            "{code:?}"
        );
    }
}

#[test]
fn records_are_sent_again_only_when_the_broker_did_not_take_them() {
    let moved = [
        ProtocolError::LeaderNotAvailable,
        ProtocolError::NotLeaderOrFollower,
        ProtocolError::UnknownTopicOrPartition,
    ];
    for code in moved {
        assert_eq!(
            Verdict::of(&given_up(server_error(code))),
            Verdict::Moved,
            "{code:?}"
        );
    }
    for code in [
        ProtocolError::NotEnoughReplicas,
        ProtocolError::TopicAuthorizationFailed,
    ] {
        assert_eq!(Verdict::of(&server_error(code)), Verdict::Final, "{code:?}");
    }
}

#[test]
fn a_broker_that_talks_nonsense_is_told_from_one_that_is_down() {
    for text in [
        "Connection is poisoned: Cannot read framed message: Negative message size: -1",
        "Cannot read framed message: Message too large, limit is 10 bytes but got 20 bytes",
    ] {
        let error = connect_error(text);
        assert!(matches!(error, Error::Protocol { .. }), "{error:?}");
    }
    let error = connect_error("Cannot read framed message: Cannot read data: early eof");
    assert!(matches!(error, Error::Unavailable { .. }), "{error:?}");
}

#[test]
fn a_failed_handshake_is_told_from_a_broker_that_is_down() {
    let told = |text: &str| connect_error(&innermost(text));
    let wrapped = "all retries failed: Retry exceeded deadline. Source: ";
    let sasl = format!("{wrapped}Sasl handshake failed: API error: SaslAuthenticationFailed");
    let Error::Authentication { reason } = told(&sasl) else {
        panic!("{:?}", told(&sasl))
    };
    assert_eq!(
        reason,
        "Sasl handshake failed: API error: SaslAuthenticationFailed"
    );
    let tls = format!("{wrapped}IO Error: invalid peer certificate: UnknownIssuer");
    assert!(matches!(told(&tls), Error::Tls { .. }));
    let refused = format!("{wrapped}IO Error: Connection refused (os error 111)");
    assert!(matches!(told(&refused), Error::Unavailable { .. }));
}
