import { canonicalJson } from "../../core/canonical-json.ts";
import { emitterOf, isEventType } from "../../core/event-types.ts";
import { isJsonObject } from "../../core/json.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import { monthOf } from "../../core/month.ts";
import { formatTimestamp } from "../../core/time.ts";
import type { Place } from "../finding.ts";
import type { Entry } from "../ledger-state.ts";
import type { RuleContext } from "../rule.ts";

/** An entry whose content can be judged. */
type Readable = Entry & { readonly event: LedgerEvent };

export function readable(entries: readonly Entry[]): Readable[] {
  return entries.filter((entry): entry is Readable => entry.event !== undefined);
}

export function placeName({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** No event stands in the ledger twice, in whichever files. */
export function judgeUniqueIds({ entries, sink }: RuleContext): void {
  const first = new Map<string, Place>();
  for (const { event, place } of readable(entries)) {
    const known = first.get(event.id);
    if (known) sink.add("EVENT_DUPLICATE_ID", place, `event ${event.id} stands already at ${placeName(known)}`);
    else first.set(event.id, place);
  }
}

/** Of a thing that can be said once, nobody says it twice. */
export function judgeUniqueContent(context: RuleContext): void {
  const first = new Map<string, Readable>();
  for (const entry of readable(context.entries)) {
    const { event, place } = entry;
    const key = event.dialect === "monthly" ? releaseKey(event) : jsonlKey(entry, context);
    const known = key === undefined ? undefined : first.get(key);
    if (key !== undefined && !known) first.set(key, entry);
    // A copy is a fault of another rule.
    if (!known || known.event.id === event.id) continue;
    const what = `${event.type} of ${event.repo} ${event.version ?? ""}`.trim();
    const code = event.type === "ReleasePublished" ? "RELEASE_DUPLICATE" : "EVENT_DUPLICATE";
    context.sink.add(code, place, `${what} was said already at ${placeName(known.place)}`);
  }
}

function releaseKey({ type, repo, version }: LedgerEvent): string | undefined {
  return type === "ReleasePublished" && repo !== undefined && version !== undefined
    ? JSON.stringify([repo, version])
    : undefined;
}

/** What must not come twice in a jsonl ledger. Two attestors may agree, and a node may rotate or revoke more than once. */
function jsonlKey(entry: Readable, { signers, nodes }: RuleContext): string {
  const { type, repo, version, keyId, json } = entry.event;
  const said = Array.isArray(json["attestations"]) && type === "AttestationPublished" ? json["attestations"] : [];
  const claims = said
    .filter(isJsonObject)
    .map(({ type: what, uri }) => [what, uri].map((text) => (typeof text === "string" ? text.trim() : "")).join("::"))
    .toSorted();
  const keyEvent = json["key"] === undefined ? "" : canonicalJson(json["key"]);
  const signer = signers.get(entry)?.[0]?.node.id;
  return JSON.stringify([
    repo,
    version ?? "",
    type,
    claims,
    keyEvent,
    signer === undefined ? keyId : nodes.witness(signer),
  ]);
}

/** Monthly dialect: who speaks may say this, and of this repository. */
export function judgeEmitters({ ledger, entries, nodes, sink }: RuleContext): void {
  if (ledger.dialect !== "monthly") return;
  for (const { event, place } of readable(entries)) {
    const { type, nodeId = "", repo } = event;
    if (!isEventType(type)) continue;
    const kind = nodes.byId.get(nodeId)?.kind;
    if (kind !== undefined && kind !== emitterOf[type]) {
      sink.add(
        "EVENT_KIND_NOT_ALLOWED",
        place,
        `${nodeId} is of kind ${kind}; ${type} is emitted by ${emitterOf[type]} nodes`,
      );
    }
    if (emitterOf[type] === "compute" && repo !== undefined && repo !== nodeId) {
      sink.add("EVENT_REPO_NOT_OWN", place, `${nodeId} says ${type} of ${repo}`);
    }
  }
}

/**
 * An event stands in the file of the UTC month of its timestamp. Files made of a jsonl list may also hold late events of
 * earlier months, as the partitions of that list do.
 */
export function judgeMonths({ ledger, sink }: RuleContext): void {
  for (const { month, entries } of ledger.files) {
    for (const { event, place } of readable(entries)) {
      const own = monthOf(event.unixMs);
      if (month === "") continue;
      if (own === month || (event.dialect === "jsonl" && own < month)) continue;
      sink.add("EVENT_WRONG_MONTH", place, `${event.timestamp} is in ${own}, the file is of ${month}`);
    }
  }
}

/**
 * Events of months that are not closed are not ahead of the clock, and those that are added are not old either. History
 * is not judged by the clock: with an earlier state at hand only what was added is, and age is never judged without
 * one, or a good ledger would turn bad by lying still.
 */
export function judgeClock({ entries, closed, base, isNew, clock, sink }: RuleContext): void {
  const { nowUnixMs, aheadMs, behindMs } = clock;
  for (const entry of readable(entries)) {
    const { event, place } = entry;
    if (closed.monthOf(event) !== undefined || (base && !isNew(entry))) continue;
    const now = formatTimestamp(nowUnixMs);
    if (event.unixMs > nowUnixMs + aheadMs) {
      sink.add("EVENT_FROM_FUTURE", place, `${event.timestamp} is more than ${minutes(aheadMs)} after ${now}`);
    }
    if (base && event.unixMs < nowUnixMs - behindMs) {
      sink.add("EVENT_TOO_OLD", place, `${event.timestamp} is more than ${minutes(behindMs)} before ${now}`);
    }
  }
}

function minutes(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 1 ? `${Math.round(days * 10) / 10} days` : `${Math.round(ms / 6000) / 10} minutes`;
}
