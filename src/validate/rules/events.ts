import { canonicalJson } from "../../core/canonical-json.ts";
import { emitterOf, isEventType } from "../../core/event-types.ts";
import { isJsonObject } from "../../core/json.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import { monthOf } from "../../core/month.ts";
import { formatTimestamp } from "../../core/time.ts";
import type { FindingSink, Place } from "../finding.ts";
import { monthOfPath } from "../find-ledger.ts";
import type { Readable, RuleContext } from "../rule.ts";

export function placeName({ file, line }: Place): string {
  return line === undefined ? file : `${file}:${line}`;
}

/** No event stands in the ledger twice, in whichever files. */
export function judgeUniqueId({ event, place }: Readable, { memory, sink }: RuleContext): void {
  const known = memory.known.get(event.id);
  if (!known || known.place === place) return;
  reportCopy(event.id, place, known.place, sink);
}

export function reportCopy(id: string, place: Place, first: Place, sink: FindingSink): void {
  sink.add("EVENT_DUPLICATE_ID", place, `event ${id} stands already at ${placeName(first)}`);
}

/** Of a thing that can be said once, nobody says it twice. */
export function judgeUniqueContent(entry: Readable, context: RuleContext): void {
  const { event, place } = entry;
  const key = contentKey(entry, context);
  const known = key === undefined ? undefined : context.memory.said.get(key);
  // A copy is a fault of another rule.
  if (known && known.id !== event.id) reportRepeated(event, place, known, context.sink);
}

export function reportRepeated(
  event: LedgerEvent,
  place: Place,
  known: { readonly place: Place },
  sink: FindingSink,
): void {
  const what = `${event.type} of ${event.repo} ${event.version ?? ""}`.trim();
  const code = event.type === "ReleasePublished" ? "RELEASE_DUPLICATE" : "EVENT_DUPLICATE";
  sink.add(code, place, `${what} was said already at ${placeName(known.place)}`);
}

/** What can be said once: one key for all events that say it. Undefined for what can be said again and again. */
export function contentKey(entry: Readable, context: RuleContext): string | undefined {
  return entry.event.dialect === "monthly" ? releaseKey(entry.event) : jsonlKey(entry, context);
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
export function judgeEmitter({ event, place }: Readable, { ledger, nodes, sink }: RuleContext): void {
  const { type, nodeId = "", repo } = event;
  if (ledger.dialect !== "monthly" || !isEventType(type)) return;
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

/**
 * An event stands in the file of the UTC month of its timestamp. Files made of a jsonl list may also hold late events of
 * earlier months, as the partitions of that list do.
 */
export function judgeMonth({ event, place }: Readable, { ledger, sink }: RuleContext): void {
  const own = monthOf(event.unixMs);
  if (place.file === `${ledger.root}${own}.json`) return;
  const month = monthOfPath(place.file.slice(ledger.root.length));
  if (month === undefined || own === month || (event.dialect === "jsonl" && own < month)) return;
  sink.add("EVENT_WRONG_MONTH", place, `${event.timestamp} is in ${own}, the file is of ${month}`);
}

/**
 * Events of months that are not closed are not ahead of the clock, and those that are added are not old either. History
 * is not judged by the clock: with an earlier state at hand only what was added is, and age is never judged without
 * one, or a good ledger would turn bad by lying still.
 */
export function judgeClock(entry: Readable, { closed, base, isNew, clock, sink }: RuleContext): void {
  const { event, place } = entry;
  if (closed.monthOf(event) !== undefined || (base && !isNew(entry))) return;
  const { nowUnixMs, aheadMs, behindMs } = clock;
  if (event.unixMs > nowUnixMs + aheadMs) {
    const now = formatTimestamp(nowUnixMs);
    sink.add("EVENT_FROM_FUTURE", place, `${event.timestamp} is more than ${minutes(aheadMs)} after ${now}`);
  }
  if (base && event.unixMs < nowUnixMs - behindMs) {
    const now = formatTimestamp(nowUnixMs);
    sink.add("EVENT_TOO_OLD", place, `${event.timestamp} is more than ${minutes(behindMs)} before ${now}`);
  }
}

function minutes(ms: number): string {
  const days = ms / 86_400_000;
  return days >= 1 ? `${Math.round(days * 10) / 10} days` : `${Math.round(ms / 6000) / 10} minutes`;
}
