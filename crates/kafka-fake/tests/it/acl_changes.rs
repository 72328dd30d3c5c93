//! ACLs that are created, described and deleted.

use kafka_fake::{Acl, AclOperation, Api, Cluster, Error, ErrorCode, ResourcePattern};
use kafka_protocol::messages::{
    CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest,
    delete_acls_request::DeleteAclsFilter,
};

use crate::{
    acl_requests::Names,
    rights::{
        ALL, ALLOW, ANY, CLUSTER, DENY, GROUP, LITERAL, MATCH, PREFIXED, PRINCIPAL, READ, Rights,
        TOPIC, WRITE, all_of, allow, deny,
    },
    subject::{Subject, unique},
    wire::{Wire, text},
};

#[tokio::test]
async fn acls_are_created_described_and_deleted_in_every_version() {
    for subject in Subject::all_with_acls().await {
        let rights = Rights::none(&subject).await;
        let mut wire = subject.connect().await;
        for version in Api::CreateAcls.versions() {
            let acls = [
                allow((READ, TOPIC, "orders")),
                deny((WRITE, TOPIC, "orders")).with_host(text("10.0.0.1")),
                allow((ALL, GROUP, "bill")).with_resource_pattern_type(PREFIXED),
            ];
            // Twice is once.
            for _ in 0..2 {
                let request = CreateAclsRequest::default().with_creations(acls.to_vec());
                let answer = wire.ask(&request, version).await;
                let codes: Vec<i16> = answer.results.iter().map(|one| one.error_code).collect();
                assert_eq!(codes, [0; 3], "{} {version}", subject.name);
            }
            let expected = [
                (TOPIC, "orders", LITERAL, "*", READ, ALLOW),
                (TOPIC, "orders", LITERAL, "10.0.0.1", WRITE, DENY),
                (GROUP, "bill", PREFIXED, "*", ALL, ALLOW),
            ];
            let expected = expected.map(|(kind, name, pattern, host, operation, permission)| {
                (
                    kind,
                    name.to_owned(),
                    pattern,
                    host.to_owned(),
                    operation,
                    permission,
                )
            });
            let mut found = Vec::new();
            for _ in 0..500 {
                found = described(&mut wire, &all_of(PRINCIPAL), version).await;
                if found.len() == expected.len() {
                    break;
                }
                tokio::time::sleep(tokio::time::Duration::from_millis(5)).await;
            }
            assert_eq!(found, expected, "{} {version}", subject.name);
            let request = DeleteAclsRequest::default().with_filters(vec![
                filter(TOPIC, None, ANY),
                filter(GROUP, Some("bill"), PREFIXED),
                filter(GROUP, Some("other"), PREFIXED),
            ]);
            let answer = wire.ask(&request, version).await;
            let mut deleted: Vec<_> = answer
                .filter_results
                .iter()
                .map(|result| (result.error_code, result.matching_acls.len()))
                .collect();
            deleted.sort_unstable();
            assert_eq!(
                deleted,
                [(0, 0), (0, 1), (0, 2)],
                "{} {version}",
                subject.name
            );
            rights_are_gone(&mut wire).await;
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_filter_is_about_names_patterns_or_what_is_meant_by_them() {
    for subject in Subject::all_with_acls().await {
        let mut rights = Rights::none(&subject).await;
        let mut wire = subject.connect().await;
        for acl in [
            allow((READ, TOPIC, "orders")),
            allow((WRITE, TOPIC, "ord")).with_resource_pattern_type(PREFIXED),
            allow((ALL, TOPIC, "*")),
            allow((READ, GROUP, "orders")),
            deny((READ, TOPIC, "audit")),
        ] {
            rights.create(acl).await;
        }
        for (kind, name, pattern, count) in [
            (ANY, None, ANY, 5),
            (TOPIC, None, ANY, 4),
            (TOPIC, None, LITERAL, 3),
            (TOPIC, None, PREFIXED, 1),
            (TOPIC, None, MATCH, 4),
            (ANY, Some("orders"), ANY, 2),
            (ANY, Some("orders"), LITERAL, 2),
            (ANY, Some("orders"), PREFIXED, 0),
            (TOPIC, Some("orders"), MATCH, 3),
            (ANY, Some("orders"), MATCH, 4),
            (TOPIC, Some("ord"), MATCH, 2),
            (TOPIC, Some("ord"), ANY, 1),
            (TOPIC, Some("*"), LITERAL, 1),
            (CLUSTER, None, ANY, 0),
        ] {
            let request = all_of(PRINCIPAL)
                .with_resource_type_filter(kind)
                .with_resource_name_filter(name.map(text))
                .with_pattern_type_filter(pattern);
            let found = described(&mut wire, &request, 3).await.len();
            assert_eq!(found, count, "{} {request:?}", subject.name);
        }
        for (operation, permission, host, count) in [
            (READ, ANY, None, 3),
            (READ, ALLOW, None, 2),
            (ANY, DENY, None, 1),
            (ALL, ANY, None, 1),
            (ANY, ANY, Some("*"), 5),
            (ANY, ANY, Some("127.0.0.1"), 0),
        ] {
            let request = all_of(PRINCIPAL)
                .with_operation(operation)
                .with_permission_type(permission)
                .with_host_filter(host.map(text));
            let found = described(&mut wire, &request, 3).await.len();
            assert_eq!(found, count, "{} {request:?}", subject.name);
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn acls_that_make_no_sense_are_refused_one_by_one() {
    for subject in Subject::all_with_acls().await {
        let rights = Rights::none(&subject).await;
        let mut wire = subject.connect().await;
        let good = || allow((READ, TOPIC, "orders"));
        for acl in [
            allow((READ, CLUSTER, "another")),
            allow((READ, TOPIC, "")),
            good().with_principal(text("restricted")),
        ] {
            let request = CreateAclsRequest::default().with_creations(vec![acl.clone(), good()]);
            let answer = wire.ask(&request, 3).await;
            let codes: Vec<i16> = answer.results.iter().map(|one| one.error_code).collect();
            assert_eq!(codes, [42, 0], "{} {acl:?}", subject.name);
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn numbers_that_mean_nothing_or_anything_are_refused_in_acls() {
    for subject in Subject::all_with_acls().await {
        let rights = Rights::none(&subject).await;
        let good = || allow((READ, TOPIC, "orders"));
        for (acl, expected) in [
            (good().with_resource_type(0), None),
            (good().with_permission_type(0), None),
            (good().with_resource_type(99), Some([42, 0])),
            (good().with_resource_pattern_type(99), Some([42, 0])),
            (good().with_operation(99), Some([42, 0])),
            (good().with_permission_type(99), Some([42, 0])),
            (good().with_resource_type(ANY), Some([-1, -1])),
            (good().with_resource_pattern_type(ANY), Some([-1, -1])),
            (good().with_resource_pattern_type(MATCH), Some([-1, -1])),
            (good().with_operation(ANY), Some([-1, -1])),
            (good().with_permission_type(ANY), Some([-1, -1])),
        ] {
            let mut wire = subject.connect().await;
            let request = CreateAclsRequest::default().with_creations(vec![acl.clone(), good()]);
            wire.send(&request, 3).await;
            let Some(expected) = expected else {
                assert_eq!(wire.read().await, None, "{} {acl:?}", subject.name);
                continue;
            };
            let answer = wire.answer::<CreateAclsRequest>(3).await;
            let codes: Vec<i16> = answer.results.iter().map(|one| one.error_code).collect();
            assert_eq!(codes, expected, "{} {acl:?}", subject.name);
        }
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_filter_with_a_number_that_means_nothing_finds_nothing() {
    for subject in Subject::all_with_acls().await {
        let mut rights = Rights::none(&subject).await;
        rights.grant(&[(READ, TOPIC, "orders")]).await;
        for (kind, pattern, operation) in [(99, ANY, ANY), (ANY, 99, ANY), (ANY, ANY, 99)] {
            let mut wire = subject.connect().await;
            let request = all_of(PRINCIPAL)
                .with_resource_type_filter(kind)
                .with_pattern_type_filter(pattern)
                .with_operation(operation);
            assert!(described(&mut wire, &request, 3).await.is_empty());
            let filter = filter(kind, None, pattern).with_operation(operation);
            let request = DeleteAclsRequest::default().with_filters(vec![filter]);
            let answer = wire.ask(&request, 3).await;
            assert_eq!(answer.filter_results[0].error_code, 42, "{}", subject.name);
        }
        let mut wire = subject.connect().await;
        wire.send(&all_of(PRINCIPAL).with_operation(0), 3).await;
        assert_eq!(wire.read().await, None, "{}", subject.name);
        let mut wire = subject.connect().await;
        let request = DeleteAclsRequest::default().with_filters(vec![filter(0, None, ANY)]);
        wire.send(&request, 3).await;
        assert_eq!(wire.read().await, None, "{}", subject.name);
        rights.clean().await;
        subject.clean().await;
    }
}

#[tokio::test]
async fn a_cluster_without_an_authorizer_knows_no_acls_and_refuses_nothing() {
    let cluster = Cluster::builder().user("alice", "alice-secret").start();
    let cluster = cluster.await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    wire.log_in("alice", "alice-secret").await;
    assert_eq!(wire.ask(&all_of(PRINCIPAL), 3).await.error_code, 54);
    let request = CreateAclsRequest::default().with_creations(vec![allow((READ, TOPIC, "orders"))]);
    assert_eq!(wire.ask(&request, 3).await.results[0].error_code, 54);
    let request = DeleteAclsRequest::default().with_filters(vec![filter(TOPIC, None, ANY)]);
    assert_eq!(wire.ask(&request, 3).await.filter_results[0].error_code, 54);
    let acl = Acl::allow(
        "User:alice",
        AclOperation::Read,
        ResourcePattern::topic("orders"),
    );
    for error in [
        cluster.add_acl(acl.clone()).unwrap_err(),
        cluster.remove_acl(&acl).unwrap_err(),
    ] {
        let code = ErrorCode::SECURITY_DISABLED;
        assert!(matches!(error, Error::AclRefused { code: found, .. } if found == code));
    }
    cluster.shutdown().await;
}

#[tokio::test]
async fn acls_are_given_at_the_start_and_change_while_clients_are_connected() {
    let read = |user| {
        let orders = ResourcePattern::topic("orders");
        Acl::allow(user, AclOperation::Read, orders)
    };
    let cluster = Cluster::builder().acl(read("User:ANONYMOUS")).start();
    let cluster = cluster.await.unwrap();
    cluster.create_topic("orders", 1).unwrap();
    let mut names = Names::of("orders");
    let mut wire = Wire::connect(&cluster.bootstrap_servers()).await;
    assert_eq!(names.ask(&mut wire, Api::Fetch).await, 0);
    assert!(cluster.remove_acl(&read("User:ANONYMOUS")).unwrap());
    assert!(!cluster.remove_acl(&read("User:ANONYMOUS")).unwrap());
    assert_eq!(names.ask(&mut wire, Api::Fetch).await, 29);
    cluster.add_acl(read("User:*")).unwrap();
    assert_eq!(names.ask(&mut wire, Api::Fetch).await, 0);
    names.topic = unique("another");
    assert_eq!(names.ask(&mut wire, Api::Fetch).await, 29);
    cluster.shutdown().await;
    let error = Cluster::builder()
        .acl(read("alice"))
        .start()
        .await
        .unwrap_err();
    assert!(matches!(error, Error::AclRefused { .. }), "{error}");
}

async fn rights_are_gone(wire: &mut Wire) {
    for _ in 0..500 {
        if described(wire, &all_of(PRINCIPAL), 3).await.is_empty() {
            return;
        }
        tokio::time::sleep(tokio::time::Duration::from_millis(5)).await;
    }
    panic!("the broker does not hear of the ACLs")
}

/// Kind, name, pattern, host, operation and permission, those of topics first.
type Described = (i8, String, i8, String, i8, i8);

async fn described(wire: &mut Wire, request: &DescribeAclsRequest, version: i16) -> Vec<Described> {
    let answer = wire.ask(request, version).await;
    assert_eq!(answer.error_code, 0, "{answer:?}");
    let mut found = Vec::new();
    for resource in &answer.resources {
        for acl in &resource.acls {
            assert_eq!(&*acl.principal, PRINCIPAL);
            found.push((
                resource.resource_type,
                resource.resource_name.to_string(),
                resource.pattern_type,
                acl.host.to_string(),
                acl.operation,
                acl.permission_type,
            ));
        }
    }
    found.sort();
    found
}

fn filter(kind: i8, name: Option<&str>, pattern: i8) -> DeleteAclsFilter {
    DeleteAclsFilter::default()
        .with_resource_type_filter(kind)
        .with_resource_name_filter(name.map(text))
        .with_pattern_type_filter(pattern)
        .with_principal_filter(Some(text(PRINCIPAL)))
        .with_host_filter(None)
        .with_operation(ANY)
        .with_permission_type(ANY)
}
