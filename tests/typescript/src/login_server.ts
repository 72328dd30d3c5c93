// Servers that people log in at, and what each of them trusts.

import { once } from "node:events";
import { createServer } from "node:net";

import { HttpServer } from "./server.ts";

/** Any secret of enough length. */
const JWT_SECRET = "0f5c1d7e9b3a4862c8d0e4f6a2b17395";

/** A free loopback port, for servers that have to know their address before they have it. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error(`no port: ${address}`);
  return address.port;
}

/** The variables of a server with the login for development, as its guide has them. */
export function development(port: number): Record<string, string> {
  const origin = `http://127.0.0.1:${port}`;
  return {
    MCP_HTTP_PORT: `${port}`,
    OAUTH_ENABLED: "true",
    OAUTH_MODE: "native",
    OAUTH_PROVIDER: "hmac",
    OAUTH_SERVER_URL: origin,
    OIDC_ISSUER: origin,
    OIDC_AUDIENCE: "api://kafka-mcp-server",
    JWT_SECRET,
  };
}

/** The variables of a server in proxy mode that is reached at this port. */
export function proxy(port: number, provider: Record<string, string>): Record<string, string> {
  return {
    MCP_HTTP_PORT: `${port}`,
    OAUTH_ENABLED: "true",
    OAUTH_MODE: "proxy",
    OAUTH_SERVER_URL: `http://127.0.0.1:${port}`,
    JWT_SECRET,
    ...provider,
  };
}

/** A server with the login for development, and what its page asks for. */
export async function startDevelopment(more: Record<string, string> = {}) {
  const server = await HttpServer.start({ ...development(await freePort()), ...more });
  return { server, answers: { name: "alice", code: await server.developmentCode } };
}
