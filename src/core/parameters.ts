import { SettlementError } from "./error.ts";

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
