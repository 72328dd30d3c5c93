// Judges JWTs as `jose` does, so that another verdict can be compared.
//
// The first line of its input is the policies: `[{"algorithms", "issuer", "audience", "typ", "now",
// "leeway", "jwks" or "secret"}]`. Each further line is `{"token", "policy"}`, and its answer
// `{"accepted", "reason"}`.

import { createInterface } from "node:readline";

import * as jose from "jose";

const input = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
const policies = JSON.parse((await input.next()).value).map((policy) => ({
  key: policy.jwks ? jose.createLocalJWKSet(policy.jwks) : Buffer.from(policy.secret),
  typ: policy.typ,
  options: {
    algorithms: policy.algorithms,
    issuer: policy.issuer,
    audience: policy.audience,
    clockTolerance: policy.leeway,
    currentDate: new Date(policy.now * 1000),
    requiredClaims: ["exp", "iss", "aud", "sub"],
  },
}));
console.log("{}");

for await (const line of { [Symbol.asyncIterator]: () => input }) {
  const { token, policy } = JSON.parse(line);
  console.log(JSON.stringify(await verdict(token, policies[policy])));
}

async function verdict(token, { key, typ, options }) {
  let reason;
  for (const expected of types(token, typ)) {
    try {
      await jose.jwtVerify(token, key, { ...options, typ: expected });
      return { accepted: true };
    } catch (error) {
      reason = error.code ?? error.message;
    }
  }
  return { accepted: false, reason };
}

/** The values of `typ` to try: one has to match, unless the token has none. */
function types(token, allowed) {
  try {
    return jose.decodeProtectedHeader(token).typ === undefined ? [undefined] : allowed;
  } catch {
    return allowed;
  }
}
