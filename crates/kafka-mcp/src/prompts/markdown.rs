//! Markdown that text from a cluster cannot break out of.

use std::fmt::{Display, Write};

/// A Markdown document under construction.
///
/// Everything that is put in is text: whatever Markdown or HTML would act on is escaped. A name
/// from the cluster can therefore not add a row, a heading, a link or an image. Blocks begin with
/// words of ours, so that marks which only act at the start of a line need no escape.
#[derive(Debug, Default)]
pub(super) struct Markdown(String);

impl Markdown {
    pub(super) fn new(title: &str) -> Self {
        Self(format!("# {}\n", escape(title)))
    }

    pub(super) fn section(&mut self, title: &str) {
        self.block(format_args!("## {}", escape(title)));
    }

    pub(super) fn paragraph(&mut self, text: impl Display) {
        self.block(escape(&text.to_string()));
    }

    /// A paragraph that ends in bold: `Status: **healthy**`.
    pub(super) fn fact(&mut self, label: &str, value: impl Display) {
        self.block(format_args!(
            "{}: **{}**",
            escape(label),
            escape(&value.to_string())
        ));
    }

    pub(super) fn bullets(&mut self, items: impl IntoIterator<Item = impl Display>) {
        let items = items.into_iter();
        self.lines(items.map(|item| format!("- {}", escape(&item.to_string()))));
    }

    pub(super) fn numbered(&mut self, items: impl IntoIterator<Item = impl Display>) {
        let items = (1_usize..).zip(items);
        self.lines(items.map(|(n, item)| format!("{n}. {}", escape(&item.to_string()))));
    }

    pub(super) fn table<const COLUMNS: usize>(
        &mut self,
        columns: [Column; COLUMNS],
        rows: impl IntoIterator<Item = [String; COLUMNS]>,
    ) {
        let titles = columns.map(|column| escape(column.title()));
        let rules = columns.map(|column| column.rule().to_owned());
        let rows = rows.into_iter().map(|row| row.map(|cell| escape(&cell)));
        self.lines([titles, rules].into_iter().chain(rows).map(|cells| {
            let mut line = String::from("|");
            for cell in cells {
                line.push(' ');
                line.push_str(&cell);
                line.push_str(" |");
            }
            line
        }));
    }

    pub(super) fn finish(self) -> String {
        self.0
    }

    fn block(&mut self, block: impl Display) {
        // Writing to a string does not fail.
        let _ = write!(self.0, "\n{block}\n");
    }

    fn lines(&mut self, lines: impl Iterator<Item = String>) {
        self.0.push('\n');
        for line in lines {
            self.0.push_str(&line);
            self.0.push('\n');
        }
    }
}

/// A column of a table.
#[derive(Clone, Copy, Debug)]
pub(super) enum Column {
    Number(&'static str),
    Text(&'static str),
}

impl Column {
    fn title(self) -> &'static str {
        match self {
            Self::Number(title) | Self::Text(title) => title,
        }
    }

    fn rule(self) -> &'static str {
        match self {
            Self::Number(_) => "---:",
            Self::Text(_) => "---",
        }
    }
}

/// Escapes what Markdown (CommonMark and GitHub's tables) and HTML act on within a line.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len() + 8);
    let mut rest = text.chars();
    while let Some(c) = rest.next() {
        match c {
            '\n' => escaped.push_str("\\\\n"),
            '\r' => escaped.push_str("\\\\r"),
            '\\' | '|' | '`' | '*' | '<' | '>' | '[' | ']' | '~' | '&' => {
                escaped.push('\\');
                escaped.push(c);
            }
            // Within a word it is no emphasis: `my_topic` stays readable.
            '_' if !rest
                .as_str()
                .trim_start_matches('_')
                .starts_with(char::is_alphanumeric) =>
            {
                escaped.push_str("\\_");
            }
            c => escaped.push(c),
        }
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_stay_readable() {
        for name in [
            "my_topic",
            "__consumer_offsets",
            "shop.orders-v1",
            "5,000",
            "a: b (c)",
        ] {
            assert_eq!(escape(name), name);
        }
    }

    #[test]
    fn marks_that_act_are_escaped() {
        assert_eq!(escape("a|b"), "a\\|b");
        assert_eq!(escape("`x`"), "\\`x\\`");
        assert_eq!(
            escape("**b** __b__ ~~s~~"),
            "\\*\\*b\\*\\* __b\\_\\_ \\~\\~s\\~\\~"
        );
        assert_eq!(escape("<img src=x>&lt;"), "\\<img src=x\\>\\&lt;");
        assert_eq!(escape("![i](http://x)"), "!\\[i\\](http://x)");
        assert_eq!(escape("a\r\n# b"), "a\\\\r\\\\n# b");
        assert_eq!(escape("a\\|b"), "a\\\\\\|b");
    }

    #[test]
    fn a_table_has_as_many_cells_in_each_row_as_columns() {
        let mut markdown = Markdown::new("Title");
        markdown.table(
            [Column::Text("Group"), Column::Number("Lag")],
            [["a|b\n|c|".to_owned(), "5".to_owned()]],
        );
        assert_eq!(
            markdown.finish(),
            "# Title\n\n| Group | Lag |\n| --- | ---: |\n| a\\|b\\\\n\\|c\\| | 5 |\n"
        );
    }
}
