//! What ACLs mean: patterns, denials, and what one right implies.

use kafka_fake::Api;
use kafka_protocol::messages::create_acls_request::AclCreation;

use crate::{
    acl_requests::Names,
    requests::nameless,
    rights::{
        ALL, ALTER, ALTER_CONFIGS, CLUSTER, DELETE, DESCRIBE, DESCRIBE_CONFIGS, GROUP,
        IDEMPOTENT_WRITE, PREFIXED, READ, Rights, THE_CLUSTER, TOPIC, USER, WRITE, allow, deny,
    },
    subject::Subject,
    wire::{Wire, text},
};

const ALLOWED: [i16; 3] = [0, 0, 0];

/// The codes for reading, for looking at offsets, and for looking at settings.
async fn ask(names: &Names, wire: &mut Wire) -> [i16; 3] {
    [
        names.ask(wire, Api::Fetch).await,
        names.ask(wire, Api::ListOffsets).await,
        names.ask(wire, Api::DescribeConfigs).await,
    ]
}

/// What a topic of that name may be done to with these ACLs.
async fn check(acls: impl Fn(&str) -> Vec<(Vec<AclCreation>, [i16; 3])>) {
    for mut subject in Subject::all_with_acls().await {
        let names = Names::new(&mut subject).await;
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        for (acls, expected) in acls(&names.topic) {
            for acl in &acls {
                rights.create(acl.clone()).await;
            }
            let found = ask(&names, &mut wire).await;
            assert_eq!(found, expected, "{} {acls:#?}", subject.name);
            rights.revoke().await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_pattern_is_a_name_the_beginning_of_one_or_all() {
    check(|topic| {
        let start = &topic[..topic.len() - 1];
        let prefixed = |name| allow((ALL, TOPIC, name)).with_resource_pattern_type(PREFIXED);
        vec![
            (vec![], [29, 29, 29]),
            (vec![allow((ALL, TOPIC, topic))], ALLOWED),
            (vec![allow((ALL, TOPIC, "*"))], ALLOWED),
            (vec![prefixed(topic)], ALLOWED),
            (vec![prefixed(start)], ALLOWED),
            (vec![allow((ALL, TOPIC, start))], [29, 29, 29]),
            (vec![prefixed("another")], [29, 29, 29]),
            (vec![allow((ALL, GROUP, topic))], [29, 29, 29]),
        ]
    })
    .await;
}

#[tokio::test]
async fn an_acl_is_about_one_host_or_all_of_them() {
    check(|topic| {
        let from = |host| allow((ALL, TOPIC, topic)).with_host(text(host));
        vec![
            (vec![from("127.0.0.1")], ALLOWED),
            (vec![from("127.0.0.2")], [29, 29, 29]),
        ]
    })
    .await;
}

#[tokio::test]
async fn some_operations_imply_others_where_they_are_allowed() {
    check(|topic| {
        let only = |operation| vec![allow((operation, TOPIC, topic))];
        vec![
            (only(READ), [0, 0, 29]),
            (only(WRITE), [29, 0, 29]),
            (only(DELETE), [29, 0, 29]),
            (only(ALTER), [29, 0, 29]),
            (only(DESCRIBE), [29, 0, 29]),
            (only(ALTER_CONFIGS), [29, 29, 0]),
            (only(DESCRIBE_CONFIGS), [29, 29, 0]),
        ]
    })
    .await;
}

#[tokio::test]
async fn what_is_denied_is_stronger_and_implies_nothing() {
    check(|topic| {
        let all = allow((ALL, TOPIC, topic));
        let but = |acl: AclCreation| vec![all.clone(), acl];
        vec![
            (but(deny((READ, TOPIC, topic))), [29, 0, 0]),
            (but(deny((READ, TOPIC, "*"))), [29, 0, 0]),
            (
                but(deny((READ, TOPIC, &topic[..3])).with_resource_pattern_type(PREFIXED)),
                [29, 0, 0],
            ),
            (but(deny((ALL, TOPIC, topic))), [29, 29, 29]),
            (but(deny((DESCRIBE, TOPIC, topic))), [0, 29, 0]),
            (but(deny((READ, TOPIC, "another"))), ALLOWED),
            (
                but(deny((ALL, TOPIC, topic)).with_host(text("127.0.0.2"))),
                ALLOWED,
            ),
        ]
    })
    .await;
}

// KIP-679.
#[tokio::test]
async fn an_idempotent_producer_may_be_who_may_write_to_any_topic() {
    for subject in Subject::all_with_acls().await {
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect_as(USER).await;
        let orders = allow((WRITE, TOPIC, "orders"));
        let denied = |name, pattern| deny((WRITE, TOPIC, name)).with_resource_pattern_type(pattern);
        for (acls, code) in [
            (vec![], 31),
            (vec![allow((IDEMPOTENT_WRITE, CLUSTER, THE_CLUSTER))], 0),
            (vec![allow((WRITE, CLUSTER, THE_CLUSTER))], 31),
            (vec![orders.clone()], 0),
            (vec![allow((ALL, TOPIC, "orders"))], 0),
            (vec![allow((READ, TOPIC, "orders"))], 31),
            (vec![allow((WRITE, GROUP, "orders"))], 31),
            (vec![orders.clone(), denied("orders", 3)], 31),
            (vec![orders.clone(), denied("*", 3)], 31),
            (vec![orders.clone(), denied("ord", PREFIXED)], 31),
            (vec![orders.clone(), denied("audit", 3)], 0),
            (vec![allow((WRITE, TOPIC, "*")), denied("orders", 3)], 0),
        ] {
            for acl in &acls {
                rights.create(acl.clone()).await;
            }
            let found = wire.ask(&nameless(), 4).await.error_code;
            assert_eq!(found, code, "{} {acls:#?}", subject.name);
            rights.revoke().await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}
