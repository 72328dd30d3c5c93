// A website on the public address of a private internet, with a certificate by an authority of its own.

import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type Server, createServer } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

import { PATIENCE } from "./patience.ts";
import { PUBLIC_NAME, TREACHEROUS_NAME } from "./private_internet.ts";

const run = promisify(execFile);

export class PublicWebsite {
  /** The path of each request, after the host that it was for. */
  readonly requests: string[] = [];
  /** The file with the authority to trust. */
  readonly authority: string;
  readonly #directory: string;
  readonly #server: Server;

  private constructor(directory: string, cert: Buffer, key: Buffer, document: (url: URL) => object) {
    this.#directory = directory;
    this.authority = join(directory, "authority.pem");
    this.#server = createServer({ cert, key }, (request, response) => {
      const url = new URL(request.url ?? "/", `https://${request.headers.host}`);
      this.requests.push(`${url.host}${url.pathname}`);
      response.writeHead(200, { "content-type": "application/json", "cache-control": "max-age=600" });
      response.end(JSON.stringify(document(url)));
    });
  }

  /** Serves a document at each URL, at every address of the machine. */
  static async start(document: (url: URL) => object): Promise<PublicWebsite> {
    const directory = await mkdtemp(join(tmpdir(), "website-"));
    // The certificate of an authority is none of a website.
    await certify(directory, "authority", ["CA:TRUE"]);
    const names = `DNS:${PUBLIC_NAME},DNS:${TREACHEROUS_NAME}`;
    await certify(directory, "website", ["CA:FALSE", `subjectAltName=${names}`], "authority");
    const [certificate, key] = await Promise.all(["pem", "key"].map((kind) => readFile(join(directory, `website.${kind}`))));
    const website = new PublicWebsite(directory, certificate!, key!, document);
    website.#server.listen(443);
    await once(website.#server, "listening");
    return website;
  }

  async stop(): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
    await rm(this.#directory, { recursive: true });
  }
}

/** Makes a key and a certificate, signed by itself or by another. */
async function certify(directory: string, name: string, [constraint, ...more]: string[], issuer?: string): Promise<void> {
  const file = (stem: string, kind: string) => join(directory, `${stem}.${kind}`);
  const extensions = [`basicConstraints=critical,${constraint}`, ...more].flatMap((line) => ["-addext", line]);
  const signer = issuer ? ["-CA", file(issuer, "pem"), "-CAkey", file(issuer, "key")] : [];
  const subject = ["-subj", `/CN=${name}`, "-days", "1", ...extensions];
  const made = ["-newkey", "rsa:2048", "-nodes", "-keyout", file(name, "key"), "-out", file(name, "pem")];
  try {
    await run("openssl", ["req", "-x509", ...subject, ...signer, ...made], { timeout: PATIENCE });
  } catch (error) {
    throw new Error("there is no certificate: install the package openssl, version 3 or newer", { cause: error });
  }
}
