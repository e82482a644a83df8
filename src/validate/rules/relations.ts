import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Entry } from "../ledger-state.ts";
import type { RuleContext } from "../rule.ts";
import { compareSemver, isSemver } from "../semver.ts";
import { placeName, readable } from "./events.ts";

function payloadOf({ value }: Entry): JsonObject {
  const payload = isJsonObject(value) ? value["payload"] : undefined;
  return isJsonObject(payload) ? payload : {};
}

function namesOf(value: JsonValue | undefined, member: string): readonly string[] {
  const found = isJsonObject(value) ? value[member] : undefined;
  return Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
}

/** Monthly dialect: what is attested or blamed stands earlier in the ledger. */
export function judgeTargets({ ledger, entries, sink }: RuleContext): void {
  if (ledger.dialect !== "monthly") return;
  const positions = new Map<string, number>();
  for (const [at, { event }] of entries.entries()) {
    if (event && !positions.has(event.id)) positions.set(event.id, at);
  }
  for (const [at, entry] of entries.entries()) {
    const target = payloadOf(entry)["targetEventId"];
    const type = entry.event?.type;
    if (typeof target !== "string" || (type !== "AttestationPublished" && type !== "PolicyViolation")) continue;
    const position = positions.get(target);
    if (position !== undefined && position < at) continue;
    const later = position === undefined ? undefined : entries[position]?.place;
    const where = later === undefined ? "is not in the ledger" : `stands at ${placeName(later)}, not before this event`;
    sink.add("TARGET_EVENT_UNKNOWN", entry.place, `event ${target.slice(0, 64)} ${where}`);
  }
}

/** Names within one payload do not repeat. */
export function judgeRepeatedNames({ ledger, entries, sink }: RuleContext): void {
  if (ledger.dialect !== "monthly") return;
  for (const entry of entries) {
    const payload = payloadOf(entry);
    for (const [list, member] of [
      ["artifacts", "name"],
      ["verifierResults", "check"],
    ] as const) {
      const found = payload[list];
      const names = (Array.isArray(found) ? found : []).map((item) => (isJsonObject(item) ? item[member] : undefined));
      const seen = new Set<JsonValue | undefined>();
      const twice = names.find((name) => typeof name === "string" && seen.size === seen.add(name).size);
      if (twice !== undefined) {
        sink.add("PAYLOAD_INVALID", entry.place, `/payload/${list} names ${JSON.stringify(twice)} twice`);
      }
    }
  }
}

/** Monthly dialect: of two versions the later one is later. */
export function judgeVersionPairs({ ledger, entries, sink }: RuleContext): void {
  if (ledger.dialect !== "monthly") return;
  for (const entry of readable(entries)) {
    const { fromVersion, toVersion } = payloadOf(entry);
    const isPair = typeof fromVersion === "string" && typeof toVersion === "string";
    if (!isPair || entry.event.type !== "BreakingChangeDetected") continue;
    const order = fromVersion === toVersion ? 0 : compareSemver(fromVersion, toVersion);
    if (order !== undefined && order >= 0) {
      sink.add("VERSION_PAIR_NOT_ASCENDING", entry.place, `${toVersion} is not later than ${fromVersion}`);
    }
  }
}

/** Monthly dialect: a node that promises Semantic Versions has them. */
export function judgePromises({ ledger, entries, nodes, sink }: RuleContext): void {
  if (ledger.dialect !== "monthly") return;
  for (const { event, place } of readable(entries)) {
    const { nodeId = "", repo, version } = event;
    const invariants = nodes.byId.get(nodeId)?.json["invariants"];
    const isPromised = isJsonObject(invariants) && invariants["semver"] === true;
    if (!isPromised || repo !== nodeId || version === undefined || isSemver(version)) continue;
    sink.add("VERSION_NOT_SEMVER", place, `${nodeId} promises Semantic Versions, and ${version} is none`);
  }
}

/** Events speak of registered repositories and do not contradict themselves; both are only doubts. */
export function judgePlausibility({ entries, nodes, sink }: RuleContext): void {
  for (const entry of readable(entries)) {
    const { event, place } = entry;
    const { type, repo } = event;
    const isOwn = event.dialect === "monthly" ? repo === event.nodeId : type === "ReleasePublished";
    if (repo !== undefined && !isOwn && !nodes.byId.has(repo)) {
      sink.add("REPO_NOT_REGISTERED", place, `${type} speaks of ${repo}, which has no manifest`);
    }
    const payload = payloadOf(entry);
    const { interfaceDiff, schemaDiff } = payload;
    const breaks = (diff: JsonValue | undefined): number =>
      namesOf(diff, "removed").length + namesOf(diff, "changed").length;
    if (type === "BreakingChangeDetected" && isJsonObject(interfaceDiff) && breaks(interfaceDiff) === 0) {
      sink.add("PAYLOAD_DOUBTFUL", place, "a breaking change that removes and changes nothing");
    }
    if (
      type === "InterfaceUpdated" &&
      payload["backwardCompatible"] === true &&
      namesOf(schemaDiff, "removed").length > 0
    ) {
      sink.add("PAYLOAD_DOUBTFUL", place, "a backward-compatible update that removes something");
    }
  }
}
