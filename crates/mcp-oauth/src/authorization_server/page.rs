//! The pages that people see.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use http::{
    HeaderValue, Response, StatusCode,
    header::{
        CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, REFERRER_POLICY,
        X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
    },
};
use http_body_util::Full;
use ring::digest::{SHA256, digest};

use crate::refusal::Reply;

/// Makes pages: all in one hand, with no script, and with nothing that is loaded from anywhere.
#[derive(Clone, Debug)]
pub(super) struct Pages {
    content_security_policy: HeaderValue,
}

impl Pages {
    pub(super) fn new() -> Self {
        let style = STANDARD.encode(digest(&SHA256, STYLE.as_bytes()));
        // Browsers apply `form-action` to all redirects that follow a form, so that it would keep
        // them from the client that waits at the end.
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{style}'; frame-ancestors 'none'; \
             base-uri 'none'"
        );
        Self {
            // It consists of characters that stand in headers.
            content_security_policy: HeaderValue::try_from(policy)
                .unwrap_or(HeaderValue::from_static("default-src 'none'")),
        }
    }

    /// A page with a title, and below it content that is HTML.
    pub(super) fn show(
        &self,
        status: StatusCode,
        title: &str,
        content: &impl fmt::Display,
    ) -> Reply {
        let page = format!(
            include_str!("page/frame.html"),
            title = Text(title),
            style = STYLE,
            content = content,
        );
        let mut reply = Response::new(Full::from(page));
        *reply.status_mut() = status;
        let headers = reply.headers_mut();
        for (name, value) in [
            (CONTENT_TYPE, "text/html; charset=utf-8"),
            (CACHE_CONTROL, "no-store"),
            (REFERRER_POLICY, "no-referrer"),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (X_FRAME_OPTIONS, "DENY"),
        ] {
            headers.insert(name, HeaderValue::from_static(value));
        }
        let policy = self.content_security_policy.clone();
        headers.insert(CONTENT_SECURITY_POLICY, policy);
        reply
    }
}

/// Text in HTML, between tags or in a quoted attribute.
#[derive(Clone, Copy, Debug)]
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut rest = self.0;
        while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
            let (plain, tail) = rest.split_at(at);
            f.write_str(plain)?;
            let mut tail = tail.chars();
            f.write_str(match tail.next() {
                Some('&') => "&amp;",
                Some('<') => "&lt;",
                Some('>') => "&gt;",
                Some('"') => "&quot;",
                _ => "&#39;",
            })?;
            rest = tail.as_str();
        }
        f.write_str(rest)
    }
}

/// One style for all pages: the policy names its hash.
const STYLE: &str = include_str!("page/style.css");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_never_becomes_markup() {
        let text = Text("a<script>&\"'</script>").to_string();
        let expected = "a&lt;script&gt;&amp;&quot;&#39;&lt;/script&gt;";
        assert_eq!(text, expected);
        assert_eq!(Text("Ångström").to_string(), "Ångström");
        assert_eq!(Text("").to_string(), "");
    }

    #[test]
    fn the_style_cannot_end_its_own_element() {
        assert!(!STYLE.contains('<'));
    }

    // RFC 9700 section 4.16: no page of ours in a frame. `form-action` would reach further than
    // the form.
    #[test]
    fn pages_load_nothing_and_stand_in_no_frame() {
        let reply = Pages::new().show(StatusCode::OK, "Title", &"");
        let policy = reply.headers()[CONTENT_SECURITY_POLICY].to_str().unwrap();
        for directive in [
            "default-src 'none'",
            "style-src 'sha256-",
            "frame-ancestors 'none'",
            "base-uri 'none'",
        ] {
            assert!(policy.contains(directive), "{policy}");
        }
        assert!(!policy.contains("form-action"));
    }
}
