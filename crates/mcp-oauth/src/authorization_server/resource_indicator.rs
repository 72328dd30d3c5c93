//! Which resource a token is asked for.

use url::Url;

/// The resource that tokens are issued for, as clients may write it (RFC 8707 section 2).
#[derive(Clone, Debug)]
pub(crate) struct ResourceIndicator {
    name: String,
    url: Option<Url>,
}

impl ResourceIndicator {
    /// The resource of this name, which is a URL without a fragment.
    pub(crate) fn new(name: impl Into<String>) -> Self {
        let name = name.into();
        let url = Url::parse(&name).ok();
        Self { name, url }
    }

    /// Its name: the audience of tokens.
    pub(crate) fn as_str(&self) -> &str {
        &self.name
    }

    /// Whether all of `requested` mean this resource. None means it, too.
    pub(crate) fn are_all<'a>(&self, mut requested: impl Iterator<Item = &'a str>) -> bool {
        requested.all(|requested| self.is(requested))
    }

    fn is(&self, requested: &str) -> bool {
        if requested == self.name {
            return true;
        }
        let (Some(own), Ok(url)) = (&self.url, Url::parse(requested)) else {
            return false;
        };
        // Some clients add a query of their own to a URL that has none.
        let has_same_query = own.query().is_none() || own.query() == url.query();
        url.fragment().is_none()
            && url.username().is_empty()
            && url.password().is_none()
            && url.origin() == own.origin()
            && without_slash(&url) == without_slash(own)
            && has_same_query
    }
}

fn without_slash(url: &Url) -> &str {
    url.path().strip_suffix('/').unwrap_or(url.path())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(own: &str, requested: &str, expected: bool) {
        let resource = ResourceIndicator::new(own);
        let means = resource.are_all([requested].into_iter());
        assert_eq!(means, expected, "{requested}");
    }

    // RFC 3986 section 6.2: case of scheme and host, default port and root slash say nothing.
    #[test]
    fn spellings_of_one_url_mean_one_resource() {
        for same in [
            "https://mcp.example/mcp",
            "HTTPS://MCP.example/mcp",
            "https://mcp.example:443/mcp",
            "https://mcp.example/mcp/",
        ] {
            check("https://mcp.example/mcp", same, true);
        }
        check("https://mcp.example", "https://mcp.example/", true);
    }

    // RFC 8707 section 2: an absolute URI without a fragment.
    #[test]
    fn any_other_resource_is_another() {
        for other in [
            "",
            "/mcp",
            "mcp",
            "javascript:alert(1)",
            "http://mcp.example/mcp",
            "https://mcp.example",
            "https://mcp.example/MCP",
            "https://mcp.example/mcp#x",
            "https://mcp.example/mcp//",
            "https://mcp.example:8443/mcp",
            "https://mcp.example.evil/mcp",
            "https://mcp.example@evil/mcp",
            "https://user@mcp.example/mcp",
        ] {
            check("https://mcp.example/mcp", other, false);
        }
    }

    #[test]
    fn a_query_is_passed_over_if_the_resource_has_none() {
        let (plain, with_query) = ("https://mcp.example/mcp", "https://mcp.example/mcp?a=1");
        check(plain, "https://mcp.example/mcp?kb_name=x", true);
        check(with_query, with_query, true);
        check(with_query, plain, false);
        check(with_query, "https://mcp.example/mcp?a=2", false);
    }

    #[test]
    fn all_that_are_asked_for_have_to_be_it() {
        let resource = ResourceIndicator::new("https://mcp.example/mcp");
        assert!(resource.are_all([].into_iter()));
        let two = ["https://mcp.example/mcp", "https://mcp.example/other"];
        assert!(!resource.are_all(two.into_iter()));
    }
}
