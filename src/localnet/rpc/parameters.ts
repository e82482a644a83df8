import { type Call } from "./call.ts";
import { invalidField, invalidParams, missingField } from "./fault.ts";
import { type JsonObject } from "./json.ts";

/** Whether a value counts as true where rippled asks jsoncpp's `asBool`. */
export function isTruthy(value: unknown): boolean {
  if (typeof value === "object" && value !== null) return Object.keys(value).length > 0;
  return Boolean(value);
}

/** A flag that must be a boolean where it is given. */
export function booleanField(params: JsonObject, name: string): boolean {
  const value = params[name];
  if (value === undefined) return false;
  if (typeof value !== "boolean") throw invalidParams();
  return value;
}

/** The `account` (or its older name `ident`): a text, not yet an address. */
export function accountField(params: JsonObject): string {
  const name = params["account"] === undefined && params["ident"] !== undefined ? "ident" : "account";
  const account = params[name];
  if (account === undefined) throw missingField("account");
  if (typeof account !== "string") throw invalidField(name);
  return account;
}

export function isUint32(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= 0xffffffff;
}

/** Bounds of `limit`: a stranger's is kept inside, an admin's is taken as it is (up to `most`). */
export interface LimitBounds {
  readonly least: number;
  readonly usual: number;
  readonly most: number;
}

const adminMost = 100_000;

export function limitField(call: Call, bounds: LimitBounds, expected = "not unsigned integer"): number {
  const limit = call.params["limit"];
  if (limit === undefined) return bounds.usual;
  if (!isUint32(limit)) throw invalidField("limit", expected);
  if (limit === 0) return bounds.usual;
  if (call.role === "admin") return Math.min(limit, adminMost);
  return Math.min(Math.max(limit, bounds.least), bounds.most);
}

/** A 64-digit hex text in upper case, or `undefined` for anything else. */
export function hash256(value: unknown): string | undefined {
  return typeof value === "string" && /^[0-9a-fA-F]{64}$/.test(value) ? value.toUpperCase() : undefined;
}
