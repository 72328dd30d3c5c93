//! Tests of what ACLs allow.

use super::*;

/// Whether alice, at this address, may do that to a topic.
#[track_caller]
fn check(acls: &[Acl], operation: AclOperation, topic: &str, expected: bool) {
    let found = alices(acls, |authorizer, alice| {
        authorizer.allows(alice, operation, Resource::Topic(topic))
    });
    assert_eq!(found, expected, "{operation:?} {topic} {acls:#?}");
}

fn alices(acls: &[Acl], judge: impl FnOnce(&Authorizer, Client<'_>) -> bool) -> bool {
    let super_users = BTreeSet::from(["User:admin".to_owned()]);
    let authorizer = Authorizer::new(&super_users, acls).unwrap().unwrap();
    let alice = Client {
        principal: "User:alice",
        host: "10.0.0.1",
    };
    judge(&authorizer, alice)
}

fn allow(operation: AclOperation, resource: ResourcePattern) -> Acl {
    Acl::allow("User:alice", operation, resource)
}

fn deny(operation: AclOperation, resource: ResourcePattern) -> Acl {
    Acl::deny("User:alice", operation, resource)
}

fn topic(name: &str) -> ResourcePattern {
    ResourcePattern::topic(name)
}

use AclOperation::{All, Alter, AlterConfigs, Delete, Describe, DescribeConfigs, Read, Write};

#[test]
fn a_pattern_is_a_name_the_beginning_of_one_or_all() {
    for (pattern, orders, orders_eu, audit) in [
        (topic("orders"), true, false, false),
        (topic("orders").prefixed(), true, true, false),
        (topic("*"), true, true, true),
        (topic("*").prefixed(), false, false, false),
        (ResourcePattern::group("orders"), false, false, false),
    ] {
        let acls = [allow(Read, pattern)];
        check(&acls, Read, "orders", orders);
        check(&acls, Read, "orders-eu", orders_eu);
        check(&acls, Read, "audit", audit);
    }
}

#[test]
fn an_acl_is_about_one_principal_or_all_from_one_host_or_all() {
    for (principal, host, expected) in [
        ("User:alice", "*", true),
        ("User:alice", "10.0.0.1", true),
        ("User:alice", "10.0.0.2", false),
        ("User:*", "*", true),
        ("User:bob", "*", false),
        ("User:al*", "*", false),
        ("Group:alice", "*", false),
    ] {
        let acl = Acl::allow(principal, Read, topic("orders")).host(host);
        check(&[acl], Read, "orders", expected);
    }
}

#[test]
fn some_operations_imply_others_where_they_are_allowed() {
    for (allowed, operation, expected) in [
        (All, Read, true),
        (Read, Describe, true),
        (Write, Describe, true),
        (Delete, Describe, true),
        (Alter, Describe, true),
        (AlterConfigs, DescribeConfigs, true),
        (AlterConfigs, Describe, false),
        (DescribeConfigs, Describe, false),
        (Describe, Read, false),
        (Read, Write, false),
        (Read, All, false),
    ] {
        check(&[allow(allowed, topic("t"))], operation, "t", expected);
    }
}

#[test]
fn what_is_denied_is_stronger_and_implies_nothing() {
    let all = allow(All, topic("*"));
    for (denied, operation, expected) in [
        (deny(Read, topic("t")), Read, false),
        (deny(Read, topic("t").prefixed()), Read, false),
        (deny(Read, topic("*")), Read, false),
        (deny(All, topic("t")), Read, false),
        (deny(Read, topic("t")), Describe, true),
        (deny(Read, topic("other")), Read, true),
        (Acl::deny("User:bob", Read, topic("t")), Read, true),
    ] {
        check(&[all.clone(), denied], operation, "t", expected);
    }
}

#[test]
fn super_users_may_do_everything_and_nobody_else_without_an_acl() {
    check(&[], Describe, "orders", false);
    let denied = [Acl::deny("User:*", All, topic("*"))];
    assert!(alices(&denied, |authorizer, alice| {
        let admin = Client {
            principal: "User:admin",
            ..alice
        };
        authorizer.allows(admin, Write, Resource::Topic("orders"))
            && authorizer.allows_any(admin, Write, ResourceType::Topic)
    }));
}

// KIP-679: unless all that is allowed is within what is denied, there may be such a topic.
#[test]
fn writing_to_any_topic_is_allowed_unless_denials_cover_all_that_is_allowed() {
    for (acls, expected) in [
        (vec![], false),
        (vec![allow(Write, topic("orders"))], true),
        (vec![allow(All, topic("orders"))], true),
        (vec![allow(Read, topic("orders"))], false),
        (vec![allow(Write, ResourcePattern::group("orders"))], false),
        (vec![Acl::allow("User:bob", Write, topic("orders"))], false),
        (
            vec![allow(Write, topic("*")), deny(Write, topic("o"))],
            true,
        ),
        (
            vec![allow(Write, topic("o")), deny(Write, topic("*"))],
            false,
        ),
        (vec![allow(Write, topic("o")), deny(All, topic("o"))], false),
        (
            vec![allow(Write, topic("o")), deny(Write, topic("other"))],
            true,
        ),
        (
            vec![
                allow(Write, topic("or")),
                deny(Write, topic("o").prefixed()),
            ],
            false,
        ),
        (
            vec![allow(Write, topic("o").prefixed()), deny(Write, topic("o"))],
            true,
        ),
        (
            vec![
                allow(Write, topic("or").prefixed()),
                deny(Write, topic("o").prefixed()),
            ],
            false,
        ),
        (
            vec![
                allow(Write, topic("o").prefixed()),
                deny(Write, topic("or").prefixed()),
            ],
            true,
        ),
    ] {
        let found = alices(&acls, |authorizer, alice| {
            authorizer.allows_any(alice, Write, ResourceType::Topic)
        });
        assert_eq!(found, expected, "{acls:#?}");
    }
}

#[test]
fn an_acl_that_makes_no_sense_is_refused() {
    for acl in [
        Acl::allow("alice", Read, topic("orders")),
        allow(Read, topic("")),
        allow(
            Read,
            ResourcePattern {
                name: "another".to_owned(),
                ..ResourcePattern::cluster()
            },
        ),
    ] {
        let error = Authorizer::new(&BTreeSet::new(), std::slice::from_ref(&acl)).unwrap_err();
        let code = ErrorCode::INVALID_REQUEST;
        assert!(matches!(error, Error::AclRefused { code: found, .. } if found == code));
    }
    assert!(Authorizer::new(&BTreeSet::new(), &[]).unwrap().is_none());
}
