use std::net::{Ipv4Addr, Ipv6Addr};

use tokio::time::advance;

use super::*;

const ALICE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1));
const BOB: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 2));

fn admitted(ceiling: &RateCeiling, address: IpAddr) -> usize {
    let calls = (0..1000).take_while(|_| ceiling.admit(address).is_ok());
    calls.count()
}

#[tokio::test(start_paused = true)]
async fn each_address_has_a_burst_and_then_its_rate() {
    let ceiling = RateCeiling::new(10, 60);
    assert_eq!(admitted(&ceiling, ALICE), 10);
    assert_eq!(admitted(&ceiling, BOB), 10);
    advance(Duration::from_secs(3)).await;
    assert_eq!(admitted(&ceiling, ALICE), 3);
    advance(Duration::from_secs(3600)).await;
    assert_eq!(admitted(&ceiling, ALICE), 10);
}

#[tokio::test(start_paused = true)]
async fn who_is_refused_hears_when_to_come_back() {
    let ceiling = RateCeiling::new(2, 6);
    assert_eq!(admitted(&ceiling, ALICE), 2);
    let wait = ceiling.admit(ALICE).unwrap_err();
    assert_eq!(wait, RetryAfter(Duration::from_secs(10)));
    advance(Duration::from_millis(9500)).await;
    assert_eq!(ceiling.admit(ALICE).unwrap_err().as_secs(), 1);
    advance(Duration::from_millis(500)).await;
    assert_eq!(ceiling.admit(ALICE), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn refusals_cost_nothing_more() {
    let ceiling = RateCeiling::new(1, 60);
    assert_eq!(admitted(&ceiling, ALICE), 1);
    assert!((0..1000).all(|_| ceiling.admit(ALICE).is_err()));
    advance(Duration::from_secs(1)).await;
    assert_eq!(ceiling.admit(ALICE), Ok(()));
}

#[tokio::test(start_paused = true)]
async fn a_subscriber_of_ipv6_has_many_addresses_and_one_ceiling() {
    let ceiling = RateCeiling::new(5, 1);
    let address = |host| IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 1, 0, 0, 0, host));
    let calls = (0..100).filter(|host| ceiling.admit(address(*host)).is_ok());
    assert_eq!(calls.count(), 5);
    assert_eq!(admitted(&ceiling, "2001:db8:0:2::1".parse().unwrap()), 5);
}

#[tokio::test(start_paused = true)]
async fn an_address_has_one_ceiling_in_both_spellings() {
    let ceiling = RateCeiling::new(5, 1);
    assert_eq!(admitted(&ceiling, ALICE), 5);
    assert_eq!(admitted(&ceiling, "::ffff:192.0.2.1".parse().unwrap()), 0);
}

#[tokio::test(start_paused = true)]
async fn a_crowd_takes_no_more_memory_than_there_is_for_it() {
    let ceiling = RateCeiling::new(1, 1);
    for address in 0..1_000_000_u32 {
        ceiling.admit(IpAddr::V4(address.into())).unwrap();
    }
    assert!(ceiling.recent.lock().unwrap().len() <= 2 * MAX_NETWORKS);
}

#[tokio::test(start_paused = true)]
async fn who_keeps_calling_is_not_forgotten_in_a_crowd() {
    let ceiling = RateCeiling::new(1, 1);
    ceiling.admit(ALICE).unwrap();
    for address in 0..100_000_u32 {
        ceiling
            .admit(IpAddr::V4((address + (10 << 24)).into()))
            .unwrap();
        if address % 1000 == 0 {
            assert!(ceiling.admit(ALICE).is_err(), "after {address}");
        }
    }
}
