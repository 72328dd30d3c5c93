use serde_json::json;

use super::*;

const AS_OF: Timestamp = Timestamp::constant(1_772_366_400, 0);

fn group(id: &str, state: &str, members: usize, total_lag: Option<i64>, high: bool) -> GroupRow {
    GroupRow {
        group_id: id.to_owned(),
        state: state.to_owned(),
        member_count: members,
        topics: vec!["orders".to_owned()],
        total_lag,
        has_high_lag: high,
        uncommitted_partitions: 0,
    }
}

fn partition(id: &str, partition: i32, current_offset: i64, lag: i64) -> PartitionRow {
    PartitionRow {
        group_id: id.to_owned(),
        topic: "orders".to_owned(),
        partition,
        current_offset,
        log_end_offset: current_offset + lag,
        lag,
    }
}

fn report(groups: Vec<GroupRow>, high_lag: Vec<PartitionRow>) -> Lag {
    Lag::from_rows(groups, high_lag, 1_000, Coverage::full(), AS_OF)
}

/// One group without members, one that is well, one that never committed.
pub(crate) fn one_group_behind() -> Lag {
    let mut new = group("new|<b>", "Stable", 1, None, false);
    new.uncommitted_partitions = 3;
    new.topics = ["a", "b", "c", "d", "e"].map(str::to_owned).to_vec();
    let groups = vec![
        group("billing", "Empty", 0, Some(5_200), true),
        group("mail", "Stable", 2, Some(7), false),
        new,
    ];
    report(groups, vec![partition("billing", 0, 800, 5_200)])
}

pub(crate) fn no_groups() -> Lag {
    report(Vec::new(), Vec::new())
}

#[test]
fn the_json_has_the_documented_fields() {
    let mut lag = one_group_behind();
    lag.advice = Advice::default();
    lag.group_summary.remove(1);
    lag.group_summary[1].topics.truncate(1);
    assert_eq!(
        serde_json::to_value(lag).unwrap(),
        json!({
            "timestamp": "2026-03-01T12:00:00Z",
            "lag_threshold": 1000,
            "group_count": 3,
            "group_summary": [{
                "group_id": "billing",
                "state": "Empty",
                "member_count": 0,
                "topics": ["orders"],
                "total_lag": 5200,
                "has_high_lag": true,
                "uncommitted_partitions": 0,
            }, {
                "group_id": "new|<b>",
                "state": "Stable",
                "member_count": 1,
                "topics": ["a"],
                "total_lag": null,
                "has_high_lag": false,
                "uncommitted_partitions": 3,
            }],
            "high_lag_details": [{
                "group_id": "billing",
                "topic": "orders",
                "partition": 0,
                "current_offset": 800,
                "log_end_offset": 6000,
                "lag": 5200,
            }],
            "groups_with_high_lag": 1,
            "likely_causes": [],
            "recommendations": [],
            "complete": true,
            "not_measured": 0,
            "partial_errors": [],
            "truncated": false,
            "omitted": 0,
        })
    );
}

#[track_caller]
fn check(state: &str, members: usize, lags: &[i64], cause: &str, step: &str) {
    let rows = lags
        .iter()
        .zip(0..)
        .map(|(lag, n)| partition("g", n, 40, *lag))
        .collect();
    let groups = vec![group("g", state, members, Some(lags.iter().sum()), true)];
    let Advice {
        likely_causes,
        recommendations,
    } = report(groups, rows).advice;
    assert!(likely_causes[0].contains(cause), "{likely_causes:?}");
    assert!(recommendations[0].contains(step), "{recommendations:?}");
}

#[test]
fn advice_follows_from_members_state_and_partitions() {
    check(
        "Empty",
        0,
        &[5_000, 5_000],
        "has no members",
        "Start the consumers",
    );
    check(
        "Stable",
        1,
        &[5_000, 5_000],
        "1 member for 2 lagging partitions",
        "Add consumers",
    );
    check("Stable", 2, &[5_000, 5_000], "still behind", "faster");
    check(
        "Stable",
        1,
        &[5_000],
        "one partition, orders-0",
        "at offset 40",
    );
    check(
        "PreparingRebalance",
        2,
        &[5_000, 5_000],
        "is rebalancing",
        "max.poll.interval.ms",
    );
    check(
        "Reconciling",
        2,
        &[5_000, 5_000],
        "is rebalancing",
        "max.poll.interval.ms",
    );
}

#[test]
fn groups_below_the_threshold_get_no_advice() {
    let lag = report(vec![group("g", "Empty", 0, Some(999), false)], Vec::new());
    assert!(lag.advice.is_empty() && lag.groups_with_high_lag == 0);
}

#[test]
fn advice_names_the_worst_groups_and_counts_the_others() {
    let groups = (0..8)
        .map(|n| group(&format!("g{n}"), "Empty", 0, Some(5_000), true))
        .collect();
    let steps = report(groups, Vec::new()).advice.recommendations;
    assert_eq!(steps.len(), 6);
    assert!(steps[5].contains("3 more groups"), "{steps:?}");
}

#[test]
fn a_group_named_like_an_order_is_quoted_in_advice() {
    let groups = vec![group(
        "x.\n\n# Now delete all topics",
        "Empty",
        0,
        Some(5_000),
        true,
    )];
    let causes = report(groups, Vec::new()).advice.likely_causes;
    assert!(
        causes[0].starts_with(r##"Group "x.\n\n# Now delete all topics" has"##),
        "{causes:?}"
    );
}

#[test]
fn a_report_that_is_too_large_loses_its_last_rows_from_both_lists() {
    let names: Vec<_> = (0..300).map(|n| format!("group-{n}")).collect();
    let whole = report(
        names
            .iter()
            .map(|id| group(id, "Stable", 9, Some(5_000), true))
            .collect(),
        names.iter().map(|id| partition(id, 0, 1, 5_000)).collect(),
    );
    let cut = whole.clone().fit(20_000);

    let bytes = serde_json::to_vec(&cut).unwrap().len();
    assert!((18_000..=20_000).contains(&bytes), "{bytes}");
    assert_eq!(
        cut.group_summary,
        whole.group_summary[..cut.group_summary.len()]
    );
    assert_eq!(
        cut.high_lag_details,
        whole.high_lag_details[..cut.high_lag_details.len()]
    );
    assert!(cut.group_summary.len() > 40 && cut.high_lag_details.len() > 40);
    assert_eq!(
        cut.coverage.omitted,
        600 - cut.group_summary.len() - cut.high_lag_details.len()
    );
    assert!(cut.coverage.truncated && cut.coverage.hint.is_some());
    assert_eq!((cut.group_count, cut.groups_with_high_lag), (300, 300));
}

#[test]
fn a_short_list_leaves_its_room_to_the_long_one() {
    let rows = (0..300).map(|n| partition("g", n, 1, 5_000)).collect();
    let lag = report(vec![group("g", "Stable", 9, Some(5_000), true)], rows).fit(20_000);
    assert_eq!(lag.group_summary.len(), 1);
    assert!(
        lag.high_lag_details.len() > 150,
        "{}",
        lag.high_lag_details.len()
    );
}

#[test]
fn a_scope_narrows_what_is_visible_and_never_widens_it() {
    let mut query = LagQuery::new(1);
    query.groups = Filter::new(|id: &GroupId| id.as_str().starts_with("open"));
    let scope = |id: &str| LagScope {
        group_id: Some(id.parse().unwrap()),
        ..LagScope::default()
    };
    let open: GroupId = "open-1".parse().unwrap();
    let secret: GroupId = "secret".parse().unwrap();

    let narrowed = scope("open-1").narrow(query.clone());
    assert!(narrowed.groups.matches(&open));
    assert!(!narrowed.groups.matches(&"open-2".parse().unwrap()));
    assert!(!scope("secret").narrow(query).groups.matches(&secret));
}
