//! Tests of the rendered broker properties.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::{Properties, server_properties};
use crate::kafka::certificates::{Identity, TlsFiles};
use crate::kafka::listener::Listener;
use crate::kafka::node::Node;
use crate::kafka::state::Cluster;
use crate::kafka::user::User;
use crate::kafka::version::Version;

fn cluster(nodes: u16) -> Cluster {
    let identity = || Identity {
        certificate: PathBuf::new(),
        key: PathBuf::new(),
    };
    let directory = Path::new("/clusters/dev");
    Cluster {
        name: "dev".to_owned(),
        version: Version::default(),
        cluster_id: "AAAAAAAAAAAAAAAAAAAAAA".to_owned(),
        jars: PathBuf::from("/jars"),
        nodes: (1..=nodes)
            .map(|id| Node::new(id, 21_000, directory))
            .collect(),
        listeners: BTreeMap::new(),
        users: User::all(),
        tls: TlsFiles {
            ca: directory.join("tls/ca.pem"),
            other_ca: directory.join("tls/other-ca.pem"),
            client: identity(),
            client_expired: identity(),
            client_untrusted: identity(),
        },
    }
}

/// Returns the properties of the last node, each of which must be set once.
fn properties(nodes: u16) -> BTreeMap<String, String> {
    let cluster = cluster(nodes);
    let text = server_properties(&cluster, cluster.nodes.last().unwrap());
    let mut properties = BTreeMap::new();
    for line in text.lines() {
        let (key, value) = line.split_once('=').unwrap();
        let earlier = properties.insert(key.to_owned(), value.to_owned());
        assert_eq!(earlier, None, "{key} is set twice");
    }
    properties
}

#[track_caller]
fn check(properties: &BTreeMap<String, String>, key: &str, expected: &str) {
    assert_eq!(
        properties.get(key).map(String::as_str),
        Some(expected),
        "{key}"
    );
}

#[test]
fn a_single_broker_replicates_nothing() {
    let properties = properties(1);

    check(&properties, "controller.quorum.voters", "1@127.0.0.1:21008");
    check(&properties, "default.replication.factor", "1");
    check(&properties, "min.insync.replicas", "1");
    check(&properties, "offsets.topic.replication.factor", "1");
    check(&properties, "transaction.state.log.min.isr", "1");
}

#[test]
fn three_brokers_survive_the_loss_of_one() {
    let properties = properties(3);

    check(&properties, "node.id", "3");
    check(
        &properties,
        "controller.quorum.voters",
        "1@127.0.0.1:21008,2@127.0.0.1:21018,3@127.0.0.1:21028",
    );
    check(&properties, "default.replication.factor", "3");
    check(&properties, "min.insync.replicas", "2");
    check(&properties, "offsets.topic.replication.factor", "3");
    check(&properties, "transaction.state.log.min.isr", "2");
    check(&properties, "log.dirs", "/clusters/dev/node-3/data");
}

#[test]
fn every_listener_is_opened_advertised_and_mapped() {
    let properties = properties(1);

    for listener in Listener::ALL {
        let name = listener.name().to_uppercase();
        let address = format!("{name}://127.0.0.1:{}", 21_000 + listener.port_offset());
        let map = format!("{name}:{}", listener.security_protocol());
        assert!(
            properties["listeners"]
                .split(',')
                .any(|entry| entry == address)
        );
        assert!(
            properties["advertised.listeners"]
                .split(',')
                .any(|entry| entry == address)
        );
        assert!(
            properties["listener.security.protocol.map"]
                .split(',')
                .any(|entry| entry == map)
        );
    }
    assert!(!properties["advertised.listeners"].contains("CONTROLLER"));
}

#[test]
fn the_bad_certificates_stay_on_their_own_listeners() {
    let properties = properties(1);

    check(
        &properties,
        "ssl.keystore.location",
        "/clusters/dev/tls/server.keystore.pem",
    );
    check(
        &properties,
        "listener.name.expired.ssl.keystore.location",
        "/clusters/dev/tls/server-expired.keystore.pem",
    );
    check(
        &properties,
        "listener.name.wrong_host.ssl.keystore.location",
        "/clusters/dev/tls/server-wrong-host.keystore.pem",
    );
    check(
        &properties,
        "listener.name.mtls.ssl.client.auth",
        "required",
    );
    assert!(!properties.contains_key("ssl.client.auth"));
}

#[test]
fn access_control_lists_bind_the_restricted_user_only() {
    let properties = properties(1);

    check(&properties, "allow.everyone.if.no.acl.found", "false");
    check(
        &properties,
        "super.users",
        "User:ANONYMOUS;User:admin;User:alice;User:bob",
    );
}

#[test]
fn paths_survive_the_properties_format() {
    let mut properties = Properties::default();

    properties.set_path("log.dirs", Path::new("/home/zoë/a b\\c"));

    assert_eq!(properties.0, "log.dirs=/home/zo\\u00eb/a b\\\\c\n");
}
