//! All stores answer alike.

use mcp_oauth::Store;

use super::{HOUR, key, subject::Subject};

/// The same numbers in every run (xorshift).
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, end: u8) -> u8 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        u8::try_from(self.0 % u64::from(end)).expect("less than 256")
    }
}

/// Does something, on few keys and with few values so that they meet often, and says what happened.
async fn step(store: &dyn Store, numbers: &mut Numbers) -> String {
    let (entry, count) = (key(numbers.below(3)), key(100 + numbers.below(3)));
    let (first, second) = ([numbers.below(3)], [numbers.below(3)]);
    match numbers.below(5) {
        0 => format!("{:?}", store.put_new(&entry, &first, HOUR).await),
        1 => format!("{:?}", store.get(&entry).await),
        2 => format!("{:?}", store.take(&entry).await),
        3 => {
            let swapped = store.compare_and_swap(&entry, &first, &second, HOUR);
            format!("{:?}", swapped.await)
        }
        _ => format!("{:?}", store.incr(&count, HOUR).await),
    }
}

#[tokio::test]
async fn all_stores_give_the_same_answers() {
    let mut histories = Vec::new();
    for Subject { name, store, .. } in &Subject::all().await {
        let mut numbers = Numbers(4711);
        let mut history = Vec::new();
        for _ in 0..1000 {
            history.push(step(&**store, &mut numbers).await);
        }
        histories.push((*name, history));
    }
    let ((_, first), others) = histories.split_first().unwrap();
    assert!(first.iter().any(|answer| answer == "Ok(true)"));
    assert!(first.iter().any(|answer| answer == "Ok(Some([2]))"));
    for (name, history) in others {
        assert_eq!(history, first, "{name}");
    }
}

#[tokio::test]
async fn values_come_back_as_they_were_put() {
    for Subject { name, store, .. } in &Subject::all().await {
        let all_bytes: Vec<u8> = (0..=255).collect();
        let large = vec![0xa5; 16 * 1024];
        for (number, value) in [(1, &[][..]), (2, &all_bytes), (3, &large)] {
            let key = key(number);
            assert!(store.put_new(&key, value, HOUR).await.unwrap(), "{name}");
            let read = store.get(&key).await.unwrap();
            assert_eq!(read.as_deref(), Some(value), "{name}");
            let swap = store
                .compare_and_swap(&key, value, value, HOUR)
                .await
                .unwrap();
            assert!(swap, "{name}");
            let taken = store.take(&key).await.unwrap();
            assert_eq!(taken.as_deref(), Some(value), "{name}");
        }
    }
}
