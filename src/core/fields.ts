import { isHashHex } from "./bytes.ts";
import { type ErrorCode, SettlementError } from "./error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "./json.ts";

/** Reads the members of one JSON object of a published format; every fault names the member and the code of the format. */
export interface FieldReader {
  readonly object: JsonObject;
  fail(message: string): never;
  /** Refuses members the format does not name. */
  only(...names: readonly string[]): void;
  has(name: string): boolean;
  text(name: string, limit?: number): string;
  /** 64 lower-case hex digits. */
  hash(name: string): string;
  /** Hex of any case, `bytes` long if given. */
  hex(name: string, bytes?: number): string;
  /** Integer of 0 to `max`, 2^53-1 by default. */
  count(name: string, max?: number): number;
  oneOf<const T extends string>(name: string, allowed: readonly T[]): T;
  member(name: string): JsonValue;
  reader(name: string): FieldReader;
  list(name: string, limit?: number): readonly JsonValue[];
  /** The version member `v`, which must be `version`. */
  version(version: number): void;
}

function isList(value: JsonValue): value is JsonValue & readonly JsonValue[] {
  return Array.isArray(value);
}

/**
 * @param what - name of the thing for people, such as `manifest`
 * @throws SettlementError with `code` when `value` is not an object, and from every method on a fault
 */
export function fieldsOf(code: ErrorCode, what: string, value: unknown): FieldReader {
  if (!isJsonObject(value)) throw new SettlementError(code, `${what}: a JSON object is expected`);
  const object = value;
  const fail = (message: string): never => {
    throw new SettlementError(code, `${what}: ${message}`);
  };
  const member = (name: string): JsonValue => {
    const found = Object.hasOwn(object, name) ? object[name] : undefined;
    return found === undefined ? fail(`member "${name}" is missing`) : found;
  };
  const typed = <T extends JsonValue>(name: string, is: (value: JsonValue) => value is T, kind: string): T => {
    const found = member(name);
    return is(found) ? found : fail(`member "${name}" must be ${kind}`);
  };
  const text = (name: string, limit = 100_000): string => {
    const found = typed(name, (value) => typeof value === "string", "a text");
    return found.length <= limit ? found : fail(`member "${name}" is longer than ${limit} characters`);
  };
  return {
    object,
    fail,
    member,
    text,
    only(...names) {
      const unknown = Object.keys(object).find((name) => !names.includes(name));
      if (unknown !== undefined) fail(`unknown member ${JSON.stringify(unknown.slice(0, 40))}`);
    },
    has: (name) => Object.hasOwn(object, name),
    hash: (name) => typed(name, isHashHex, "64 lower-case hex digits"),
    hex(name, bytes) {
      const found = text(name, 2_000_000);
      const good =
        found.length % 2 === 0 && /^[0-9a-fA-F]*$/.test(found) && (bytes ?? found.length / 2) === found.length / 2;
      return good ? found : fail(`member "${name}" must be ${bytes === undefined ? "" : `${bytes} bytes of `}hex`);
    },
    count(name, max = Number.MAX_SAFE_INTEGER) {
      const isCount = (value: JsonValue): value is number =>
        Number.isSafeInteger(value) && Number(value) >= 0 && Number(value) <= max;
      return typed(name, isCount, `a whole number from 0 to ${max}`);
    },
    oneOf(name, allowed) {
      const found = text(name);
      return allowed.find((value) => value === found) ?? fail(`member "${name}" must be one of ${allowed.join(", ")}`);
    },
    reader: (name) => fieldsOf(code, `${what}.${name}`, member(name)),
    list(name, limit = 1_000_000) {
      const found = typed(name, isList, "a list");
      return found.length <= limit ? found : fail(`member "${name}" has more than ${limit} items`);
    },
    version(version) {
      const found = member("v");
      if (found !== version) {
        throw new SettlementError(
          "FORMAT_VERSION_UNKNOWN",
          `${what}: version ${JSON.stringify(found).slice(0, 20)} is not known here; this reads version ${version}`,
        );
      }
    },
  };
}
