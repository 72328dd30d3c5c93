// Pictures of pages, for people to look at.

import { join } from "node:path";

import type { Page } from "playwright-core";

const target = process.env["CARGO_TARGET_DIR"] ?? join(import.meta.dirname, "../../../target");

/** Keeps what a page looks like, from its top to its end. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(target, "screenshots", `${name}.png`), fullPage: true });
}
