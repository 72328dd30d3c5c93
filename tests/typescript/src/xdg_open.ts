#!/usr/bin/env node
// Stands in for the program that opens a browser: goes where the browser would, and agrees there.

import { appendFile } from "node:fs/promises";

import { Person } from "./person.ts";

const [, , url = ""] = process.argv;
const { LOGIN_ANSWERS = "{}", LOGIN_LOG = "/dev/null" } = process.env;
const back = await new Person(JSON.parse(LOGIN_ANSWERS)).visit(new URL(url));
await appendFile(LOGIN_LOG, `${new URL(url).origin}\n`);
await fetch(back);
