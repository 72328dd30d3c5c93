use super::*;

/// What sends a request, or makes markup or code of a text.
const DANGERS: [&str; 20] = [
    "//",
    "@import",
    "document.write",
    "eval(",
    "EventSource",
    "fetch(",
    "Function(",
    "href=",
    "import(",
    "innerHTML",
    "insertAdjacentHTML",
    "outerHTML",
    "sendBeacon",
    "setHTML",
    "src=",
    "srcdoc",
    "url(",
    "WebSocket",
    "Worker(",
    "XMLHttpRequest",
];

/// Without comments, and without the one name that looks like an address.
fn code(view: AppView) -> String {
    let lines = view.page().lines().map(str::trim);
    let code: String = lines
        .filter(|line| !line.starts_with("//") && !line.starts_with("/*") && !line.starts_with('*'))
        .map(|line| format!("{line}\n"))
        .collect();
    code.replace("http://www.w3.org/2000/svg", "")
}

#[test]
fn a_view_loads_nothing_and_makes_no_markup_of_texts() {
    for view in AppView::ALL {
        let code = code(view);
        for danger in DANGERS {
            let at = code.find(danger);
            let around = at.and_then(|at| code.get(at.saturating_sub(40)..at + 20));
            assert_eq!(around, None, "{danger} in {}", view.uri());
        }
    }
}

#[test]
fn a_view_has_no_handlers_in_its_markup() {
    for view in AppView::ALL {
        let (markup, _) = view.page().split_once("<script").unwrap();
        for word in markup.split_whitespace() {
            assert!(!word.starts_with("on"), "{word} in {}", view.uri());
        }
    }
}

#[test]
fn a_view_is_one_document_of_one_style_and_one_script() {
    for view in AppView::ALL {
        let page = view.page();
        assert!(page.starts_with("<!doctype html>\n"));
        assert!(page.is_ascii(), "{}", view.uri());
        for part in ["head", "style", "body", "main", "script", "h1", "html"] {
            let ends = page.matches(&format!("</{part}>")).count();
            assert_eq!(ends, 1, "{part} in {}", view.uri());
        }
        let policy = "content=\"default-src 'none'; script-src 'unsafe-inline'; \
                      style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; \
                      require-trusted-types-for 'script'\"";
        assert!(page.contains(policy));
        // A host passes it on with each view that it shows.
        assert!(page.len() < 64 * 1024, "{} bytes", page.len());
    }
}

#[test]
fn only_the_two_views_are_found() {
    for view in AppView::ALL {
        assert_eq!(AppView::find(view.uri()), Some(view));
    }
    for uri in [
        "ui://kafka/",
        "ui://kafka/Cluster.html",
        "ui://kafka/lag.html?x=1",
    ] {
        assert_eq!(AppView::find(uri), None, "{uri}");
    }
}
