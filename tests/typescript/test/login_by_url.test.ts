// Clients whose id is the URL of a document about them, which the server fetches: on an internet that
// is made for it.

import { describe, it } from "node:test";
import { join } from "node:path";

import { runInPrivateInternet } from "../src/private_internet.ts";

describe("clients that have a document", { timeout: 150_000 }, () => {
  it("log in without a registration, where the document is on the internet", () =>
    runInPrivateInternet(join(import.meta.dirname, "private_internet/login_by_url.ts")));
});
