// Giving a login back (RFC 7009), for clients that never do.

import assert from "node:assert/strict";

import { PATIENCE } from "./patience.ts";

/** Revokes a refresh token where the metadata that the client found says so. */
export async function revoke(metadata: object | undefined, token: string | undefined, clientId: string): Promise<void> {
  assert.ok(metadata && "revocation_endpoint" in metadata, "the metadata says where to revoke");
  assert.ok(token, "there is a refresh token");
  const answer = await fetch(`${metadata.revocation_endpoint}`, {
    method: "POST",
    body: new URLSearchParams({ token, client_id: clientId }),
    signal: AbortSignal.timeout(PATIENCE),
  });
  assert.equal(answer.status, 200);
}
