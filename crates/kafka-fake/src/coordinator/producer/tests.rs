use super::*;

#[tokio::test]
async fn an_id_is_replaced_when_its_epochs_are_used_up() {
    let mut producer = TransactionalProducer::new(1);
    producer.epoch = LAST_EPOCH - 1;
    let last = ready(producer.initialize(None, 1, || 2));
    assert_eq!(last, (1, LAST_EPOCH));
    producer.add([("orders".to_owned(), 0)], 0);
    let ended = producer.end(last, Ending::Commit, true, || 2).unwrap();
    assert_eq!(ended.unwrap().producer, (1, i16::MAX));
    assert_eq!(producer.identity(), (2, 0));

    producer.epoch = LAST_EPOCH;
    assert_eq!(ready(producer.initialize(None, 1, || 3)), (3, 0));
}

#[tokio::test]
async fn fencing_has_an_epoch_left_and_the_next_start_has_another_id() {
    let mut producer = TransactionalProducer::new(1);
    producer.epoch = LAST_EPOCH;
    producer.add([("orders".to_owned(), 0)], 0);
    let Ok(Initialized::Fenced(ended)) = producer.initialize(None, 1, || 2) else {
        panic!("{producer:?}")
    };
    assert_eq!(ended.producer, (1, i16::MAX));
    assert_eq!(ready(producer.initialize(None, 1, || 2)), (2, 0));
}

fn ready(outcome: Result<Initialized, ErrorCode>) -> Identity {
    match outcome {
        Ok(Initialized::Ready(identity)) => identity,
        other => panic!("{other:?}"),
    }
}
