// Where the keyboard is, as people see it.

import assert from "node:assert/strict";

import type { Locator } from "playwright-core";

/** Asserts that this has the focus, with an outline that stands out (WCAG 2.2, 1.4.11 and 2.4.7). */
export async function assertShowsFocus(element: Locator, name: string): Promise<void> {
  const shown = await element.evaluate((element) => {
    const { outlineStyle, outlineWidth, outlineColor } = getComputedStyle(element);
    const behind = getComputedStyle(element.closest("main")!).backgroundColor;
    const focused = element === document.activeElement;
    return { focused, style: outlineStyle, width: parseFloat(outlineWidth), color: outlineColor, behind };
  });
  assert.ok(shown.focused, `${name} has the focus`);
  assert.equal(shown.style, "solid", name);
  assert.ok(shown.width >= 2, `the outline of ${name} is wide enough: ${shown.width}`);
  const contrast = ratio(luminance(shown.color), luminance(shown.behind));
  assert.ok(contrast >= 3, `the outline of ${name} stands out: ${contrast}`);
}

function ratio(one: number, other: number): number {
  return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
}

/** The relative luminance of a colour such as `rgb(1, 2, 3)`, as WCAG 2.2 defines it. */
function luminance(color: string): number {
  const channels = color.match(/[\d.]+/g)?.slice(0, 3).map((channel) => Number(channel) / 255);
  assert.equal(channels?.length, 3, color);
  const [red, green, blue] = channels!.map((channel) =>
    channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4,
  );
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
}
