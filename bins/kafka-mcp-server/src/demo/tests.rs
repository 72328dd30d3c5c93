use kafka_fake::{Api, ErrorCode, Fault, FaultRule};

use super::*;

/// What the demo prints of a world that something is done to, and how it ends.
async fn demo(flags: Layer, change: impl FnOnce(&World)) -> (String, bool) {
    let world = World::start().await.unwrap();
    change(&world);
    let mut out = Vec::new();
    let stage = Stage::set(&world, None, flags).await.unwrap();
    let signals = Signals::listen().unwrap();
    let shown = stage.show(&world, Screen::new(&mut out, false), signals, false);
    let ended = shown.await.unwrap();
    world.shutdown().await;
    (String::from_utf8(out).unwrap(), ended == ExitCode::SUCCESS)
}

fn steps(printed: &str, mark: &str) -> Vec<String> {
    let rows = printed.lines().filter(|line| line.starts_with(mark));
    let title = |row: &str| row.get(17..28).unwrap_or_default().trim_end().to_owned();
    rows.map(title).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn all_steps_pass_on_the_embedded_broker() {
    let (printed, passed) = demo(Layer::new("flag"), |_| {}).await;
    assert!(passed, "{printed}");
    assert_eq!(steps(&printed, "[ ok ]").len(), 15, "{printed}");
    assert!(printed.contains("\nAll 15 steps passed, in "), "{printed}");
    for line in printed.lines() {
        assert!(line.chars().count() <= 100, "{line}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_refuses_to_be_read_fails_the_steps_that_read() {
    let (printed, passed) = demo(Layer::new("flag"), |world| {
        let refused = Fault::Error(ErrorCode::TOPIC_AUTHORIZATION_FAILED);
        let rule = FaultRule::new(refused).api(Api::ListOffsets);
        world.cluster().inject(rule);
    })
    .await;
    assert!(!passed, "{printed}");
    let failed = steps(&printed, "[fail]");
    let expected = ["consume", "aborted", "odd values", "lag", "read back"];
    assert_eq!(failed, expected, "{printed}");
    let said = "expected: an answer of consume_messages";
    assert!(printed.contains(said), "{printed}");
    assert!(printed.contains("authorization_failed"), "{printed}");
    assert!(printed.contains("\n5 of 15 steps failed, in "), "{printed}");
}
