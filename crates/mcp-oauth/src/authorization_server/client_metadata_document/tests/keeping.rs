//! How long documents are kept, and what for.

use super::*;

// OAuth Client ID Metadata Document, on caching.
#[tokio::test(start_paused = true)]
async fn a_document_is_kept_as_long_as_its_headers_say_and_a_day_at_most() {
    for (max_age, kept) in [(3600, 3600), (1_000_000, 24 * 60 * 60), (0, 60)] {
        let web = Web::new(cached_for(max_age, &good()));
        let documents = ClientDocuments::new(Arc::clone(&web) as _);
        assert!(find(&documents).await.is_ok());
        web.answer(Some(answer(&with("client_id", json!("other")))));
        advance(Duration::from_secs(kept - 1)).await;
        assert!(find(&documents).await.is_ok(), "max-age={max_age}");
        assert_eq!(web.asked(), 1);
        advance(Duration::from_secs(1)).await;
        assert_eq!(find(&documents).await, Err(DocumentError::ForeignClientId));
        assert_eq!(web.asked(), 2);
    }
}

fn with_status(status: u16) -> Response<Bytes> {
    let mut answer = answer(&good());
    *answer.status_mut() = StatusCode::from_u16(status).unwrap();
    answer
}

/// A page about an error, larger than any document.
fn large_page(status: u16) -> Response<Bytes> {
    let mut page = Response::new(Bytes::from(vec![b' '; 10 * MAX_BYTES]));
    *page.status_mut() = StatusCode::from_u16(status).unwrap();
    page
}

// RFC 5861 section 4.
#[tokio::test(start_paused = true)]
async fn while_a_document_cannot_be_fetched_the_last_one_holds_for_a_day() {
    for failure in [
        None,
        Some(with_status(503)),
        Some(with_status(429)),
        Some(large_page(502)),
    ] {
        let web = Web::new(cached_for(60, &good()));
        let documents = ClientDocuments::new(Arc::clone(&web) as _);
        assert!(find(&documents).await.is_ok());
        web.answer(failure);
        advance(Duration::from_secs(60)).await;
        // Whether the failure is fresh, or one that is remembered.
        for _ in 0..2 {
            assert!(find(&documents).await.is_ok());
        }
        advance(Duration::from_secs(24 * 60 * 60)).await;
        assert!(find(&documents).await.unwrap_err().is_temporary());
        assert_eq!(web.asked(), 3);
    }
}

// Whoever publishes it is slow, or this server is, and nothing was taken back.
#[tokio::test(start_paused = true)]
async fn while_a_document_is_too_slow_the_last_one_holds() {
    let web = Web::new(cached_for(60, &good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    assert!(find(&documents).await.is_ok());
    web.take(2 * TIMEOUT);
    advance(Duration::from_secs(60)).await;
    for _ in 0..2 {
        assert!(find(&documents).await.is_ok());
    }
    assert_eq!(web.asked(), 2);
}

#[tokio::test(start_paused = true)]
async fn a_document_that_is_wrong_or_gone_takes_the_place_of_the_last_one() {
    for failure in [
        with_status(404),
        large_page(404),
        large_page(410),
        large_page(200),
        answer(&with("client_id", json!("other"))),
    ] {
        let web = Web::new(cached_for(60, &good()));
        let documents = ClientDocuments::new(Arc::clone(&web) as _);
        assert!(find(&documents).await.is_ok());
        web.answer(Some(failure));
        advance(Duration::from_secs(60)).await;
        assert!(!find(&documents).await.unwrap_err().is_temporary());
        // And when that is forgotten, what went before does not come back.
        web.answer(None);
        advance(Duration::from_secs(60)).await;
        assert_eq!(find(&documents).await, Err(DocumentError::Unreachable));
    }
}

#[tokio::test(start_paused = true)]
async fn a_flood_of_urls_keeps_no_client_out_that_was_there_before() {
    let web = Web::new(cached_for(60, &good()));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    assert!(find(&documents).await.is_ok());
    advance(Duration::from_secs(60)).await;
    let known = KnownClients::new(Vec::new());
    let urls: Vec<_> = (0..100).map(|n| format!("https://{n}.example/x")).collect();
    let flood = join_all(urls.iter().map(|url| documents.find(url, &known)));
    let (flood, found) = tokio::join!(flood, find(&documents));
    assert!(flood.contains(&Err(DocumentError::Busy)));
    assert!(found.is_ok(), "{found:?}");
    assert_eq!(web.asked(), 1 + 32, "nobody had a turn for it");
}

#[tokio::test(start_paused = true)]
async fn a_failure_is_remembered_for_less_than_a_minute() {
    let web = Web::new(cached_for(3600, &with("client_id", json!("other"))));
    let documents = ClientDocuments::new(Arc::clone(&web) as _);
    for _ in 0..100 {
        assert_eq!(find(&documents).await, Err(DocumentError::ForeignClientId));
    }
    assert_eq!(web.asked(), 1);
    web.answer(Some(answer(&good())));
    advance(Duration::from_secs(59)).await;
    assert!(find(&documents).await.is_ok());
}
