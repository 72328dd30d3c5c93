// A view of the app, found by what people find: labels and roles.

import type { FrameLocator, Locator } from "playwright-core";

export class AppView {
  readonly main: Locator;
  readonly title: Locator;
  /** Whose numbers these are. */
  readonly subject: Locator;
  /** How old they are. */
  readonly freshness: Locator;
  /** Why there are no newer ones. */
  readonly problem: Locator;
  /** What is missing from them. */
  readonly partial: Locator;
  readonly pause: Locator;
  readonly resume: Locator;
  readonly tryNow: Locator;
  readonly brokers: Locator;
  readonly lines: Locator;
  readonly pointInTime: Locator;
  /** The picture of the lines, with what it shows as its name. */
  readonly picture: Locator;
  readonly allGroups: Locator;
  readonly #view: FrameLocator;

  constructor(view: FrameLocator) {
    this.#view = view;
    this.main = view.getByRole("main");
    this.title = view.getByRole("heading", { level: 1 });
    this.subject = view.locator("#subject");
    this.freshness = view.locator("#freshness");
    this.problem = view.getByRole("alert");
    this.partial = view.locator("details");
    this.pause = view.getByRole("button", { name: "Pause", exact: true });
    this.resume = view.getByRole("button", { name: "Resume", exact: true });
    this.tryNow = view.getByRole("button", { name: "Try now", exact: true });
    this.brokers = view.getByRole("region", { name: "Brokers", exact: true }).getByRole("listitem");
    this.lines = view.getByRole("list", { name: "Lines" }).getByRole("button");
    this.pointInTime = view.getByRole("slider", { name: "Point in time" });
    this.picture = view.getByRole("img");
    this.allGroups = view.getByRole("button", { name: "All groups", exact: true });
  }

  /** One of the numbers at the top. */
  figure(label: string): Locator {
    return this.#view.locator("#figures > div").filter({ has: this.#view.getByText(label, { exact: true }) });
  }

  /** The rows of a table, without its head. */
  rows(table: string): Locator {
    return this.#view.getByRole("table", { name: table, exact: true }).locator("tbody").getByRole("row");
  }

  group(id: string): Locator {
    return this.#view.getByRole("button", { name: id, exact: true });
  }

  /** Waits until the view is in a state. */
  async isIn(state: "loading" | "fresh" | "stale" | "failed"): Promise<void> {
    await this.#view.locator(`main[data-state=${state}]`).waitFor();
  }
}
