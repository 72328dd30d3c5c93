//! The public web, with some pages.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::{Request, Response, StatusCode};
use mcp_oauth_token::{FetchLimits, HttpClient, HttpError};
use serde_json::Value;

/// Has the pages that it is given, and remembers what was asked for.
#[derive(Debug, Default)]
pub(crate) struct FakeWeb {
    pages: Mutex<HashMap<String, Page>>,
    asked: Mutex<Vec<String>>,
}

/// What is at a URL.
#[derive(Clone, Debug)]
pub(crate) enum Page {
    /// This status, content type and body.
    Answer(u16, &'static str, String),
    /// Nothing: the connection breaks.
    Broken,
    /// Nothing: the host has an address that is not public.
    Inside,
    /// Nothing, ever.
    Silence,
}

impl Page {
    pub(crate) fn document(document: &Value) -> Self {
        Self::Answer(200, "application/json", document.to_string())
    }
}

impl FakeWeb {
    pub(crate) fn with(url: &str, page: Page) -> Arc<Self> {
        let web = Arc::new(Self::default());
        web.put(url, page);
        web
    }

    pub(crate) fn put(&self, url: &str, page: Page) {
        self.pages.lock().unwrap().insert(url.to_owned(), page);
    }

    pub(crate) fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }
}

impl HttpClient for FakeWeb {
    fn send(
        &self,
        request: Request<Bytes>,
        limits: FetchLimits,
    ) -> BoxFuture<'_, Result<Response<Bytes>, HttpError>> {
        let url = request.uri().to_string();
        self.asked.lock().unwrap().push(url.clone());
        let page = self.pages.lock().unwrap().get(&url).cloned();
        Box::pin(async move {
            let FetchLimits {
                timeout,
                max_body_bytes,
                ..
            } = limits;
            match page.unwrap_or(Page::Answer(404, "text/html", String::new())) {
                Page::Answer(status, _, body) if body.len() > max_body_bytes => {
                    Err(HttpError::TooLarge {
                        max_body_bytes,
                        status: StatusCode::from_u16(status).unwrap(),
                    })
                }
                Page::Answer(status, content_type, body) => Ok(Response::builder()
                    .status(status)
                    .header("content-type", content_type)
                    .header("location", "https://elsewhere.example/client.json")
                    .body(body.into())
                    .unwrap()),
                Page::Broken => Err(HttpError::Transport {
                    source: "broken".into(),
                }),
                Page::Inside => Err(HttpError::ForbiddenAddress {
                    host: "app.example".to_owned(),
                    reason: "it is not on the public internet".to_owned(),
                }),
                Page::Silence => {
                    tokio::time::sleep(timeout).await;
                    Err(HttpError::Timeout { timeout })
                }
            }
        })
    }
}
