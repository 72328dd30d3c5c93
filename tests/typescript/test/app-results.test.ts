// What the views make of results that are cut, narrowed down or unknown in part, and of hosts that
// let them ask for nothing more: they say no more than is known.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";

import { committed, described, failure, inOrder, lagOf, lagReport, partial, reported, result, standing } from "../src/app_answers.ts";
import type { OpenHost } from "../src/app_host.ts";
import { AppStage } from "../src/app_stage.ts";
import type { AppView } from "../src/app_view.ts";
import { kinds } from "../src/client.ts";
import { eventually } from "../src/patience.ts";
import { assertMatches } from "../src/schema.ts";

const GROUP = { group_id: "orders-service" };

describe("what the views say of results", { timeout: 600_000 }, () => {
  let stage: AppStage;
  let open: OpenHost;
  let view: AppView;

  before(async () => {
    stage = await AppStage.start();
  });

  after(async () => {
    await stage?.stop();
  });

  afterEach(async () => {
    await stage.close();
  });

  async function show(...what: Parameters<AppStage["show"]>): Promise<void> {
    ({ open, view } = await stage.show(...what));
  }

  /** Shows what a tool said, in a host that lets the view ask for nothing more. */
  async function showSaid(tool: string, said: Record<string, unknown>, given: Record<string, unknown> = {}): Promise<void> {
    await show(tool, [], { given, options: { withoutTools: true, result: result(said) } });
  }

  /** Shows where groups stand, as it is polled. */
  async function showPolled(lag: object, given: Record<string, unknown> = {}, more: object = {}): Promise<void> {
    await show("consumer_lag", [result({ ...inOrder(), lag, ...more })], { given });
    await view.isIn("fresh");
  }

  /** Waits until a whole text is there. */
  async function says(text: string): Promise<void> {
    await view.main.getByText(text, { exact: true }).waitFor();
  }

  /** Waits until a figure has exactly this value and this note. */
  async function figureSays(label: string, value: string, note = ""): Promise<void> {
    await eventually(`${label} is ${value} ${note}`, async () => {
      const [said, more] = await view.figure(label).locator("dd").allTextContents();
      return (said === value && more === note) || undefined;
    });
  }

  /** Asserts that nothing is said to have caught up. */
  async function saysNothingOfCaughtUp(): Promise<void> {
    assert.doesNotMatch((await view.main.textContent()) ?? "", /caught up/);
  }

  /** Groups that are polled: at most 25 of them are listed, those whose lag is unknown last. */
  function polledGroups(caughtUp: number, unknown: number) {
    const group = (at: number, total_lag: number | null) => ({
      group_id: `group-${at}`,
      state: "Stable",
      member_count: 1,
      total_lag,
      uncommitted_partitions: total_lag === null ? 3 : 0,
    });
    const groups = Array.from({ length: caughtUp + unknown }, (_, at) => group(at, at < caughtUp ? 0 : null));
    const all = standing(groups, []);
    return { ...all, groups: groups.slice(0, 25), partitions_with_unknown_lag: 3 * unknown };
  }

  it("say that every group has caught up once it is known of every one", async () => {
    // Which are more than are listed.
    await showPolled(polledGroups(30, 0), {}, { omitted: 5 });
    await says("None: every group has caught up.");
    await says("5 more groups not listed here.");
  });

  it("do not say so of groups that are not listed, and unknown", async () => {
    await showPolled(polledGroups(26, 4), {}, { omitted: 5 });
    await says("None that is known of: the lag of 4 groups is unknown.");
    await saysNothingOfCaughtUp();
  });

  it("do not say so where partitions are unknown", async () => {
    await showPolled({ ...polledGroups(3, 0), partitions_with_unknown_lag: 2 });
    await says("None that is known of: the lag of 2 partitions is unknown.");
    await saysNothingOfCaughtUp();
  });

  it("do not say so where not everything could be measured", async () => {
    await showPolled(polledGroups(3, 0), {}, partial({}));
    await says("None that is known of.");
    await saysNothingOfCaughtUp();
  });

  it("do not say so of a group of which a part is unknown", async () => {
    const group = { ...lagOf(0).lag.groups[0]!, total_lag: 0 };
    const rows = lagOf(0).lag.partitions.map((row) => ({ ...row, lag: row.lag && 0 }));
    await showPolled(standing([group], rows), GROUP);
    await figureSays("Total lag", "0", "as far as it is known");
    await saysNothingOfCaughtUp();
  });

  it("say it of a group that has", async () => {
    const group = { ...lagOf(0).lag.groups[0]!, total_lag: 0 };
    const rows = lagOf(0).lag.partitions.slice(0, 2).map((row) => ({ ...row, lag: 0 }));
    await showPolled(standing([group], rows), GROUP);
    await figureSays("Total lag", "0", "caught up");
  });

  it("name the threshold below which consumer_lag lists nothing", async () => {
    await showSaid("consumer_lag", lagReport([reported("orders-service", 900), reported("billing", 0)]));
    await figureSays("Groups behind", "1");
    await says("Partitions with a lag above 1,000");
    await says("None.");
    await saysNothingOfCaughtUp();
  });

  it("name it for one group too", async () => {
    await showSaid("consumer_lag", lagReport([reported("orders-service", 900, 2)]), GROUP);
    await figureSays("Total lag", "900");
    await figureSays("Lag unknown", "2");
    await says("Partitions with a lag above 1,000");
    await says("None that is known of: the lag of 2 partitions is unknown.");
    await saysNothingOfCaughtUp();
  });

  it("say what consumer_lag knows of groups that have caught up", async () => {
    await showSaid("consumer_lag", lagReport([reported("billing", 0)]));
    await says("None: every group has caught up.");
  });

  it("say it of one topic where it was asked for one", async () => {
    await showSaid("consumer_lag", lagReport([reported("billing", 0)]), { topic: "orders" });
    await says("None: every group has caught up on the topic orders.");
  });

  it("count at least what consumer_lag lists, where groups are left out", async () => {
    const rows = [{ ...lagOf(0).lag.partitions[0]!, lag: 5_000 }];
    const cut = { group_count: 9, high_lag_details: rows, truncated: true, omitted: 7 + 3 };
    await showSaid("consumer_lag", lagReport([reported("billing", 6_000), reported("mailer", 0)], cut));
    await figureSays("Total lag", "at least 6,000");
    await figureSays("Groups", "9");
    await figureSays("Groups behind", "at least 1");
    await figureSays("Lag unknown", "unknown", "of 9 groups");
    await says("7 more groups not listed here.");
    await says("3 more partitions not listed here.");
  });

  it("do not say of groups that are left out that they have caught up", async () => {
    const cut = { group_count: 9, truncated: true, omitted: 8 };
    await showSaid("consumer_lag", lagReport([reported("billing", 0)], cut));
    await says("None that is known of.");
    await saysNothingOfCaughtUp();
  });

  const nothingOnTopic = "This group has committed nothing on the topic payments and has no partition of it assigned.";

  it("say that a group does not read the topic that was asked for", async () => {
    const group = { ...lagOf(0).lag.groups[0]!, total_lag: null, uncommitted_partitions: 0 };
    await showPolled(standing([group], []), { ...GROUP, topic: "payments" });
    await says(nothingOnTopic);
  });

  it("say so by what consumer_lag said", async () => {
    await showSaid("consumer_lag", lagReport([]), { ...GROUP, topic: "payments" });
    await says(nothingOnTopic);
  });

  it("say that a group may read what is not open to the reader", async () => {
    const group = { ...lagOf(0).lag.groups[0]!, total_lag: null, uncommitted_partitions: 0 };
    await showPolled(standing([group], []), GROUP);
    await says("This group has committed nothing and has no partition assigned, unless in topics that are not open to you.");
  });

  it("say that nobody reads the topic that was asked for", async () => {
    await showPolled(standing([], []), { topic: "payments" });
    await says("No consumer group that is open to you reads the topic payments.");
    await saysNothingOfCaughtUp();
  });

  it("do not say that there are no groups where none could be measured", async () => {
    await showPolled(standing([], []), {}, partial({}));
    await says("No consumer group could be measured.");
    await figureSays("Total lag", "unknown");
  });

  it("count partitions that describe_consumer_group left out, and not members", async () => {
    const said = described({ offsets: committed(1_000, 800, null), member_count: 5, truncated: true, omitted: 3 + 4 });
    await showSaid("describe_consumer_group", said, { ...GROUP, include_offsets: true });
    await figureSays("Members", "5");
    assert.equal(await view.rows("Partitions").count(), 3);
    await says("4 more partitions not listed here.");
    await figureSays("Total lag", "at least 1,800");
  });

  it("take all partitions for listed where members alone are left out", async () => {
    const said = described({ offsets: committed(0, 0), member_count: 5, truncated: true, omitted: 3 });
    await showSaid("describe_consumer_group", said, { ...GROUP, include_offsets: true });
    await figureSays("Total lag", "0", "caught up");
    await figureSays("Lag unknown", "0", "of 2 partitions");
    assert.equal(await view.main.getByText("not listed here").count(), 0);
  });

  it("do not take the last offsets of a group for all of them", async () => {
    const said = described({ offsets: committed(0, 0) });
    await showSaid("describe_consumer_group", said, { ...GROUP, cursor: "of-the-page-before" });
    await figureSays("Total lag", "unknown", "as far as it is known");
    await saysNothingOfCaughtUp();
  });

  for (const [tool, hint] of [
    ["describe_consumer_group", "call consumer_lag, or describe_consumer_group with include_offsets."],
    ["cluster_overview", "call cluster_overview."],
  ] as const) {
    it(`say what to call where a result of ${tool} cannot be drawn`, async () => {
      await showSaid(tool, tool === "cluster_overview" ? {} : described({}), GROUP);
      await view.isIn("failed");
      await view.problem.filter({ hasText: hint }).waitFor();
      assert.equal(await view.main.getAttribute("aria-busy"), "false");
      assert.equal(await view.freshness.textContent(), "No numbers");
      assert.equal(await view.tryNow.count(), 0, "there is nothing to try");
    });
  }

  it("ask for what a result lacks where the host lets them", async () => {
    const options = { result: result(described({})) };
    await show("describe_consumer_group", [result(lagOf(0))], { given: GROUP, options });
    await view.isIn("fresh");
    assert.equal(await view.problem.count(), 0);
  });

  it("draw a line that goes on where the server's clock is ahead", async () => {
    const ahead = lagReport([reported("billing", 900)], { timestamp: "2026-03-01T12:10:00Z" });
    const step = (lag: number) => ({ ...inOrder(), lag: standing([reported("billing", lag)], []) });
    // The failure comes before what the view would show instead of the result.
    const answers = [failure("timeout"), ...[1_000, 1_100, 1_200].map((lag) => result(step(lag)))];
    await show("consumer_lag", answers, { options: { result: result(ahead) } });
    await view.picture.waitFor();
    await stage.poll(3);
    const path = () => view.picture.locator("path").first().getAttribute("d");
    const places = await eventually("there are four samples", async () => {
      const points = [...((await path()) ?? "").matchAll(/[ML]([\d.]+) /g)].map(([, x]) => Number(x));
      return points.length === 4 ? points : undefined;
    });
    assert.deepEqual(
      places,
      places.toSorted((one, other) => one - other),
      "the line goes from left to right",
    );
    const pace = await view.rows("Groups").locator("td").last().textContent();
    assert.match(pace ?? "", /^\+1,\d\d\d$/);
  });

  it("show an hour at most, however seldom somebody looked", async () => {
    await show("consumer_lag", [result(lagOf(0))], { given: GROUP });
    await view.isIn("fresh");
    for (let time = 0; time < 5; time++) {
      await view.pause.click();
      await open.page.clock.runFor(14 * 60_000);
      await view.resume.click();
      await view.isIn("fresh");
    }
    await view.pointInTime.focus();
    await open.page.keyboard.press("Home");
    // They were asked at 12:00, 12:14, and so on until 13:10.
    const first = await view.pointInTime.getAttribute("aria-valuetext");
    assert.match(first ?? "", /^12:14:\d\d, /);
  });

  it("get results here that are as the tools publish them", async () => {
    await showSaid("consumer_lag", lagReport([]));
    const client = await kinds[0]!.connect(stage.server.url);
    try {
      const { tools } = await client.listTools();
      const check = (name: string, value: object) => {
        assertMatches(tools.find((tool) => tool.name === name)!.outputSchema!, value, name);
      };
      check("consumer_lag", lagReport([reported("billing", null, 2)], { high_lag_details: [lagOf(0).lag.partitions[0]!] }));
      check("describe_consumer_group", described({ offsets: committed(1, null) }));
      check("describe_consumer_group", described({}));
    } finally {
      await client.close();
    }
  });
});
