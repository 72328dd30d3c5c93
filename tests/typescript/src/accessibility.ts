// Whether everybody can use a page, as far as a program can tell.

import assert from "node:assert/strict";

import axe from "axe-core";
import type { Frame, Page } from "playwright-core";

/** Asserts that axe finds no fault, and that the page is one document with a language and a title. */
export async function assertAccessible(page: Page | Frame): Promise<void> {
  await page.evaluate(axe.source);
  const { violations, incomplete, passes } = await page.evaluate<axe.AxeResults>(
    // Targets are large enough by level AA of WCAG 2.2, which axe does not ask for by itself.
    'axe.run(document, { rules: { "target-size": { enabled: true } } })',
  );
  // Whether text stands out is never left open.
  const unclear = incomplete.filter(({ id }) => id === "color-contrast");
  const faults = [...violations, ...unclear].flatMap(({ id, help, nodes }) => nodes.map(({ html }) => `${id}: ${help}: ${html}`));
  assert.deepEqual(faults, [], page.url());
  // It has looked at what it is here for.
  const looked = new Set(passes.map(({ id }) => id));
  for (const rule of ["color-contrast", "document-title", "html-has-lang", "page-has-heading-one"]) {
    assert.ok(looked.has(rule), `axe has judged ${rule}`);
  }
  assert.equal(await page.locator("html").getAttribute("lang"), "en");
  assert.notEqual(await page.title(), "");
  assert.equal(await page.locator("h1").count(), 1);
  assert.equal(await page.getByRole("main").count(), 1);
}

/** Asserts that there is nothing to scroll to at the side. */
export async function assertFits(page: Page | Frame): Promise<void> {
  const sticksOut = await page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    const elements = [...document.body.querySelectorAll("*")].filter((element) => {
      const { left, right } = element.getBoundingClientRect();
      return left < 0 || right > clientWidth || element.scrollWidth > element.clientWidth + 1;
    });
    const found = elements.filter((element) => getComputedStyle(element).display !== "inline");
    return { page: scrollWidth - clientWidth, elements: found.map((element) => element.outerHTML.slice(0, 80)) };
  });
  assert.deepEqual(sticksOut, { page: 0, elements: [] });
}
