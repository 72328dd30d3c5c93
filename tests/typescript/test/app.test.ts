// The views of the app in a host, on a real Kafka: they show what there is, and follow it.

import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";
import { after, afterEach, before, describe, it } from "node:test";

import type { Browser } from "playwright-core";

import { AppHost, type OpenHost } from "../src/app_host.ts";
import { AppView } from "../src/app_view.ts";
import { launch } from "../src/browser.ts";
import { Fixture } from "../src/kafka.ts";
import { freePort } from "../src/login_server.ts";
import { eventually } from "../src/patience.ts";
import { brokers, HttpServer } from "../src/server.ts";
import { TcpRelay } from "../src/tcp_relay.ts";

/** A group may be called anything: markup that would run, and a mark that turns text around. */
const HOSTILE = `<img src=x onerror=alert(1)>\u202e"&amp;${randomUUID()}`;

describe("the views of the app", { timeout: 600_000 }, () => {
  let browser: Browser;
  let host: AppHost;
  let server: HttpServer;
  let fixture: Fixture;
  let open: OpenHost;
  let view: AppView;

  before(async () => {
    browser = await launch();
    host = await AppHost.start(browser);
    server = await HttpServer.start();
    fixture = await Fixture.create(HOSTILE);
    await fixture.write(40);
  });

  after(async () => {
    await browser?.close();
    await host?.stop();
    await server?.stop();
    // A connection that stays open would keep the test runner from ending.
    await fixture?.remove();
  });

  afterEach(async () => {
    assert.deepEqual(open.noise, [], "views load nothing, open nothing and complain of nothing");
    await open.close();
  });

  async function show(
    tool: string,
    given: Record<string, unknown> = {},
    at: HttpServer = server,
    options: Parameters<OpenHost["show"]>[3] = {},
  ): Promise<void> {
    open = await host.open(at.url);
    view = new AppView(open.view);
    await open.show(tool, given, { locale: "en" }, options);
  }

  /** Waits until a text says this. */
  async function says(what: string, place: () => Promise<string | null>, pattern: RegExp): Promise<string> {
    return eventually(`${what} says ${pattern}`, async () => {
      const text = await place();
      return text !== null && pattern.test(text) ? text : undefined;
    });
  }

  it("show the cluster, and a topic once there is one", async () => {
    await show("cluster_overview");
    await view.isIn("fresh");
    const controller = view.brokers.filter({ hasText: "Controller" });
    await controller.filter({ hasText: "Online" }).waitFor();
    const count = async () => Number((await view.figure("Topics").locator(".value").textContent())?.replace(",", ""));
    const before = await count();
    const other = await Fixture.create();
    try {
      await eventually("the new topic is counted", async () => (await count()) > before || undefined);
    } finally {
      await other.remove();
    }
    const calls = await open.calls();
    assert.ok(calls.length > 1, "the view asks again and again");
    assert.ok(calls.every(({ name, given }) => name === "poll_cluster" && Object.keys(given).length === 0));
  });

  it("draw a line that grows as a group falls behind", async () => {
    await show("consumer_lag", { group_id: fixture.group });
    const picture = () => view.picture.getAttribute("aria-label");
    const first = await says("the picture", picture, /-0 from \d+ to \d+$/);
    const [, from, to] = /from (\d+) to (\d+)$/.exec(first)!;
    assert.equal(from, to);
    await fixture.write(20);
    await says("the picture", picture, new RegExp(`-0 from ${from} to ${Number(to) + 20}$`));
    await fixture.write(15);
    await says("the picture", picture, new RegExp(`-0 from ${from} to ${Number(to) + 35}$`));
    const heights = await heightsOfLine(view);
    assert.ok(heights.length >= 3, "each sample is a point of the line");
    assert.deepEqual(
      heights,
      heights.toSorted((one, other) => one - other),
      "the line goes up",
    );
    assert.equal(new Set(heights).size, 3, `three lags were seen: ${heights}`);
    assert.match((await view.figure("Total lag").textContent()) ?? "", new RegExp(`${Number(to) + 35}\\+\\d+ per minute`));
    const [row] = await view.rows("Partitions").all();
    assert.match((await row!.textContent()) ?? "", new RegExp(`^${fixture.topic}-0`));
    const { given } = (await open.calls()).at(-1)!;
    assert.deepEqual(given, { include_lag: true, group_id: fixture.group });
  });

  it("show a group by the call that described it", async () => {
    await show("describe_consumer_group", { group_id: fixture.group, include_offsets: true });
    await view.isIn("fresh");
    await view.figure("State").filter({ hasText: "Empty" }).waitFor();
    await view
      .rows("Partitions")
      .filter({ hasText: `${fixture.topic}-0` })
      .waitFor();
  });

  // The tools take a group and a topic by several words.
  for (const word of ["group_id", "group", "group_name"]) {
    it(`show the group that was asked for as ${word}`, async () => {
      await show("describe_consumer_group", { [word]: fixture.group });
      await view.figure("State").filter({ hasText: "Empty" }).waitFor();
      await says("the subject", () => view.subject.textContent(), /^Group </);
      assert.deepEqual((await open.calls()).at(-1)!.given, { include_lag: true, group_id: fixture.group });
    });
  }

  for (const word of ["topic", "topic_name", "topics"]) {
    it(`show the topic that was asked for as ${word}`, async () => {
      await show("consumer_lag", { [word]: fixture.topic });
      await says("the subject", () => view.subject.textContent(), / on topic typescript-/);
      await view.isIn("fresh");
      assert.deepEqual((await open.calls()).at(-1)!.given, { include_lag: true, topic: fixture.topic });
    });
  }

  it("say no more than consumer_lag did, where the host asks for nothing more", async () => {
    await show("consumer_lag", { group_id: fixture.group }, server, { withoutTools: true });
    await view.figure("Total lag").filter({ hasText: /\d/ }).waitFor();
    await view.main.getByText("Partitions with a lag above 1,000", { exact: true }).waitFor();
    await view.main.getByText("None.", { exact: true }).waitFor();
    assert.doesNotMatch((await view.main.textContent()) ?? "", /caught up/);
  });

  it("say what to ask for where a group was described without its offsets", async () => {
    await show("describe_consumer_group", { group_id: fixture.group }, server, { withoutTools: true });
    await view.problem.filter({ hasText: "There is nothing to draw" }).filter({ hasText: "include_offsets" }).waitFor();
    await view.isIn("failed");
  });

  it("say that a group does not read the topic that was asked for", async () => {
    const other = await Fixture.create();
    try {
      await show("consumer_lag", { group_id: fixture.group, topic: other.topic });
      await view.isIn("fresh");
      await view.main.getByText(`This group has committed nothing on the topic ${other.topic}`).waitFor();
    } finally {
      await other.remove();
    }
  });

  it("put names of strangers in as text", async () => {
    await show("consumer_lag", { group_id: fixture.group });
    const shown = HOSTILE.replace("\u202e", "\\u{202e}");
    await says("the subject", () => view.subject.textContent(), /^Group </);
    assert.equal(await view.subject.textContent(), `Group ${shown}`);
    assert.equal(await open.view.locator("img").count(), 0);
  });

  it("lead with the keyboard from all groups to one and back", async () => {
    await show("consumer_lag", { topic: fixture.topic });
    const group = view.group(HOSTILE.replace("\u202e", "\\u{202e}"));
    await group.focus();
    await open.page.keyboard.press("Enter");
    await view.allGroups.waitFor();
    await isFocused("the way back", view.allGroups);
    await view
      .rows("Partitions")
      .filter({ hasText: `${fixture.topic}-0` })
      .waitFor();
    assert.deepEqual((await open.calls()).at(-1)!.given, { include_lag: true, group_id: fixture.group, topic: fixture.topic });
    await open.page.keyboard.press("Enter");
    await group.waitFor();
    await isFocused("the group", group);
  });

  async function isFocused(what: string, element: ReturnType<AppView["group"]>): Promise<void> {
    await eventually(
      `${what} has the focus`,
      async () => (await element.evaluate((element) => element === document.activeElement)) || undefined,
    );
  }

  it("say that Kafka does not answer, and go on once it does", async () => {
    const port = await freePort();
    const cutOff = await HttpServer.start({ KAFKA_BROKERS: `127.0.0.1:${port}`, KAFKA_MCP_TIMEOUT: "2s" });
    let relay: TcpRelay | undefined;
    try {
      await show("cluster_overview", {}, cutOff);
      await view.problem.filter({ hasText: "Kafka does not answer" }).waitFor();
      await view.isIn("failed");
      relay = await TcpRelay.start(port, brokers);
      await view.tryNow.click();
      await view.brokers.filter({ hasText: "Controller" }).waitFor();
      await view.isIn("fresh");
      assert.equal(await view.problem.count(), 0, "the problem is gone");
    } finally {
      await relay?.stop();
      await cutOff.stop();
    }
  });

  it("keep what they show when the server goes away, and go on once it is back", async () => {
    const port = await freePort();
    let mortal = await HttpServer.start({ MCP_HTTP_PORT: `${port}` });
    try {
      await show("cluster_overview", {}, mortal);
      await view.isIn("fresh");
      await mortal.stop();
      await view.problem.filter({ hasText: "The server cannot be asked" }).waitFor();
      assert.ok(await view.brokers.first().isVisible(), "the last numbers stay");
      mortal = await HttpServer.start({ MCP_HTTP_PORT: `${port}` });
      await view.tryNow.click();
      await view.isIn("fresh");
    } finally {
      await mortal.stop();
    }
  });
});

/** How high the line is at each sample, from the bottom. */
async function heightsOfLine(view: AppView): Promise<number[]> {
  const path = await view.picture.locator("path").first().getAttribute("d");
  const points = [...(path ?? "").matchAll(/[ML]\S+ ([\d.]+)/g)];
  return points.map(([, y]) => -Number(y));
}
