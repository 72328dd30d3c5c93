//! What the user `restricted` may do: nothing, until it is granted.

use kafka_protocol::messages::{
    CreateAclsRequest, DeleteAclsRequest, DescribeAclsRequest, create_acls_request::AclCreation,
    delete_acls_request::DeleteAclsFilter,
};
use tokio::{
    sync::{Mutex, MutexGuard},
    time::{Duration, sleep},
};

use crate::{
    subject::Subject,
    wire::{Wire, text},
};

/// The rights of the user, which one test at a time is about: a real Kafka has them all in one place.
pub(crate) struct Rights {
    admin: Wire,
    turn: MutexGuard<'static, ()>,
}

/// Something that may be done to a resource: its operation, and the kind and the name of the resource.
pub(crate) type Right<'a> = (i8, i8, &'a str);

impl Rights {
    pub(crate) async fn none(subject: &Subject) -> Self {
        let turn = TURN.lock().await;
        let admin = subject.connect().await;
        let mut rights = Self { admin, turn };
        rights.revoke().await;
        rights
    }

    /// Grants these.
    pub(crate) async fn grant(&mut self, rights: &[Right<'_>]) {
        for right in rights {
            self.create(allow(*right)).await;
        }
    }

    /// Adds an ACL, and waits until the broker heeds it.
    pub(crate) async fn create(&mut self, acl: AclCreation) {
        let before = self.count().await;
        let request = CreateAclsRequest::default().with_creations(vec![acl]);
        let answer = self.admin.ask(&request, 3).await;
        assert_eq!(answer.results[0].error_code, 0, "{answer:?}");
        self.wait_for(before + 1).await;
    }

    /// Takes everything away.
    pub(crate) async fn revoke(&mut self) {
        let filter = DeleteAclsFilter::default()
            .with_resource_type_filter(ANY)
            .with_pattern_type_filter(ANY)
            .with_principal_filter(Some(text(PRINCIPAL)))
            .with_operation(ANY)
            .with_permission_type(ANY);
        let filter = filter
            .with_resource_name_filter(None)
            .with_host_filter(None);
        let request = DeleteAclsRequest::default().with_filters(vec![filter]);
        let answer = self.admin.ask(&request, 3).await;
        assert_eq!(answer.filter_results[0].error_code, 0, "{answer:?}");
        self.wait_for(0).await;
    }

    /// Leaves nothing behind.
    pub(crate) async fn clean(mut self) {
        self.revoke().await;
        drop(self.turn);
    }

    async fn wait_for(&mut self, count: usize) {
        for _ in 0..500 {
            if self.count().await == count {
                return;
            }
            sleep(Duration::from_millis(5)).await;
        }
        panic!("the broker does not hear of the ACLs")
    }

    async fn count(&mut self) -> usize {
        let answer = self.admin.ask(&all_of(PRINCIPAL), 3).await;
        assert_eq!(answer.error_code, 0, "{answer:?}");
        let resources = answer.resources.iter();
        resources.map(|resource| resource.acls.len()).sum()
    }
}

/// All ACLs of a principal.
pub(crate) fn all_of(principal: &str) -> DescribeAclsRequest {
    DescribeAclsRequest::default()
        .with_resource_type_filter(ANY)
        .with_resource_name_filter(None)
        .with_pattern_type_filter(ANY)
        .with_principal_filter(Some(text(principal)))
        .with_host_filter(None)
        .with_operation(ANY)
        .with_permission_type(ANY)
}

pub(crate) fn allow((operation, kind, name): Right<'_>) -> AclCreation {
    AclCreation::default()
        .with_resource_type(kind)
        .with_resource_name(text(name))
        .with_resource_pattern_type(LITERAL)
        .with_principal(text(PRINCIPAL))
        .with_host(text("*"))
        .with_operation(operation)
        .with_permission_type(ALLOW)
}

pub(crate) fn deny(right: Right<'_>) -> AclCreation {
    allow(right).with_permission_type(DENY)
}

/// The user, who has the same password everywhere.
pub(crate) const USER: &str = "restricted";
pub(crate) const PRINCIPAL: &str = "User:restricted";

static TURN: Mutex<()> = Mutex::const_new(());

/// The numbers of Kafka's `AclOperation`.
pub(crate) const ANY: i8 = 1;
pub(crate) const ALL: i8 = 2;
pub(crate) const READ: i8 = 3;
pub(crate) const WRITE: i8 = 4;
pub(crate) const CREATE: i8 = 5;
pub(crate) const DELETE: i8 = 6;
pub(crate) const ALTER: i8 = 7;
pub(crate) const DESCRIBE: i8 = 8;
pub(crate) const CLUSTER_ACTION: i8 = 9;
pub(crate) const DESCRIBE_CONFIGS: i8 = 10;
pub(crate) const ALTER_CONFIGS: i8 = 11;
pub(crate) const IDEMPOTENT_WRITE: i8 = 12;

/// The numbers of its `ResourceType`, `PatternType` and `AclPermissionType`.
pub(crate) const TOPIC: i8 = 2;
pub(crate) const GROUP: i8 = 3;
pub(crate) const CLUSTER: i8 = 4;
pub(crate) const TRANSACTIONAL_ID: i8 = 5;
pub(crate) const MATCH: i8 = 2;
pub(crate) const LITERAL: i8 = 3;
pub(crate) const PREFIXED: i8 = 4;
pub(crate) const DENY: i8 = 2;
pub(crate) const ALLOW: i8 = 3;

/// What the cluster is called.
pub(crate) const THE_CLUSTER: &str = "kafka-cluster";
