// The clients of the TypeScript SDKs, each with every protocol revision it speaks.

import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as ClassicClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as ClassicStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as ClassicHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as ClassicTransport } from "@modelcontextprotocol/sdk/shared/transport.js";

import type { Login } from "./login.ts";
import { stdioCommand } from "./server.ts";

/** What the tests use of a client; the SDKs agree on this part. */
export interface McpClient {
  listTools(): Promise<{ tools: Tool[] }>;
  listResources(): Promise<{ resources: { uri: string; mimeType?: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string; mimeType?: string }[] }>;
  listPrompts(): Promise<{ prompts: { name: string; arguments?: { name: string; required?: boolean }[] }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }, options?: CallOptions): Promise<ToolResult>;
  readResource(which: { uri: string }): Promise<{ contents: { uri: string; mimeType?: string; text?: string }[] }>;
  getPrompt(which: { name: string; arguments?: Record<string, string> }): Promise<Prompt>;
  revision(): string | undefined;
  serverName(): string | undefined;
  close(): Promise<void>;
  /** What the transport complained about, such as a line that is no JSON-RPC. */
  readonly complaints: Error[];
  /** What the server logged, if the client started it. */
  readonly log: string[];
}

/** How a client can give a call up, and hear how it goes on. */
export interface CallOptions {
  signal?: AbortSignal;
  onprogress?: (progress: { progress: number; message?: string }) => void;
}

export interface Tool {
  name: string;
  title?: string;
  description?: string;
  inputSchema: object;
  outputSchema?: object;
  annotations?: Record<string, unknown>;
}

export interface ToolResult {
  content: { type: string; text?: string }[];
  structuredContent?: any;
  isError?: boolean;
}

export interface Prompt {
  messages: { role: string; content: { type: string; text?: string } }[];
}

export type Transport = "stdio" | "http";

/** A way to connect: a client, and how it agrees on a revision. */
export interface Kind {
  name: string;
  revision: string;
  /**
   * Connects to the server at `url`, perhaps with a token or a login, or over stdio to one that it
   * starts itself.
   */
  connect(url: URL | undefined, access?: Access): Promise<McpClient>;
  /** Gets the tokens of a login from which somebody came back. */
  finishLogin(url: URL, login: Login): Promise<void>;
}

/** What lets a client in: a token, or a login that it gets one by. */
export type Access = string | Login;

/** A server that says what it does to whoever starts it. */
const loggingCommand = {
  ...stdioCommand,
  env: { ...stdioCommand.env, LOG_LEVEL: "info", LOG_FORMAT: "json" },
  stderr: "pipe" as const,
};

const implementation = { name: "typescript-tests", version: "1.0.0" };

/** Every client with every way to agree on a revision. */
export const kinds: Kind[] = [
  { name: "sdk 1", revision: "2025-11-25", connect: classic, finishLogin: finishClassic },
  { name: "client 2, legacy", revision: "2025-11-25", connect: modern("legacy"), finishLogin: finishModern },
  { name: "client 2, negotiating", revision: "2026-07-28", connect: modern("auto"), finishLogin: finishModern },
  {
    name: "client 2, pinned",
    revision: "2026-07-28",
    connect: modern({ pin: "2026-07-28" }),
    finishLogin: finishModern,
  },
];

async function classic(url: URL | undefined, access?: Access): Promise<McpClient> {
  const client = new ClassicClient(implementation);
  const process = url ? undefined : new ClassicStdio(loggingCommand);
  const transport: ClassicTransport = process ?? new ClassicHttp(url!, options(access));
  let revision: string | undefined;
  // The client tells the transport which revision was agreed on, and nobody else.
  const announce = transport.setProtocolVersion?.bind(transport);
  transport.setProtocolVersion = (agreed) => {
    revision = agreed;
    announce?.(agreed);
  };
  const complaints = collectComplaints(client);
  await client.connect(transport);
  return adapt(client, {
    callTool: (call, options) => client.callTool(call, undefined, options) as Promise<ToolResult>,
    revision: () => revision,
    complaints,
    log: collectLines(process?.stderr),
  });
}

function modern(mode: "legacy" | "auto" | { pin: string }): Kind["connect"] {
  return async (url, access) => {
    const client = new ModernClient(implementation, { versionNegotiation: { mode } });
    const complaints = collectComplaints(client);
    const process = url ? undefined : new ModernStdio(loggingCommand);
    await client.connect(process ?? new ModernHttp(url!, options(access)));
    return adapt(client, {
      callTool: (call, options) => client.callTool(call, options) as Promise<ToolResult>,
      revision: () => client.getNegotiatedProtocolVersion(),
      complaints,
      log: collectLines(process?.stderr),
    });
  };
}

async function finishClassic(url: URL, login: Login): Promise<void> {
  const transport = new ClassicHttp(url, options(login));
  await transport.finishAuth(login.takeAnswer().get("code") ?? "");
}

async function finishModern(url: URL, login: Login): Promise<void> {
  const transport = new ModernHttp(url, options(login));
  // It looks for the code and at the issuer itself.
  await transport.finishAuth(login.takeAnswer());
}

interface Options {
  requestInit?: RequestInit;
  authProvider?: Login;
  fetch?: Login["fetch"];
}

function options(access?: Access): Options {
  if (typeof access === "string") return { requestInit: { headers: { Authorization: `Bearer ${access}` } } };
  return access ? { authProvider: access, fetch: access.fetch } : {};
}

/** The client with what the SDKs do differently replaced. */
function adapt(
  client: ClassicClient | ModernClient,
  differences: Pick<McpClient, "callTool" | "revision" | "complaints" | "log">,
): McpClient {
  return {
    listTools: () => client.listTools(),
    listResources: () => client.listResources(),
    listResourceTemplates: () => client.listResourceTemplates(),
    listPrompts: () => client.listPrompts(),
    readResource: (which) => client.readResource(which),
    getPrompt: (which) => client.getPrompt(which) as Promise<Prompt>,
    serverName: () => client.getServerVersion()?.name,
    close: () => client.close(),
    ...differences,
  };
}

function collectComplaints(client: { onerror?: (error: Error) => void }): Error[] {
  const complaints: Error[] = [];
  client.onerror = (error) => complaints.push(error);
  return complaints;
}

/** All lines, which have to be read: what nobody reads would fill the pipe and block the server. */
function collectLines(source: unknown): string[] {
  const lines: string[] = [];
  if (source) createInterface({ input: source as Readable }).on("line", (line) => lines.push(line));
  return lines;
}
