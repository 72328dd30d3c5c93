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

#[test]
fn an_offset_that_is_kept_can_be_replaced_when_there_is_no_room_for_more() {
    let mut producer = TransactionalProducer::new(1);
    let key = |partition| ("billing".to_owned(), "orders".to_owned(), partition);
    let at = |offset| Committed::new(offset, -1, None);
    let count = i32::try_from(MAX_OFFSETS).unwrap();
    for partition in 0..count {
        producer.commit_later(key(partition), at(1)).unwrap();
    }
    let more = producer.commit_later(key(count), at(1));
    assert_eq!(more, Err(ErrorCode::POLICY_VIOLATION));
    assert_eq!(producer.commit_later(key(0), at(2)), Ok(()));
    assert_eq!(producer.offsets()[&key(0)], at(2));
}

fn ready(outcome: Result<Initialized, ErrorCode>) -> Identity {
    match outcome {
        Ok(Initialized::Ready(identity)) => identity,
        other => panic!("{other:?}"),
    }
}
