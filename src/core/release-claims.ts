import { isJsonObject, type JsonValue } from "./json.ts";
import { objectsIn, textOf } from "./json-members.ts";
import type { LedgerEvent } from "./ledger-event.ts";

/** What an attestor may say of a check, the worst first. `unscored`: it could not tell. */
export const checkResults = ["fail", "unscored", "warn", "pass"] as const;

export type CheckResult = (typeof checkResults)[number];

/** What one attestation says of one check. */
export interface Claim {
  /** Name of the check, such as `license.audit`. */
  readonly check: string;
  readonly result: CheckResult;
  /** In the attestor's words; empty where it gave none. */
  readonly reason: string;
}

const checkName = /^[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*$/;
const noteLine = /^([^:]{1,100}):\s*(pass|warn|fail|unscored)\b(.*)$/s;
const resultUri = /^repomesh:attestor:([^:]{1,100}):(\w{1,20})$/;

/** Names of what is attested and is no result of a check. */
const notChecks = ["ledger.anchor", "attestation.dispute"];

/** Of two results the worse one. */
function worse(a: CheckResult, b: CheckResult): CheckResult {
  return checkResults.indexOf(a) <= checkResults.indexOf(b) ? a : b;
}

function resultOf(text: JsonValue | undefined): CheckResult {
  return checkResults.find((known) => known === text) ?? "unscored";
}

/**
 * What an attestation says of each check, each once.
 *
 * A jsonl attestation says it twice, in the lines of its notes (`kind: pass — reason`) and in the URIs of its list
 * (`repomesh:attestor:kind:pass`); where the two differ the worse counts.
 */
export function claimsOf(event: LedgerEvent): readonly Claim[] {
  if (event.type !== "AttestationPublished") return [];
  const said = event.dialect === "monthly" ? monthlyClaims(event) : [...noteClaims(event), ...uriClaims(event)];
  const claims = new Map<string, Claim>();
  for (const claim of said) {
    if (!checkName.test(claim.check) || notChecks.includes(claim.check)) continue;
    const known = claims.get(claim.check);
    const result = known ? worse(known.result, claim.result) : claim.result;
    claims.set(claim.check, { ...claim, result, reason: known?.reason || claim.reason });
  }
  return [...claims.values()];
}

function monthlyClaims({ json }: LedgerEvent): Claim[] {
  const payload = json["payload"];
  return objectsIn(payload, "verifierResults").map(({ check, result, detail }) => ({
    check: textOf(check),
    result: resultOf(result),
    reason: textOf(detail),
  }));
}

function noteClaims({ json }: LedgerEvent): Claim[] {
  return textOf(json["notes"])
    .split("\n")
    .flatMap((line) => {
      const [, check = "", result, rest = ""] = noteLine.exec(line) ?? [];
      // `kind: pass [verified] — why`; the dash may be an em dash, an en dash or a hyphen.
      const reason = rest.replace(/^\s*(?:\[[^\]]*\])?\s*[—–-]?/, "").trim();
      return result === undefined ? [] : [{ check: check.trim(), result: resultOf(result), reason }];
    });
}

function uriClaims({ json }: LedgerEvent): Claim[] {
  return objectsIn(json, "attestations").flatMap(({ uri }) => {
    const [, check, result] = resultUri.exec(textOf(uri)) ?? [];
    return check === undefined ? [] : [{ check, result: resultOf(result), reason: "" }];
  });
}

/** Does an attestation dispute what is said of the release? */
export function isDispute({ type, dialect, json }: LedgerEvent): boolean {
  if (type !== "AttestationPublished" || dialect !== "jsonl") return false;
  return objectsIn(json, "attestations").some((attestation) => attestation["type"] === "attestation.dispute");
}

/** What a person is told of an event: notes, or the words of its payload. */
export function wordsOf({ dialect, json }: LedgerEvent): string {
  const payload = dialect === "monthly" && isJsonObject(json["payload"]) ? json["payload"] : json;
  const words = [payload["ruleId"], payload["details"], payload["notes"]].map(textOf).filter((text) => text !== "");
  return words.join(": ");
}
