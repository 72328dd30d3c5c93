//! No message gets a call past the policy, however it is written: what rmcp reads as a call is
//! one here too.

use std::cell::Cell;

use http::HeaderMap;
use proptest::{
    collection::vec,
    prelude::{Just, Strategy, prop_oneof},
    sample::select,
    test_runner::{Config, TestRunner},
};
use rmcp::model::{ClientJsonRpcMessage, ClientRequest, JsonRpcMessage};

use crate::issuer::{bearer, server};

/// Members of messages, in any order, number and spelling.
fn message() -> impl Strategy<Value = String> {
    let name = prop_oneof![
        4 => select(&[r#""produce_message""#, r#""produce\u005fmessage""#][..]),
        1 => select(&[r#""list_topics""#, "null", "7", "[\"produce_message\"]"][..]),
    ];
    let inner = prop_oneof![
        6 => name.prop_map(|name| format!(r#""name":{name}"#)),
        1 => Just(r#""n\u0061me":"produce_message""#.to_owned()),
        2 => Just(r#""arguments":{"name":"list_topics"}"#.to_owned()),
        1 => Just(r#""_meta":{"name":"list_topics"}"#.to_owned()),
        1 => Just(r#""Name":"list_topics""#.to_owned()),
    ];
    let object = vec(inner, 1..3).prop_map(|members| format!("{{{}}}", members.join(",")));
    let params = prop_oneof![
        6 => object,
        1 => Just(r#"[null,"produce_message",{}]"#.to_owned()),
        1 => Just(r#"["produce_message"]"#.to_owned()),
        1 => select(&["null", "7", "1e999", "\"produce_message\""][..]).prop_map(str::to_owned),
    ];
    let method = prop_oneof![
        6 => Just(r#""method":"tools/call""#),
        1 => Just(r#""m\u0065thod":"tools\/call""#),
        1 => Just(r#""method":"tools/list""#),
        1 => Just(r#""method":null"#),
    ];
    let method = method.prop_map(str::to_owned).boxed();
    let params = params
        .prop_map(|params| format!(r#""params":{params}"#))
        .boxed();
    let other = select(
        &[
            r#""result":{}"#,
            r#""error":{"code":1,"message":"x"}"#,
            r#""x":{"method":"tools/list"}"#,
            r#""id":"2""#,
        ][..],
    );
    let more = prop_oneof![
        1 => method.clone(),
        1 => params.clone(),
        2 => other.prop_map(str::to_owned),
    ];
    let rest = (method, params, vec(more, 0..2))
        .prop_map(|(method, params, more)| [vec![method, params], more].concat())
        .prop_shuffle()
        .prop_map(|members| members.join(","));
    rest.prop_map(|rest| format!(r#"{{"jsonrpc":"2.0","id":1,{rest}}}"#))
}

fn is_call_of_produce(body: &str) -> bool {
    let message = serde_json::from_str::<ClientJsonRpcMessage>(body);
    let Ok(JsonRpcMessage::Request(message)) = message else {
        return false;
    };
    match message.request {
        ClientRequest::CallToolRequest(call) => call.params.name == "produce_message",
        _ => false,
    }
}

#[tokio::test]
async fn whatever_rmcp_reads_as_a_call_is_refused_to_readers() {
    let server = server();
    let reader = server
        .authenticate(&bearer("read"))
        .await
        .unwrap()
        .principal;
    let calls = Cell::new(0);
    let config = Config {
        cases: 10_000,
        failure_persistence: None,
        ..Config::default()
    };
    let outcome = TestRunner::new(config).run(&message(), |body| {
        if is_call_of_produce(&body) {
            calls.set(calls.get() + 1);
            let verdict = server.authorize(&reader, &HeaderMap::new(), body.as_bytes());
            assert!(verdict.is_err(), "{body}");
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(calls.get() > 300, "only {} calls among them", calls.get());
}
