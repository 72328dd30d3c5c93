// The server with the provider hmac, as the guide to development starts it, and tokens for it.

import { execFile } from "node:child_process";
import { promisify } from "node:util";

import { stdioCommand } from "./server.ts";

const run = promisify(execFile);

/** The variables of a server that accepts the tokens below. */
export const settings = {
  OAUTH_ENABLED: "true",
  OAUTH_MODE: "native",
  OAUTH_PROVIDER: "hmac",
  OAUTH_SERVER_URL: "http://localhost:8080",
  OIDC_ISSUER: "http://localhost:8080",
  OIDC_AUDIENCE: "api://kafka-mcp-server",
  JWT_SECRET: "b1946ac92492d2347c6235b4d2611184b1946ac92492d2347c6235b4d2611184",
};

/** A token as the server's own command makes it. */
export async function token(scope: string): Promise<string> {
  const given = ["token", "--sub", "alice", "--scope", scope, "--ttl", "1h"];
  const { stdout } = await run(stdioCommand.command, given, { env: { ...process.env, ...settings } });
  return stdout.trim();
}
