//! Requests of strangers at a node of kafka-fake: whatever they are, the node lives on and answers
//! others, and what it sends is whole frames.

#![no_main]

use std::cell::RefCell;

use futures_util::future::join;
use fuzz::Requests;
use kafka_fake::{Cluster, GroupMember, Record};
use libfuzzer_sys::fuzz_target;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    runtime::{Builder, Runtime},
    time::{Duration, timeout},
};

fuzz_target!(|input: &[u8]| {
    // One thread, so that the same input does the same again.
    thread_local! {
        static RUNTIME: RefCell<Runtime> =
            RefCell::new(Builder::new_current_thread().enable_all().build().expect("a runtime"));
    }
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    RUNTIME.with_borrow(|runtime| runtime.block_on(try_on_a_cluster(*first, rest)));
});

async fn try_on_a_cluster(kind: u8, input: &[u8]) {
    let cluster = start(kind).await;
    // Nobody waits for records or members: time passes when nothing else is to be done.
    tokio::time::pause();
    let answers = timeout(ENDLESS, talk(&cluster, &Requests::new(input).bytes())).await;
    if let Ok(answers) = answers {
        assert_whole(&answers);
    }
    tokio::time::resume();
    let asked = [0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, 0xff, 0xff];
    let answer = talk(&cluster, &asked).await;
    assert_whole(&answer);
    // Number and code.
    assert_eq!(answer.get(4..10), Some(&[0, 0, 0, 7, 0, 0][..]));
    // What has become of the topic; it may be gone.
    let _ = cluster.records(TOPIC, 0);
    let _ = cluster.compact(TOPIC, 0);
    cluster.shutdown().await;
}

/// A cluster with a bit of everything.
async fn start(kind: u8) -> Cluster {
    let mut builder = Cluster::builder().nodes(1).max_log_bytes(1024 * 1024);
    builder = builder.clock(|| 1_767_225_600_000);
    match kind % 4 {
        0 => builder = builder.user("alice", "wonderland"),
        1 => builder = builder.super_user("User:ANONYMOUS"),
        _ => {}
    }
    let cluster = builder.start().await.expect("a cluster");
    cluster.create_topic(TOPIC, 2).expect("a topic");
    let records = (0..3).map(|number| Record::new(format!("order {number}")).key("key"));
    cluster.append(TOPIC, 0, records).expect("records");
    let mut transaction = cluster.begin_transaction();
    let pending = transaction.append(TOPIC, 1, [Record::new("pending")]);
    pending.expect("a record");
    let member = GroupMember::new("client").assigned(TOPIC, [0]);
    cluster.add_member("g", member).expect("a member");
    cluster
        .commit_offset("g", TOPIC, 0, 1, "")
        .expect("a commit");
    cluster
}

/// Sends bytes, says that there are no more, and reads until the node has nothing more to say.
async fn talk(cluster: &Cluster, bytes: &[u8]) -> Vec<u8> {
    let mut stream = TcpStream::connect(cluster.bootstrap_servers())
        .await
        .expect("it listens");
    // Thousands of connections that linger would take all ports.
    stream.set_zero_linger().expect("a socket");
    let (mut from, mut to) = stream.split();
    let sending = async {
        // The node may have sent the client away by then.
        let _ = to.write_all(bytes).await;
        let _ = to.shutdown().await;
    };
    let mut answers = Vec::new();
    let ((), read) = join(sending, from.read_to_end(&mut answers)).await;
    if read.is_err() {
        // Sent away before it had said everything, with which the answers may be lost.
        answers.clear();
    }
    answers
}

#[track_caller]
fn assert_whole(mut frames: &[u8]) {
    while let Some((length, rest)) = frames.split_first_chunk() {
        let length = usize::try_from(i32::from_be_bytes(*length)).expect("a length");
        frames = rest.get(length..).expect("a whole frame");
    }
    assert!(frames.is_empty(), "{frames:?}");
}

const TOPIC: &str = "t";
const ENDLESS: Duration = Duration::from_secs(3600);
