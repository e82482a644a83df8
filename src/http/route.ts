import { SettlementError } from "../core/error.ts";
import type { Answer } from "./answer.ts";

/** A request as a route sees it: names checked against the route, values still untrusted. */
export interface Input {
  /** A parameter of the path; a wildcard in the spelling of the URL, its segments joined by `/`. */
  path(name: string): string;
  query(name: string): string | undefined;
  readonly body: Uint8Array;
  /** Who asks, as {@link Route.admits} names him; empty where anybody may. */
  readonly actor: string;
}

/** A body that a route takes. */
export interface BodyRule {
  readonly types: readonly string[];
  readonly maxBytes: number;
}

export interface Route {
  /** As Express spells paths. */
  readonly path: string;
  /** Names of the query parameters; any other is refused. */
  readonly query?: readonly string[];
  /** A route that takes a body is a POST, any other a GET. */
  readonly body?: BodyRule;
  /** Names who asks from his Authorization header, before anything else is read. @throws SettlementError `ADMIN_TOKEN_REQUIRED` */
  readonly admits?: (authorization: string | undefined) => string;
  /** Not for pages of other origins. */
  readonly isForOperators?: boolean;
  readonly answer: (input: Input) => Answer | Promise<Answer>;
}

function malformed(name: string, expected: string, found: string): SettlementError {
  return new SettlementError(
    "PARAMETER_MALFORMED",
    `parameter ${name} must be ${expected}, not ${JSON.stringify(found.slice(0, 40))}`,
  );
}

/** An event id, either case, in lower case. @throws SettlementError `PARAMETER_MALFORMED` */
export function parseId(name: string, text: string): string {
  if (/^[0-9a-fA-F]{64}$/.test(text)) return text.toLowerCase();
  throw malformed(name, "64 hex digits", text);
}

/** A decimal integer in its one spelling. @throws SettlementError `PARAMETER_MALFORMED` */
export function parseCount(name: string, text: string, min: number, max: number): number {
  const value = /^(0|[1-9]\d{0,15})$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw malformed(name, `a whole number from ${min} to ${max}`, text);
}

/** A version of a release. @throws SettlementError `PARAMETER_MALFORMED` */
export function parseVersion(name: string, text: string): string {
  if (/^[0-9A-Za-z][0-9A-Za-z._+-]{0,99}$/.test(text)) return text;
  throw malformed(name, "a version such as 1.2.3", text);
}

/** @throws SettlementError `PARAMETER_MALFORMED` */
export function parseChoice<const T extends string>(name: string, text: string, choices: readonly T[]): T {
  const found = choices.find((choice) => choice === text);
  if (found !== undefined) return found;
  throw malformed(name, `one of ${choices.join(", ")}`, text);
}
