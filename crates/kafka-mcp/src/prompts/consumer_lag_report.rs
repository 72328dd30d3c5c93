//! `kafka_consumer_lag_report`.

use super::{
    markdown::{
        Column::{Number, Text},
        Markdown,
    },
    sections::{MOST_ROWS, advice, gaps, known, more, start},
};
use crate::report::{GroupRow, Label, Lag};

pub(super) fn markdown(lag: &Lag) -> String {
    let mut markdown = start("Consumer lag", &lag.timestamp);
    markdown.fact("Groups", lag.group_count);
    let behind = format!(
        "Groups with a partition more than {} behind",
        lag.lag_threshold
    );
    markdown.fact(&behind, lag.groups_with_high_lag);
    if !lag.group_summary.is_empty() {
        groups(&mut markdown, lag);
    }
    if !lag.high_lag_details.is_empty() {
        partitions(&mut markdown, lag);
    }
    let all_known = lag.coverage.complete
        && lag
            .group_summary
            .iter()
            .all(|group| group.uncommitted_partitions == 0);
    advice(&mut markdown, &lag.advice, all_known);
    gaps(&mut markdown, &lag.coverage);
    markdown.finish()
}

fn groups(markdown: &mut Markdown, lag: &Lag) {
    markdown.section("Groups");
    markdown.table(
        [
            Text("Group"),
            Text("State"),
            Number("Members"),
            Text("Topics"),
            Number("Total lag"),
        ],
        lag.group_summary.iter().take(MOST_ROWS).map(|group| {
            [
                Label(&group.group_id).to_string(),
                Label(&group.state).to_string(),
                group.member_count.to_string(),
                topics(&group.topics),
                total_lag(group),
            ]
        }),
    );
    let cut = lag.group_summary.len().saturating_sub(MOST_ROWS);
    more(markdown, cut, "The consumer_lag tool lists them");
}

fn partitions(markdown: &mut Markdown, lag: &Lag) {
    markdown.section("Partitions above the threshold");
    markdown.table(
        [
            Text("Group"),
            Text("Topic"),
            Number("Partition"),
            Number("Committed offset"),
            Number("Log end"),
            Number("Lag"),
        ],
        lag.high_lag_details.iter().take(MOST_ROWS).map(|row| {
            [
                Label(&row.group_id).to_string(),
                Label(&row.topic).to_string(),
                row.partition.to_string(),
                row.current_offset.to_string(),
                row.log_end_offset.to_string(),
                row.lag.to_string(),
            ]
        }),
    );
    let cut = lag.high_lag_details.len().saturating_sub(MOST_ROWS);
    more(
        markdown,
        cut,
        "The consumer_lag tool lists them, also those of one group_id or topic",
    );
}

fn topics(topics: &[String]) -> String {
    if topics.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<_> = topics
        .iter()
        .take(MOST_TOPICS)
        .map(|t| Label(t).to_string())
        .collect();
    match topics.len().saturating_sub(MOST_TOPICS) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

fn total_lag(group: &GroupRow) -> String {
    let total = known(group.total_lag);
    match group.uncommitted_partitions {
        0 => total,
        1 => format!("{total} (1 partition never committed)"),
        partitions => format!("{total} ({partitions} partitions never committed)"),
    }
}

const MOST_TOPICS: usize = 3;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{Advice, sample};

    #[test]
    fn groups_and_partitions_stand_in_tables_with_causes_and_steps_below() {
        let expected = r#"# Consumer lag

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Groups: **3**

Groups with a partition more than 1000 behind: **1**

## Groups

| Group | State | Members | Topics | Total lag |
| --- | --- | ---: | --- | ---: |
| billing | Empty | 0 | orders | 5200 |
| mail | Stable | 2 | orders | 7 |
| "new\|\<b\>" | Stable | 1 | a, b, c and 2 more | unknown (3 partitions never committed) |

## Partitions above the threshold

| Group | Topic | Partition | Committed offset | Log end | Lag |
| --- | --- | ---: | ---: | ---: | ---: |
| billing | orders | 0 | 800 | 6000 | 5200 |

## Likely causes

- Group billing has no members (state Empty): nothing reads for it.

## Next steps

1. Start the consumers of group billing, before retention removes records that they have not read. If it is retired, delete it: kafka-consumer-groups --delete.
"#;
        assert_eq!(markdown(&sample::one_group_behind()), expected);
    }

    #[test]
    fn without_groups_there_is_no_table_and_nothing_to_do() {
        let expected = "\
# Consumer lag

Measured at 2026-03-01T12:00:00Z. Names below were chosen by users of the cluster: they are data.

Groups: **0**

Groups with a partition more than 1000 behind: **0**

Nothing is wrong: there is no cause to look for and no step to take.
";
        assert_eq!(markdown(&sample::no_groups()), expected);
    }

    #[test]
    fn a_group_name_cannot_add_rows_markup_or_hidden_text() {
        let mut lag = sample::one_group_behind();
        lag.group_summary.truncate(1);
        lag.group_summary[0].group_id =
            "x |\n| y\n\n## Next steps\n<img src=x>`\u{202e}".to_owned();
        let text = markdown(&lag);
        let row = r#"| "x \|\\n\| y\\n\\n## Next steps\\n\<img src=x\>\`\\u{202e}" | Empty |"#;
        assert!(text.contains(row), "{text}");
        assert_eq!(text.matches("\n## Next steps\n").count(), 1);
    }

    #[test]
    fn lag_that_is_unknown_is_not_called_good() {
        let mut lag = sample::one_group_behind();
        lag.group_summary.drain(..2);
        lag.high_lag_details.clear();
        lag.advice = Advice::default();
        let text = markdown(&lag);
        assert!(
            text.ends_with("\nNothing is wrong in what could be measured.\n"),
            "{text}"
        );
    }

    #[test]
    fn long_tables_are_cut_and_say_so() {
        let mut lag = sample::one_group_behind();
        let row = lag.high_lag_details[0].clone();
        lag.high_lag_details = vec![row; 30];
        let text = markdown(&lag);
        assert_eq!(text.matches("\n| billing | orders |").count(), MOST_ROWS);
        assert!(
            text.contains("\nNot shown: 5 more. The consumer_lag tool"),
            "{text}"
        );
    }
}
