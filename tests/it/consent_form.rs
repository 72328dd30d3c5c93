//! The page that asks for consent, as somebody fills it in without a browser.

use url::{Url, form_urlencoded::Serializer};

use crate::oauth::{Answer, Protected};

/// The page that asks for consent, with what only this browser knows.
#[derive(Debug)]
pub(crate) struct ConsentForm {
    pub(crate) page: Answer,
    pub(crate) cookie: String,
    pub(crate) transaction: String,
    origin: String,
}

impl ConsentForm {
    /// Opens the address that a client sends a browser to. Only its path is looked up at `server`:
    /// the name that a server has need not be where it listens.
    pub(crate) async fn open(server: &Protected, address: &str) -> Self {
        let address = Url::parse(address).expect("a URL");
        let path = &address[url::Position::BeforePath..];
        let page = server.request("GET", path, "").await;
        let (_, rest) = page
            .body()
            .split_once("name=\"transaction\" value=\"")
            .unwrap_or_else(|| panic!("no form: {page:?}"));
        let transaction = rest.split('"').next().expect("a value").to_owned();
        Self {
            cookie: page.last_cookie(),
            transaction,
            origin: address.origin().ascii_serialization(),
            page,
        }
    }

    /// Sends it with the consent, and with what else it asks for.
    pub(crate) async fn agree(&self, server: &Protected, more: &[(&str, &str)]) -> Answer {
        let agreed = [("transaction", &*self.transaction), ("decision", "allow")];
        let body = Serializer::new(String::new())
            .extend_pairs(agreed.iter().chain(more))
            .finish();
        let headers = format!("Cookie: {}\r\nOrigin: {}\r\n", self.cookie, self.origin);
        let answer = server.post_form("/oauth/authorize", &headers, &body).await;
        assert_eq!(answer.status(), 303, "{answer:?}");
        answer
    }
}
