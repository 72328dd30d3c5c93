use std::{
    net::Ipv4Addr,
    sync::{
        Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::*;

/// A name server that gives these answers, one after the other, and the last one for ever.
fn answers(answers: &[&[&str]]) -> Arc<Names> {
    let addresses = |answer: &&[&str]| {
        let addresses = answer.iter().map(|address| address.parse().unwrap());
        addresses.map(|ip: IpAddr| SocketAddr::new(ip, 0)).collect()
    };
    let answers: Vec<Vec<SocketAddr>> = answers.iter().map(addresses).collect();
    let asked = AtomicUsize::new(0);
    Arc::new(move |_: &str| {
        let number = asked.fetch_add(1, Ordering::SeqCst);
        Ok(answers[number.min(answers.len() - 1)].clone())
    })
}

/// The addresses that a name is connected to, or why it is not.
async fn resolve(resolver: &GuardedResolver) -> Result<Vec<String>, String> {
    let found = resolver.resolve("app.example".parse().unwrap()).await;
    let found = found.map_err(|error| error.to_string())?;
    Ok(found.map(|address| address.ip().to_string()).collect())
}

// OAuth Client ID Metadata Document, on server-side request forgery; RFC 6890, RFC 4291, RFC 6052,
// RFC 3056, RFC 5214.
#[tokio::test]
async fn a_name_that_leads_inside_is_refused_in_every_form_of_address() {
    for inside in [
        "127.0.0.1",
        "127.255.0.1",
        "10.0.0.1",
        "172.16.0.1",
        "192.168.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",
        "::1",
        "::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "::ffff:10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::a00:1",
        "2002:a00:1::1",
        "2001:db8::5efe:a00:1",
        "2606:4700::5efe:a00:1",
    ] {
        let resolver = GuardedResolver::of(Reach::Public, answers(&[&[inside]]));
        let refused = resolve(&resolver).await.unwrap_err();
        assert!(
            refused.contains("app.example") && refused.contains("not on the public internet"),
            "{inside}: {refused}"
        );
    }
}

#[tokio::test]
async fn of_a_name_that_leads_outside_and_inside_only_the_outside_is_connected_to() {
    let mixed = ["10.0.0.1", "8.8.8.8", "::1", "2606:4700::1", "127.0.0.1"];
    let resolver = GuardedResolver::of(Reach::Public, answers(&[&mixed]));
    let found = resolve(&resolver).await.unwrap();
    assert_eq!(found, ["8.8.8.8", "2606:4700::1"]);
}

// What was right once is no excuse for what comes next.
#[tokio::test]
async fn a_name_that_changes_is_judged_anew_by_each_answer() {
    let outside_then_inside = answers(&[&["8.8.8.8"], &["127.0.0.1"], &["8.8.4.4"]]);
    let resolver = GuardedResolver::of(Reach::Public, outside_then_inside);
    assert_eq!(resolve(&resolver).await.unwrap(), ["8.8.8.8"]);
    assert!(resolve(&resolver).await.is_err());
    assert_eq!(resolve(&resolver).await.unwrap(), ["8.8.4.4"]);
}

#[tokio::test]
async fn a_name_without_addresses_and_one_that_is_unknown_lead_nowhere() {
    let resolver = GuardedResolver::of(Reach::Public, answers(&[&[]]));
    assert_eq!(resolve(&resolver).await.unwrap(), Vec::<String>::new());
    let unknown = |_: &str| Err(io::Error::other("unknown"));
    let resolver = GuardedResolver::of(Reach::Public, Arc::new(unknown));
    assert_eq!(resolve(&resolver).await.unwrap_err(), "unknown");
}

// The threads that block are shared with everything else that blocks.
#[tokio::test]
async fn a_slow_name_server_gets_some_threads_and_not_all() {
    let most = Arc::new(Mutex::new((0, 0)));
    let seen = Arc::clone(&most);
    let slow = move |_: &str| {
        {
            let mut counted = seen.lock().unwrap();
            counted.0 += 1;
            counted.1 = counted.1.max(counted.0);
        }
        std::thread::sleep(Duration::from_millis(5));
        seen.lock().unwrap().0 -= 1;
        Ok(vec![SocketAddr::from((Ipv4Addr::new(8, 8, 8, 8), 0))])
    };
    let resolver = GuardedResolver::of(Reach::Public, Arc::new(slow));
    let all = futures_util::future::join_all((0..100).map(|_| resolve(&resolver))).await;
    assert!(all.iter().all(Result::is_ok));
    let (_, most) = *most.lock().unwrap();
    assert!((2..=MAX_LOOKUPS).contains(&most), "{most}");
}
