// A real browser: Chromium as distributions package it.

import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";

import { type Browser, chromium } from "playwright-core";

import { PATIENCE } from "./patience.ts";

/** Starts one that reaches this machine only, perhaps with more arguments. */
export function launch(...more: string[]): Promise<Browser> {
  return chromium.launch({
    executablePath: executable(),
    args: ["--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost", ...more],
    // There is none for root, as whom containers run it, and the pages are our own.
    chromiumSandbox: false,
    timeout: PATIENCE,
  });
}

function executable(): string {
  const named = process.env["CHROMIUM"];
  const directories = (process.env["PATH"] ?? "").split(delimiter);
  const found = directories.flatMap((directory) => ["chromium", "chromium-browser"].map((name) => join(directory, name)));
  const usable = (named ? [named] : found).find(isExecutable);
  if (usable) return usable;
  const where = named ? `CHROMIUM is ${named}, which cannot be run` : "there is no chromium on PATH";
  throw new Error(`${where}. Install it, with apt-get install chromium on Debian, or name it in CHROMIUM.`);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
