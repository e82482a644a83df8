import { inspect } from "node:util";
import { toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { errnoOf } from "./file-system.ts";

type Redact = (text: string) => string;

/** An error as it is logged; a stack is that of a bug. */
export interface LoggedError {
  readonly code: string;
  readonly message: string;
  /** What it was caused by, the nearest first. */
  readonly causes?: readonly string[];
  readonly stack?: string;
}

const maxText = 4000;
const maxItems = 100;
const maxDepth = 6;
const maxCauses = 8;

/** Members whose values nobody needs to read, whatever they are. */
const secretName = /secret|passw|token|authorization|cookie|seed|private|mnemonic/i;

function cut(text: string): string {
  return text.length <= maxText ? text : `${text.slice(0, maxText)}…`;
}

function codeOf(error: Error): string {
  return error instanceof SettlementError ? error.code : errnoOf(error) || error.name;
}

/** An error that holds several, such as that of a connection tried over IPv6 and IPv4, says nothing itself. */
function messageOf(error: Error): string {
  const parts = error instanceof AggregateError ? error.errors.map((each) => (each as Error)?.message) : [];
  return [error.message, ...parts].filter((text) => typeof text === "string" && text !== "").join("; ");
}

function causesOf(error: Error, redact: Redact): string[] {
  const causes: string[] = [];
  let { cause } = error;
  while (cause !== undefined && causes.length < maxCauses) {
    causes.push(
      cut(redact(cause instanceof Error ? `${codeOf(cause)}: ${messageOf(cause)}` : inspect(cause, { depth: 1 }))),
    );
    cause = cause instanceof Error ? cause.cause : undefined;
  }
  return causes;
}

function loggedError(error: Error, redact: Redact): LoggedError {
  const causes = causesOf(error, redact);
  return {
    code: codeOf(error),
    message: cut(redact(messageOf(error))),
    ...(causes.length > 0 ? { causes } : {}),
    ...(error instanceof SettlementError ? {} : { stack: cut(redact(error.stack ?? "")) }),
  };
}

function members(object: object, depth: number, redact: Redact): Record<string, unknown> {
  const entries = Object.entries(object).slice(0, maxItems);
  return Object.fromEntries(
    entries.map(([name, value]) => [
      redact(name),
      secretName.test(name) && value !== undefined ? "[secret]" : loggable(value, depth + 1, redact),
    ]),
  );
}

/** A value as JSON has it, bounded and without secrets. */
function loggable(value: unknown, depth: number, redact: Redact): unknown {
  if (typeof value === "string") return cut(redact(value));
  if (typeof value === "bigint") return String(value);
  if (typeof value === "function" || typeof value === "symbol") return undefined;
  if (typeof value !== "object" || value === null) return value;
  if (value instanceof Error) return loggedError(value, redact);
  if (value instanceof Date) return value.toJSON();
  if (value instanceof Uint8Array) return cut(toHex(value.subarray(0, maxText)));
  if (depth >= maxDepth) return "…";
  if (value instanceof Map) return members(Object.fromEntries(value), depth, redact);
  if (Array.isArray(value) || value instanceof Set) {
    return [...(value as Iterable<unknown>)].slice(0, maxItems).map((item) => loggable(item, depth + 1, redact));
  }
  return members(value, depth, redact);
}

/** The fields of a log entry as they may be written down. */
export function loggableFields(fields: object, redact: Redact): Readonly<Record<string, unknown>> {
  return members(fields, 0, redact);
}

export function isLoggedError(value: unknown): value is LoggedError {
  return typeof value === "object" && value !== null && "code" in value && "message" in value;
}
