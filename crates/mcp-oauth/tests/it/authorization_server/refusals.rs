//! Logins that do not go on: what people are told, and what the log is.

use super::{
    browser::{Browser, TestClient, transaction},
    desk::Desk,
};

// RFC 9110 section 15.6.4.
#[tokio::test]
async fn what_cannot_be_done_now_comes_with_a_time() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let page = browser.open(&desk, &client.authorize_path(&[])).await;
    desk.store.fail_to_read();
    let form = [("transaction", &*transaction(&page)), ("decision", "allow")];
    let reply = browser.submit(&desk, &form).await;
    assert_eq!(reply.status, 503, "{}", reply.body);
    assert_eq!(reply.header("retry-after"), "5");
}
