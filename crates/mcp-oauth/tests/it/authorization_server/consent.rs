//! The page that asks, and what becomes of its form.

use std::time::Duration;

use http::Method;

use super::{
    browser::{Browser, REDIRECT_URI, TestClient, transaction},
    desk::{Desk, ORIGIN, Reply, encoded, request},
};

/// A login that waits for an answer.
struct Asked {
    desk: Desk,
    client: TestClient,
    browser: Browser,
    page: Reply,
}

impl Asked {
    async fn new() -> Self {
        let desk = Desk::new();
        let client = TestClient::register(&desk).await;
        let mut browser = Browser::default();
        let page = browser.open(&desk, &client.authorize_path(&[])).await;
        Self {
            desk,
            client,
            browser,
            page,
        }
    }

    fn transaction(&self) -> String {
        transaction(&self.page)
    }

    async fn answer(&mut self, changes: &[(&str, &str)]) -> Reply {
        let transaction = self.transaction();
        let mut form = vec![
            ("transaction", transaction.as_str()),
            ("decision", "allow"),
            ("name", "alice"),
            ("code", self.desk.code()),
        ];
        for (name, value) in changes {
            form.retain(|(found, _)| found != name);
            form.push((name, value));
        }
        self.browser.submit(&self.desk, &form).await
    }
}

#[track_caller]
fn assert_refused(reply: &Reply, status: u16) {
    assert_eq!(reply.status, status, "{}", reply.body);
    assert_eq!(reply.location(), "");
    assert_eq!(reply.header("content-type"), "text/html; charset=utf-8");
}

#[tokio::test]
async fn the_page_says_who_asks_for_what_and_where_the_code_goes() {
    let Asked { page, .. } = Asked::new().await;
    assert_eq!(page.status, 200);
    for expected in [
        "<title>Allow Test Client to use Kafka?</title>",
        "<code>127.0.0.1:33418</code>",
        "<li>Read topics &amp; messages</li>",
        // All that the client registered is on this machine.
        "Only go on if you have just started this yourself.",
    ] {
        assert!(page.body.contains(expected), "{expected}\n{}", page.body);
    }
}

#[tokio::test]
async fn a_client_on_a_website_comes_without_the_warning() {
    let desk = Desk::new();
    let claude = "https://claude.ai/api/mcp/auth_callback";
    let client = TestClient::register_at(&desk, &[claude]).await;
    let path = client.authorize_path(&[("redirect_uri", claude)]);
    let page = Browser::default().open(&desk, &path).await;
    assert!(
        page.body.contains("<code>claude.ai</code>"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("just started this yourself"));
}

// OAuth Client ID Metadata Document, on localhost redirect URIs: any program can wait there, by any
// name. A website that the client registered besides makes that no better.
#[tokio::test]
async fn a_code_that_goes_to_this_machine_comes_with_the_warning_whatever_else_is_registered() {
    let desk = Desk::new();
    let registered = ["https://claude.ai/api/mcp/auth_callback", REDIRECT_URI];
    let client = TestClient::register_at(&desk, &registered).await;
    let path = client.authorize_path(&[("redirect_uri", REDIRECT_URI)]);
    let page = Browser::default().open(&desk, &path).await;
    assert!(
        page.body.contains("just started this yourself"),
        "{}",
        page.body
    );
}

// RFC 9700 section 4.16; WCAG 2.2: language, title, labels, no script needed.
#[tokio::test]
async fn the_page_is_plain_and_cannot_be_framed() {
    let Asked { page, .. } = Asked::new().await;
    let policy = page.header("content-security-policy");
    for directive in [
        "default-src 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
        "style-src 'sha256-",
    ] {
        assert!(policy.contains(directive), "{policy}");
    }
    // Browsers apply it to the redirects that follow, up to the client.
    assert!(!policy.contains("form-action"));
    assert_eq!(page.header("x-frame-options"), "DENY");
    assert_eq!(page.header("cache-control"), "no-store");
    assert_eq!(page.header("x-content-type-options"), "nosniff");
    assert!(page.body.starts_with("<!doctype html>\n<html lang=\"en\">"));
    for absent in ["<script", "<img", "<link", "http-equiv", " on", "src="] {
        let tags = page.body.split('<').filter_map(|tag| tag.split('>').next());
        let found = tags
            .map(|tag| format!("<{tag}"))
            .find(|tag| tag.contains(absent));
        assert_eq!(found, None, "{absent}");
    }
    for field in ["name", "code"] {
        assert!(page.body.contains(&format!(r#"<label for="{field}">"#)));
        assert!(page.body.contains(&format!(r#"id="{field}""#)));
    }
}

// The hash in the policy is that of the style as the browser gets it.
#[tokio::test]
async fn the_style_is_the_one_that_the_policy_allows() {
    use base64::{Engine as _, engine::general_purpose::STANDARD};

    let Asked { page, .. } = Asked::new().await;
    let (_, rest) = page.body.split_once("<style>").unwrap();
    let (style, _) = rest.split_once("</style>").unwrap();
    let hash = ring::digest::digest(&ring::digest::SHA256, style.as_bytes());
    let expected = format!("'sha256-{}'", STANDARD.encode(hash));
    assert!(page.header("content-security-policy").contains(&expected));
}

#[tokio::test]
async fn the_name_of_a_client_is_text_and_short() {
    let desk = Desk::new();
    let long = "<img src=x onerror=alert(1)>\u{202e}✅".repeat(500);
    let body = serde_json::json!({
        "client_name": long,
        "redirect_uris": [REDIRECT_URI],
        "logo_uri": "https://evil.example/logo.svg",
    });
    let registered = desk.post_json("/oauth/register", &body).await;
    let id = registered.json()["client_id"].as_str().unwrap().to_owned();
    let path = TestClient { id }.authorize_path(&[]);
    let page = Browser::default().open(&desk, &path).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("&lt;img src=x onerror=alert(1)&gt;"));
    for absent in ["<img", "\u{202e}", "✅", "evil.example"] {
        assert!(!page.body.contains(absent), "{absent}");
    }
    assert!(page.body.len() < 16 * 1024);
}

// Another site may share a client's id, and lead people here: what they allowed once says nothing
// about this time.
#[tokio::test]
async fn consent_is_asked_for_at_each_login() {
    let mut asked = Asked::new().await;
    assert_eq!(asked.answer(&[]).await.status, 303);
    let path = asked.client.authorize_path(&[]);
    let again = asked.browser.open(&asked.desk, &path).await;
    assert_eq!(again.status, 200);
    assert!(again.body.contains(r#"name="decision" value="allow""#));
}

#[tokio::test]
async fn who_denies_is_brought_back_with_that() {
    let mut asked = Asked::new().await;
    let reply = asked
        .answer(&[("decision", "deny"), ("name", ""), ("code", "")])
        .await;
    assert_eq!(reply.status, 303);
    assert!(reply.location().starts_with(REDIRECT_URI));
    assert_eq!(reply.sent_along("error").as_deref(), Some("access_denied"));
    assert_eq!(reply.sent_along("iss").as_deref(), Some(ORIGIN));
    assert!(asked.browser.cookies.is_empty(), "the login is over");
    assert!(asked.desk.store_is_untouched());
}

#[tokio::test]
async fn a_wrong_code_can_be_typed_again() {
    let mut asked = Asked::new().await;
    let reply = asked
        .answer(&[("code", "WRONG-CODE"), ("name", "<b>")])
        .await;
    assert_refused(&reply, 403);
    assert!(reply.body.contains(r#"role="alert""#));
    assert!(
        reply.body.contains(r#"value="&lt;b&gt;""#),
        "{}",
        reply.body
    );
    assert!(!reply.body.contains("WRONG-CODE"));
    asked.page = reply;
    let reply = asked.answer(&[("name", "")]).await;
    assert_refused(&reply, 400);
    assert_eq!(asked.answer(&[]).await.status, 303);
}

#[tokio::test(start_paused = true)]
async fn codes_cannot_be_tried_for_long() {
    let mut asked = Asked::new().await;
    for _ in 0..10 {
        assert_refused(&asked.answer(&[("code", "WRONG-CODE")]).await, 403);
    }
    let reply = asked.answer(&[]).await;
    assert_refused(&reply, 429);
    assert!(!reply.header("retry-after").is_empty());
    tokio::time::advance(Duration::from_secs(60)).await;
    assert_eq!(asked.answer(&[]).await.status, 303);
}

// The form is answered in the browser that was asked, and nowhere else: whoever can make somebody
// send a form cannot make them consent.
#[tokio::test]
async fn a_form_from_another_browser_is_refused() {
    let asked = Asked::new().await;
    let transaction = asked.transaction();
    let form = [
        ("transaction", transaction.as_str()),
        ("decision", "allow"),
        ("name", "mallory"),
        ("code", asked.desk.code()),
    ];
    let mut other = Browser::default();
    assert_refused(&other.submit(&asked.desk, &form).await, 403);
    other
        .open(&asked.desk, &asked.client.authorize_path(&[]))
        .await;
    assert_refused(&other.submit(&asked.desk, &form).await, 403);
    // With the name of the right cookie, and a secret of its own.
    let (name, _) = asked.browser.cookies.first_key_value().unwrap();
    let secret = other.cookies.values().next().unwrap().clone();
    other.cookies.insert(name.clone(), secret);
    assert_refused(&other.submit(&asked.desk, &form).await, 403);
    assert!(asked.desk.store_is_untouched());
}

#[tokio::test]
async fn a_form_without_its_token_or_with_another_is_refused() {
    let mut asked = Asked::new().await;
    let transaction = asked.transaction();
    let mut flipped = transaction.clone();
    let middle = flipped.len() / 2;
    let another = if flipped[middle..].starts_with('A') {
        "B"
    } else {
        "A"
    };
    flipped.replace_range(middle..=middle, another);
    let client_id = asked.client.id.clone();
    for other in ["", "x", &flipped, &transaction[1..], &client_id] {
        let reply = asked.answer(&[("transaction", other)]).await;
        assert_refused(&reply, 400);
    }
    for decision in ["", "maybe"] {
        let reply = asked.answer(&[("decision", decision)]).await;
        assert_refused(&reply, 400);
    }
}

#[tokio::test]
async fn a_form_that_is_sent_again_is_refused() {
    let mut asked = Asked::new().await;
    let before = asked.browser.clone();
    assert_eq!(asked.answer(&[]).await.status, 303);
    // Its cookie is gone.
    assert_refused(&asked.answer(&[]).await, 403);
    // And with the cookie, it has been finished.
    asked.browser = before;
    assert_refused(&asked.answer(&[]).await, 400);
    assert_refused(&asked.answer(&[("decision", "deny")]).await, 400);
}

#[tokio::test]
async fn of_forms_that_are_sent_at_once_one_gets_a_code() {
    let asked = Asked::new().await;
    let transaction = asked.transaction();
    let form = [
        ("transaction", transaction.as_str()),
        ("decision", "allow"),
        ("name", "alice"),
        ("code", asked.desk.code()),
    ];
    let sent = (0..50).map(|_| asked.desk.send(asked.browser.submission(&form)));
    let replies = futures_util::future::join_all(sent).await;
    let codes = replies.iter().filter(|reply| reply.status == 303).count();
    assert_eq!(codes, 1);
    assert!(
        replies
            .iter()
            .all(|reply| matches!(reply.status.as_u16(), 303 | 400))
    );
}

#[tokio::test]
async fn two_tabs_do_not_get_into_each_others_way() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let path = client.authorize_path(&[]);
    // Both are opened before either has its cookie.
    let [mut first, mut second] = [(); 2].map(|()| Browser::default());
    let one = first.open(&desk, &path).await;
    let other = second.open(&desk, &path).await;
    let mut browser = first;
    browser.keep(&other);
    for page in [&other, &one] {
        let transaction = transaction(page);
        let form = [
            ("transaction", transaction.as_str()),
            ("decision", "allow"),
            ("name", "alice"),
            ("code", desk.code()),
        ];
        assert_eq!(browser.submit(&desk, &form).await.status, 303);
    }
}

#[tokio::test]
async fn a_browser_keeps_ten_logins_and_the_oldest_goes_first() {
    let desk = Desk::new();
    let client = TestClient::register(&desk).await;
    let mut browser = Browser::default();
    let path = client.authorize_path(&[]);
    let first = browser.open(&desk, &path).await;
    for _ in 0..10 {
        desk.clock.advance(Duration::from_secs(1));
        browser.open(&desk, &path).await;
    }
    assert_eq!(browser.cookies.len(), 10);
    let transaction = transaction(&first);
    let form = [("transaction", transaction.as_str()), ("decision", "deny")];
    assert_refused(&browser.submit(&desk, &form).await, 403);
}

#[tokio::test]
async fn a_login_takes_ten_minutes_at_most() {
    for (after, status) in [(599, 303), (600, 400)] {
        let mut asked = Asked::new().await;
        asked.desk.clock.advance(Duration::from_secs(after));
        assert_eq!(asked.answer(&[]).await.status, status, "{after}");
    }
}

// Fetch Metadata, and the Origin header: what browsers say about who sent a form.
#[tokio::test]
async fn a_form_of_another_page_is_refused() {
    let asked = Asked::new().await;
    let transaction = asked.transaction();
    let body = encoded(&[("transaction", &transaction), ("decision", "deny")]);
    let cookies = asked.browser.cookies.iter();
    let cookie = cookies
        .map(|(name, value)| format!("{name}={value}"))
        .next()
        .unwrap();
    for (name, value, status) in [
        ("origin", "https://evil.example", 403),
        ("origin", "http://localhost:6274", 403),
        ("origin", "null", 403),
        ("sec-fetch-site", "cross-site", 403),
        ("sec-fetch-site", "same-site", 403),
        ("sec-fetch-site", "same-origin", 303),
    ] {
        let headers = [
            ("accept", "text/html"),
            ("content-type", "application/x-www-form-urlencoded"),
            ("cookie", cookie.as_str()),
            (name, value),
        ];
        let request = request(Method::POST, "/oauth/authorize", &headers, &body);
        assert_eq!(
            asked.desk.send(request).await.status,
            status,
            "{name}: {value}"
        );
    }
}

#[tokio::test]
async fn a_form_is_a_form_and_bounded() {
    let asked = Asked::new().await;
    let html = ("accept", "text/html");
    let long = format!("transaction={}", "x".repeat(64 * 1024));
    let form = ("content-type", "application/x-www-form-urlencoded");
    let post = |headers: &[(&str, &str)], body: &str| {
        asked
            .desk
            .send(request(Method::POST, "/oauth/authorize", headers, body))
    };
    assert_eq!(post(&[html, form], &long).await.status, 413);
    let json = ("content-type", "application/json");
    assert_refused(&post(&[html, json], r#"{"transaction":"x"}"#).await, 400);
    assert_refused(
        &post(&[html, form], "transaction=a&transaction=b").await,
        400,
    );
}

// What belongs to one stage or purpose is nothing anywhere else.
#[tokio::test]
async fn nothing_that_is_sealed_passes_for_something_else() {
    let mut asked = Asked::new().await;
    let page = asked.page.clone();
    let code = asked.answer(&[]).await.sent_along("code").unwrap();
    let tokens = asked.client.redeem(&asked.desk, &code).await.json();
    let text = |name: &str| tokens[name].as_str().unwrap().to_owned();
    let sealed = [
        ("transaction", transaction(&page)),
        ("code", code),
        ("refresh token", text("refresh_token")),
        ("access token", text("access_token")),
        ("client id", asked.client.id.clone()),
    ];
    for (what, value) in &sealed {
        let is = |name: &str| *what == name;
        let bearer = asked.desk.call(value).await;
        assert_eq!(
            bearer.status == 200,
            is("access token"),
            "{what} as a bearer token"
        );
        let client = TestClient { id: value.clone() };
        let reply = asked.desk.get(&client.authorize_path(&[])).await;
        assert_eq!(
            reply.status == 200,
            is("client id"),
            "{what} as a client id"
        );
        if !is("code") {
            let redeemed = asked.client.redeem(&asked.desk, value).await;
            assert_eq!(redeemed.status, 400, "{what} as a code");
        }
        let reply = asked.answer(&[("transaction", value)]).await;
        assert!(
            matches!(reply.status.as_u16(), 400 | 403),
            "{what} as a transaction"
        );
        if !is("refresh token") {
            let refreshed = asked.client.refresh(&asked.desk, value).await;
            assert_eq!(refreshed.status, 400, "{what} as a refresh token");
        }
    }
}

#[tokio::test]
async fn over_https_cookies_are_bound_to_the_host_and_the_development_login_is_impossible() {
    let refused = Desk::try_with(|config| "https://mcp.example".clone_into(&mut config.server_url));
    let error = refused.err().unwrap().to_string();
    assert!(error.contains("development login"), "{error}");
    let Asked { page, .. } = Asked::new().await;
    let set = page.header("set-cookie");
    assert!(
        set.ends_with("; Path=/; Max-Age=600; HttpOnly; SameSite=Lax"),
        "{set}"
    );
}

// With `no-referrer`, browsers would hide the origin that `a_form_of_another_page_is_refused` needs.
#[tokio::test]
async fn no_url_of_a_login_reaches_other_sites() {
    let mut asked = Asked::new().await;
    assert_eq!(asked.page.header("referrer-policy"), "same-origin");
    let reply = asked.answer(&[]).await;
    assert_eq!(reply.header("referrer-policy"), "no-referrer");
    assert_eq!(reply.header("cache-control"), "no-store");
    let shown = "You are logged in";
    assert!(
        reply.body.contains(shown),
        "for browsers that do not follow: {}",
        reply.body
    );
}
