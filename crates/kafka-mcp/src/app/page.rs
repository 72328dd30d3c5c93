//! The pages of the views, each in one piece.
//!
//! A page has a policy of its own (`head.html`), for hosts that set none or a lax one: it loads
//! nothing, and browsers that know trusted types let no text become markup. The policy names no
//! hashes of scripts, as hosts may put one of theirs into the page.

/// Puts a page together: what the views share, and the markup and the scripts of one.
macro_rules! page {
    ($title:literal, $markup:literal, $($script:literal),+) => {
        concat!(
            "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<title>",
            $title,
            "</title>\n",
            include_str!("head.html"),
            "<style>\n",
            include_str!("style.css"),
            "</style>\n</head>\n<body>\n<main>\n<header>\n<h1>",
            $title,
            "</h1>\n",
            include_str!("header.html"),
            include_str!($markup),
            "</main>\n<script type=\"module\">\n",
            include_str!("elements.js"),
            include_str!("words.js"),
            include_str!("host.js"),
            include_str!("samples.js"),
            include_str!("chart.js"),
            include_str!("figures.js"),
            include_str!("live.js"),
            $(include_str!($script),)+
            "</script>\n</body>\n</html>\n",
        )
    };
}

pub(super) const CLUSTER: &str = page!("Kafka cluster", "cluster.html", "cluster.js");
pub(super) const LAG: &str = page!(
    "Consumer lag",
    "lag.html",
    "standing.js",
    "nothing.js",
    "lag_figures.js",
    "lag.js"
);
