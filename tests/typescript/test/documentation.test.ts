// The client that docs/clients.md shows, as it stands there.

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { it } from "node:test";
import { promisify } from "node:util";

import { Fixture } from "../src/kafka.ts";
import { PATIENCE } from "../src/patience.ts";
import { HttpServer } from "../src/server.ts";

const root = join(import.meta.dirname, "../../..");
const run = promisify(execFile);

it("the client of the document lists tools and reads records", { timeout: 2 * PATIENCE }, async () => {
  const document = await readFile(join(root, "docs/clients.md"), "utf8");
  const code = document.split("```ts\n")[1]?.split("```")[0];
  assert.ok(code, "the document shows one");
  const [server, fixture] = await Promise.all([HttpServer.start(), Fixture.create()]);
  try {
    await fixture.write(2);
    const here = code.replace("http://127.0.0.1:8080/mcp", server.url.href).replace('"orders"', `"${fixture.topic}"`);
    // Packages are looked up from the working directory.
    const options = { cwd: join(root, "tests/typescript"), timeout: PATIENCE };
    const { stdout } = await run(process.execPath, ["--input-type=module-typescript", "--eval", here], options);
    const [tools, ...records] = stdout.trimEnd().split("\n");
    assert.match(tools ?? "", /\bconsume_messages\b/);
    assert.deepEqual(records, ["0 0 0", "0 1 1"]);
  } finally {
    await Promise.all([server.stop(), fixture.remove()]);
  }
});
