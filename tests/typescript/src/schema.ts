// Published schemas as checks, stricter than a client's: what they do not name is refused too.

import assert from "node:assert/strict";

import { Ajv2020 } from "ajv/dist/2020.js";

const ajv = new Ajv2020({ strict: true, allowUnionTypes: true, allErrors: true });

/** Asserts that `value` holds what `schema` says, and in typed objects nothing else. */
export function assertMatches(schema: object, value: unknown, what: string): void {
  const validate = ajv.compile(closed(schema));
  assert.ok(validate(value), `${what}: ${ajv.errorsText(validate.errors)} in ${JSON.stringify(value)}`);
}

/** The schema with every object closed that names properties and says nothing about others. */
function closed(schema: object): object {
  const entries = Object.entries(schema).map(([key, value]) => [key, close(value)]);
  const copy = Object.fromEntries(entries);
  if (isObject(copy.properties) && copy.type) copy.additionalProperties ??= false;
  return copy;
}

function close(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(close);
  return isObject(value) ? closed(value) : value;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
