// What the views of the app look like and how they are used, in every state: with the answers that
// the test gives them, and on a clock that it moves.

import assert from "node:assert/strict";
import { after, afterEach, before, describe, it } from "node:test";

import type { BrowserContextOptions } from "playwright-core";

import { assertAccessible, assertFits } from "../src/accessibility.ts";
import {
  committed,
  described,
  failure,
  inOrder,
  inTrouble,
  lagOf,
  lagOfAll,
  lagReport,
  partial,
  reported,
  result,
  standing,
} from "../src/app_answers.ts";
import type { OpenHost } from "../src/app_host.ts";
import { AppStage } from "../src/app_stage.ts";
import type { AppView } from "../src/app_view.ts";
import { assertShowsFocus } from "../src/focus.ts";
import { eventually } from "../src/patience.ts";
import { keepScreenshot } from "../src/screenshots.ts";

const GROUP = { group_id: "orders-service" };

const screens: Record<string, BrowserContextOptions> = {
  wide: { viewport: { width: 1200, height: 800 } },
  narrow: { viewport: { width: 320, height: 640 }, deviceScaleFactor: 2, hasTouch: true, isMobile: true },
};

/** A report of more than fits: groups without lag are left out, and partitions. */
function cutReport() {
  const groups = Array.from({ length: 12 }, (_, at) => reported(`group-${`${at}`.padStart(2, "0")}`, 9_000 - 500 * at));
  const { partitions } = lagOf(4).lag;
  const high = [{ ...partitions[0]!, lag: 1_400 }];
  return lagReport(groups, { group_count: 40, high_lag_details: high, truncated: true, omitted: 28 + 30 });
}

type More = NonNullable<Parameters<AppStage["show"]>[2]>;

describe("the looks of the views", { timeout: 600_000 }, () => {
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

  const poll = (times: number) => stage.poll(times);

  const growing = [0, 1, 2, 3, 4, 5, 6, 7].map((step) => result(lagOf(step)));

  /** Each state, and how a view gets there. */
  const states: Record<string, (more: More) => Promise<void>> = {
    "cluster in order": async (more) => {
      await show("cluster_overview", [result(inOrder())], more);
      await view.isIn("fresh");
    },
    "cluster in trouble": async (more) => {
      await show(
        "cluster_overview",
        [1, 2, 4, 7, 12].map((count) => result(inTrouble(count))),
        more,
      );
      await view.isIn("fresh");
      await poll(5);
    },
    "lag of a group": async (more) => {
      await show("consumer_lag", growing, { given: GROUP, ...more });
      await view.isIn("fresh");
      await poll(growing.length);
    },
    "lag of all groups": async (more) => {
      await show(
        "consumer_lag",
        [0, 1, 2, 3, 4, 5].map((step) => result(lagOfAll(step))),
        more,
      );
      await view.isIn("fresh");
      await poll(6);
    },
    "lag in part": async (more) => {
      await show("consumer_lag", [result(partial(lagOfAll(1)))], more);
      await view.isIn("fresh");
      await view.partial.locator("summary").click();
      await view.partial.getByText("orders-7: no answer within 10s").waitFor();
    },
    "no groups": async (more) => {
      const nothing = { ...inOrder(), lag: standing([], []) };
      await show("consumer_lag", [result(nothing)], more);
      await view.main.getByText("There are no consumer groups that are open to you.").waitFor();
    },
    "lag unknown": async (more) => {
      const unknown = { ...lagOf(0).lag.partitions[0], current_offset: null, lag: null };
      const group = { ...lagOf(0).lag.groups[0], total_lag: null };
      const answer = { ...inOrder(), lag: standing([group], [unknown]) };
      await show("consumer_lag", [result(answer)], { given: GROUP, ...more });
      await view.figure("Total lag").filter({ hasText: "unknown" }).waitFor();
      assert.equal(await view.rows("Partitions").locator(".unknown").textContent(), "unknown");
      assert.equal(await view.picture.count(), 0, "a line of what is unknown would be one of zeros");
    },
    "lag as consumer_lag said it": async (more) => {
      await show("consumer_lag", [], { ...more, options: { withoutTools: true, result: result(cutReport()) } });
      await view.main.getByText("Partitions with a lag above 1,000").waitFor();
      assert.equal(await view.group("group-00").count(), 0, "what cannot be asked for is no button");
    },
    "lag of a group as consumer_lag said it": async (more) => {
      const report = lagReport([reported("orders-service", 900)]);
      const options = { withoutTools: true, result: result(report) };
      await show("consumer_lag", [], { ...more, given: GROUP, options });
      await view.figure("Total lag").filter({ hasText: "900" }).waitFor();
    },
    "a group as it was described": async (more) => {
      const options = { withoutTools: true, result: result(described({ offsets: committed(1_200, 0, null) })) };
      await show("describe_consumer_group", [], { ...more, given: { ...GROUP, include_offsets: true }, options });
      await view.figure("Total lag").filter({ hasText: "1,200" }).waitFor();
    },
    "nothing to draw": async (more) => {
      const options = { withoutTools: true, result: result(described({})) };
      await show("describe_consumer_group", [], { ...more, given: GROUP, options });
      await view.problem.filter({ hasText: "There is nothing to draw" }).waitFor();
      await view.isIn("failed");
    },
    "Kafka down": async (more) => {
      await show("cluster_overview", [result(inTrouble(3)), failure("kafka_unavailable")], more);
      await view.isIn("fresh");
      await poll(1);
      await view.problem.filter({ hasText: "Kafka does not answer" }).waitFor();
      await view.isIn("failed");
    },
    "Kafka down from the beginning": async (more) => {
      await show("consumer_lag", [failure("kafka_unavailable")], more);
      await view.problem.filter({ hasText: "Kafka does not answer" }).waitFor();
    },
  };

  for (const [name, get] of Object.entries(states)) {
    for (const [kind, screen] of Object.entries(screens)) {
      it(`${name}, on a ${kind} screen: is accessible and fits, light and dark`, async () => {
        await get({ screen });
        await open.page.clock.resume();
        const frame = await open.frame();
        const background = new Set<string>();
        for (const theme of ["light", "dark"]) {
          await open.changeContext({ theme });
          await frame.locator(`html[data-theme=${theme}]`).waitFor();
          await assertAccessible(frame);
          await assertFits(frame);
          background.add(await view.main.evaluate((main) => getComputedStyle(main).backgroundColor));
          await keepWhole(`app-${name}-${kind}-${theme}`.replaceAll(" ", "-").toLowerCase());
        }
        assert.equal(background.size, 2, "dark is not light");
      });
    }
  }

  /** Keeps a picture of the whole view, which is as high as it says. */
  async function keepWhole(name: string): Promise<void> {
    const { width } = open.page.viewportSize()!;
    const height = await eventually("the frame has the height of the view", async () => {
      const [inside, outside] = await Promise.all([
        view.main.evaluate((main) => main.ownerDocument.documentElement.getBoundingClientRect().height),
        open.page.locator("iframe").evaluate((frame) => frame.getBoundingClientRect().height),
      ]);
      return Math.ceil(inside) === outside ? outside : undefined;
    });
    await open.page.setViewportSize({ width, height });
    await keepScreenshot(open.page, name);
  }

  // The pictures of docs/app.md.
  it("look well in a chat", async () => {
    const screen = { viewport: { width: 720, height: 800 }, deviceScaleFactor: 1 };
    await states["cluster in trouble"]!({ screen });
    await keepWhole("app-cluster");
    await open.close();
    await states["lag of all groups"]!({ screen, context: { theme: "dark" } });
    await view.lines.nth(1).click();
    await keepWhole("app-lag");
  });

  it("wait, and say so", async () => {
    await show("cluster_overview", [], { options: { withoutTools: true, unfinished: true } });
    await view.isIn("loading");
    await view.main.getByText("Asking Kafka").waitFor();
    assert.equal(await view.main.getAttribute("aria-busy"), "true");
    await open.page.clock.resume();
    await assertAccessible(await open.frame());
  });

  it("say how old their numbers are, and that they are stale", async () => {
    await show("cluster_overview", [result(inOrder())]);
    await view.isIn("fresh");
    await eventually("the numbers are new", async () => (await view.freshness.textContent()) === "Up to date" || undefined);
    await view.pause.click();
    await open.page.clock.runFor(12_000);
    await eventually("12 seconds are said", async () => {
      return (await view.freshness.textContent()) === "Last update 12 s ago, paused" || undefined;
    });
    const calls = (await open.calls()).length;
    await open.page.clock.runFor(60_000);
    await view.isIn("stale");
    assert.equal((await open.calls()).length, calls, "nothing is asked in a pause");
    await view.resume.click();
    await view.isIn("fresh");
    assert.equal((await open.calls()).length, calls + 1);
  });

  it("wait longer from failure to failure, and recover", async () => {
    await show("cluster_overview", [...[1, 2, 3].map(() => failure("timeout")), result(inOrder())]);
    await view.problem.filter({ hasText: "Kafka does not answer in time" }).waitFor();
    for (const [wait, calls] of [
      [5, 2],
      [10, 3],
      [20, 4],
    ] as const) {
      await eventually(`the next try is in ${wait} s`, async () => {
        return (await view.freshness.textContent()) === `Next try in ${wait} s` || undefined;
      });
      await open.page.clock.runFor(wait * 1_000 - 500);
      assert.equal((await open.calls()).length, calls - 1, "not before");
      await open.page.clock.runFor(600);
      await eventually("the view tries again", async () => (await open.calls()).length === calls || undefined);
    }
    await view.isIn("fresh");
    assert.equal(await view.problem.count(), 0);
  });

  it("do not try again what cannot succeed, unless they are told to", async () => {
    await show("consumer_lag", [failure("access_denied", false), result(lagOfAll(0))]);
    await view.problem.filter({ hasText: "This is not open to you" }).waitFor();
    await open.page.clock.runFor(120_000);
    assert.equal((await open.calls()).length, 1);
    await view.tryNow.click();
    await view.isIn("fresh");
  });

  it("keep lag that could not be measured this time, and say why", async () => {
    const missing = { ...partial(inOrder()), lag: null };
    await show("consumer_lag", [result(lagOf(3)), result(missing)], { given: GROUP });
    await view.isIn("fresh");
    await poll(1);
    await view.problem.filter({ hasText: "no answer within 10s" }).waitFor();
    assert.ok(await view.rows("Partitions").first().isVisible());
  });

  it("draw no line over what is unknown", async () => {
    const unknown = lagOf(2);
    unknown.lag.partitions[0]!.lag = null;
    await show("consumer_lag", [result(lagOf(0)), result(lagOf(1)), result(unknown), result(lagOf(3))], { given: GROUP });
    await view.isIn("fresh");
    await poll(3);
    const path = (await view.picture.locator("path").first().getAttribute("d")) ?? "";
    // Two points, a gap, and a dot.
    assert.match(path, /^M[^ML]+h0L[^ML]+M[^ML]+h0$/);
  });

  it("begin a new line after a long silence", async () => {
    await show("consumer_lag", growing, { given: GROUP });
    await view.isIn("fresh");
    await poll(2);
    await view.pause.click();
    await open.page.clock.runFor(20 * 60_000);
    await view.resume.click();
    await view.isIn("fresh");
    const path = (await view.picture.locator("path").first().getAttribute("d")) ?? "";
    assert.match(path, /^M[^ML]+h0$/);
  });

  it("show what a tool said where the host asks for nothing more", async () => {
    const lists = { brokers: undefined, offline_partitions: undefined, under_replicated_partitions: undefined };
    const overview = { ...inTrouble(3).cluster, ...lists, as_of: "2026-02-28T09:30:00Z" };
    await show("cluster_overview", [], { options: { withoutTools: true, result: result(overview) } });
    await view.figure("Under-replicated").filter({ hasText: "3" }).waitFor();
    await eventually("the time is said", async () => {
      return (await view.freshness.textContent())?.startsWith("Measured at 09:30:00; this host") || undefined;
    });
    assert.equal(await view.pause.count(), 0);
    assert.deepEqual(await open.calls(), []);
  });

  it("say that a call was cancelled, and ask nothing until they are told to", async () => {
    await show("cluster_overview", [result(inOrder())], { options: { cancelled: true, result: result({}) } });
    await view.problem.filter({ hasText: "The call was cancelled" }).waitFor();
    const calls = (await open.calls()).length;
    await open.page.clock.runFor(60_000);
    assert.equal((await open.calls()).length, calls);
  });

  it("are shown in either kind of frame that hosts make", async () => {
    await show("cluster_overview", [result(inOrder())], { options: { sandbox: "allow-scripts allow-same-origin" } });
    await view.isIn("fresh");
    assert.equal(await view.brokers.count(), 3);
  });

  it("hear their host and nobody else", async () => {
    await show("cluster_overview", [result(inOrder())], { options: { sandbox: "allow-scripts allow-same-origin" } });
    await view.isIn("fresh");
    assert.deepEqual(await open.ping(), {});
    const dark = { jsonrpc: "2.0", method: "ui/notifications/host-context-changed", params: { theme: "dark" } };
    // From the page at the top, around the sandbox between the two.
    await open.page.evaluate((message) => window.frames[0]!.frames[0]!.postMessage(message, "*"), dark);
    // From another window of the sandbox's origin, here the view's own.
    await (await open.frame()).evaluate((message) => window.postMessage(message, "*"), dark);
    assert.deepEqual(await open.ping(), {});
    const theme = () => view.main.evaluate((main) => main.ownerDocument.documentElement.dataset["theme"]);
    assert.equal(await theme(), "light");
    await open.changeContext({ theme: "dark" });
    await eventually("the host is heard", async () => (await theme()) === "dark" || undefined);
  });

  it("say that they are of another version than the server", async () => {
    await show("cluster_overview", [result({ cluster: {} })]);
    await view.problem.filter({ hasText: "another version" }).waitFor();
  });

  it("end when the host says so", async () => {
    await show("cluster_overview", [result(inOrder())]);
    await view.isIn("fresh");
    const calls = (await open.calls()).length;
    assert.deepEqual(await open.closeView(), {});
    assert.equal((await view.pause.count()) + (await view.resume.count()), 0, "there is no way back");
    await open.page.clock.runFor(60_000);
    assert.match((await view.freshness.textContent()) ?? "", /, ended$/);
    assert.equal((await open.calls()).length, calls);
  });

  it("are dark or light as the browser is, where the host says nothing", async () => {
    await show("cluster_overview", [result(inOrder())], { context: { theme: undefined } });
    const background = () => view.main.evaluate((main) => getComputedStyle(main).backgroundColor);
    const seen = [];
    for (const colorScheme of ["light", "dark"] as const) {
      await open.page.emulateMedia({ colorScheme });
      seen.push(await background());
    }
    assert.notEqual(seen[0], seen[1]);
  });

  it("move nothing for who wants no motion", async () => {
    await show("cluster_overview", [], { options: { withoutTools: true, unfinished: true } });
    const motion = () =>
      view.main.evaluate((main) => {
        const document = main.ownerDocument;
        return document.getAnimations().length;
      });
    assert.ok((await motion()) > 0, "it moves while it waits");
    await open.page.emulateMedia({ reducedMotion: "reduce" });
    await eventually("nothing moves", async () => (await motion()) === 0 || undefined);
  });

  it("lead the keyboard through the lines and through time", async () => {
    await show("consumer_lag", growing, { given: GROUP });
    await view.isIn("fresh");
    await poll(growing.length - 1);
    const { keyboard } = open.page;
    const text = () => view.pointInTime.getAttribute("aria-valuetext");
    await view.pause.focus();
    await assertShowsFocus(view.pause, "pause");
    await keyboard.press("Tab");
    await assertShowsFocus(view.pointInTime, "point in time");
    const now = await text();
    assert.match(now ?? "", /^\d\d:\d\d:\d\d, orders-0 1,700, orders-1 240$/);
    await keyboard.press("ArrowLeft");
    await keyboard.press("ArrowLeft");
    assert.match((await text()) ?? "", /orders-0 1,500/);
    await view.main.getByText(/^At \d\d:\d\d:\d\d$/).waitFor();
    await keyboard.press("Home");
    assert.match((await text()) ?? "", /orders-0 1,000/);
    await keyboard.press("Escape");
    assert.equal(await text(), now);

    await keyboard.press("Tab");
    await assertShowsFocus(view.lines.nth(0), "the first line");
    await keyboard.press("ArrowDown");
    await assertShowsFocus(view.lines.nth(1), "the second line");
    await keyboard.press("Enter");
    assert.equal(await view.lines.nth(1).getAttribute("aria-pressed"), "true");
    assert.equal(await view.picture.locator("path.faded").count(), 1);
    // There is one stop for all lines: what comes next is behind them.
    await keyboard.press("Tab");
    assert.equal(await view.lines.evaluateAll((lines) => lines.some((line) => line === document.activeElement)), false);
  });

  it("keep the focus while numbers come in", async () => {
    const all = [0, 1, 2, 3].map((step) => lagOfAll(step));
    all[2]!.lag.groups.reverse();
    await show("consumer_lag", all.map(result));
    await view.isIn("fresh");
    const last = view.group("mailer");
    await last.focus();
    await poll(3);
    await assertShowsFocus(last, "the group");
  });

  it("put topics and messages of strangers in as text", async () => {
    const hostile = "<b onclick=alert(1)>\u202etopic</b>\u0007";
    const answer = inTrouble(1);
    answer.cluster.offline_partitions[0]!.topic = hostile;
    answer.cluster.brokers[0]!.rack = hostile;
    answer.cluster.cluster_id = hostile;
    const errors = [{ subject: hostile, code: "timeout", kafka_error: null, message: `${hostile} failed` }];
    await show("cluster_overview", [result({ ...answer, complete: false, partial_errors: errors })]);
    const shown = "<b onclick=alert(1)>\\u{202e}topic</b>\\u{7}";
    await view.subject.getByText(shown).waitFor();
    await view.rows("Partitions in trouble").getByText(`${shown}-3`).waitFor();
    await view.brokers.getByText(`Rack ${shown}`).waitFor();
    await view.partial.locator("summary").click();
    await view.partial.getByText(`${shown}: ${shown} failed`).waitFor();
    assert.equal(await open.view.locator("b").count(), 0);
  });

  it("cannot make markup of a text even if they tried", async () => {
    await show("cluster_overview", [result(inOrder())]);
    const frame = await open.frame();
    const refused = await frame.evaluate(() => {
      const tries: (() => unknown)[] = [
        () => (document.body.innerHTML = "<b>x</b>"),
        () => document.body.insertAdjacentHTML("beforeend", "<b>x</b>"),
      ];
      return tries.map((attempt) => {
        try {
          attempt();
          return "done";
        } catch (error) {
          return (error as Error).name;
        }
      });
    });
    assert.deepEqual(refused, ["TypeError", "TypeError"]);
    const fetched = await frame.evaluate((url) => fetch(url).then(String, () => "refused"), stage.server.url.href);
    assert.equal(fetched, "refused");
    open.noise.length = 0;
  });
});
