// The clients of the TypeScript SDKs, each with every protocol revision it speaks.

import { Client as ModernClient, StreamableHTTPClientTransport as ModernHttp } from "@modelcontextprotocol/client";
import { StdioClientTransport as ModernStdio } from "@modelcontextprotocol/client/stdio";
import { Client as ClassicClient } from "@modelcontextprotocol/sdk/client/index.js";
import { StdioClientTransport as ClassicStdio } from "@modelcontextprotocol/sdk/client/stdio.js";
import { StreamableHTTPClientTransport as ClassicHttp } from "@modelcontextprotocol/sdk/client/streamableHttp.js";
import type { Transport as ClassicTransport } from "@modelcontextprotocol/sdk/shared/transport.js";

import { stdioCommand } from "./server.ts";

/** What the tests use of a client; the SDKs agree on this part. */
export interface McpClient {
  listTools(): Promise<{ tools: Tool[] }>;
  listResources(): Promise<{ resources: { uri: string; mimeType?: string }[] }>;
  listResourceTemplates(): Promise<{ resourceTemplates: { uriTemplate: string; mimeType?: string }[] }>;
  listPrompts(): Promise<{ prompts: { name: string; arguments?: { name: string; required?: boolean }[] }[] }>;
  callTool(call: { name: string; arguments: Record<string, unknown> }, options?: { signal: AbortSignal }): Promise<ToolResult>;
  readResource(which: { uri: string }): Promise<{ contents: { uri: string; mimeType?: string; text?: string }[] }>;
  getPrompt(which: { name: string; arguments?: Record<string, string> }): Promise<Prompt>;
  revision(): string | undefined;
  serverName(): string | undefined;
  close(): Promise<void>;
  /** What the transport complained about, such as a line that is no JSON-RPC. */
  readonly complaints: Error[];
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
  /** Connects to the server at `url`, perhaps with a token, or over stdio to one that it starts itself. */
  connect(url: URL | undefined, token?: string): Promise<McpClient>;
}

const implementation = { name: "typescript-tests", version: "1.0.0" };

/** Every client with every way to agree on a revision. */
export const kinds: Kind[] = [
  { name: "sdk 1", revision: "2025-11-25", connect: classic },
  { name: "client 2, legacy", revision: "2025-11-25", connect: modern("legacy") },
  { name: "client 2, negotiating", revision: "2026-07-28", connect: modern("auto") },
  { name: "client 2, pinned", revision: "2026-07-28", connect: modern({ pin: "2026-07-28" }) },
];

async function classic(url: URL | undefined, token?: string): Promise<McpClient> {
  const client = new ClassicClient(implementation);
  const transport: ClassicTransport = url ? new ClassicHttp(url, options(token)) : new ClassicStdio(stdioCommand);
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
  });
}

function modern(mode: "legacy" | "auto" | { pin: string }): Kind["connect"] {
  return async (url, token) => {
    const client = new ModernClient(implementation, { versionNegotiation: { mode } });
    const complaints = collectComplaints(client);
    await client.connect(url ? new ModernHttp(url, options(token)) : new ModernStdio(stdioCommand));
    return adapt(client, {
      callTool: (call, options) => client.callTool(call, options) as Promise<ToolResult>,
      revision: () => client.getNegotiatedProtocolVersion(),
      complaints,
    });
  };
}

function options(token?: string): { requestInit?: RequestInit } {
  return token ? { requestInit: { headers: { Authorization: `Bearer ${token}` } } } : {};
}

/** The client with what the SDKs do differently replaced. */
function adapt(
  client: ClassicClient | ModernClient,
  differences: Pick<McpClient, "callTool" | "revision" | "complaints">,
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
