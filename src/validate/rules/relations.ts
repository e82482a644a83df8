import { isJsonObject, type JsonObject, type JsonValue } from "../../core/json.ts";
import type { Entry } from "../ledger-state.ts";
import type { Readable, RuleContext } from "../rule.ts";
import { compareSemver, isSemver } from "../semver.ts";
import { placeName } from "./events.ts";

function payloadOf({ value }: Entry): JsonObject {
  const payload = isJsonObject(value) ? value["payload"] : undefined;
  return isJsonObject(payload) ? payload : {};
}

function namesOf(value: JsonValue | undefined, member: string): readonly string[] {
  const found = isJsonObject(value) ? value[member] : undefined;
  return Array.isArray(found) ? found.filter((name) => typeof name === "string") : [];
}

/** Does an event stand before another, months ascending and each in the order of its file? */
function isBefore(a: Entry["place"], b: Entry["place"]): boolean {
  return a.file < b.file || (a.file === b.file && a.index < b.index);
}

/** The event that an event of the monthly dialect attests or blames. */
export function targetOf(entry: Readable): string | undefined {
  const { type, dialect } = entry.event;
  const isOfEvent = type === "AttestationPublished" || type === "PolicyViolation";
  const target = dialect === "monthly" && isOfEvent ? payloadOf(entry)["targetEventId"] : undefined;
  return typeof target === "string" ? target : undefined;
}

/** Monthly dialect: what is attested or blamed stands earlier in the ledger. */
export function judgeTarget(entry: Readable, context: RuleContext): void {
  const target = targetOf(entry);
  if (context.ledger.dialect === "monthly" && target !== undefined) requireEarlier(entry.place, target, context);
}

/** @param target - id of an event */
export function requireEarlier(
  place: Entry["place"],
  target: string,
  { memory, sink }: Pick<RuleContext, "memory" | "sink">,
): void {
  const found = memory.known.get(target)?.place;
  if (found && isBefore(found, place)) return;
  const where = found ? `stands at ${placeName(found)}, not before this event` : "is not in the ledger";
  sink.add("TARGET_EVENT_UNKNOWN", place, `event ${target.slice(0, 64)} ${where}`);
}

/** Monthly dialect: names within one payload do not repeat. */
export function judgeRepeatedNames(entry: Readable, { ledger, sink }: RuleContext): void {
  if (ledger.dialect !== "monthly") return;
  const payload = payloadOf(entry);
  for (const { list, member } of namedLists) {
    const found = payload[list];
    // One name is not there twice.
    const twice = Array.isArray(found) && found.length > 1 ? firstRepeated(found, member) : undefined;
    if (twice !== undefined) {
      sink.add("PAYLOAD_INVALID", entry.place, `/payload/${list} names ${JSON.stringify(twice)} twice`);
    }
  }
}

const namedLists = [
  { list: "artifacts", member: "name" },
  { list: "verifierResults", member: "check" },
] as const;

function firstRepeated(list: readonly JsonValue[], member: string): JsonValue | undefined {
  const names = list.map((item) => (isJsonObject(item) ? item[member] : undefined));
  const seen = new Set<JsonValue | undefined>();
  return names.find((name) => typeof name === "string" && seen.size === seen.add(name).size);
}

/** Monthly dialect: of two versions the later one is later. */
export function judgeVersionPair(entry: Readable, { ledger, sink }: RuleContext): void {
  const { fromVersion, toVersion } = payloadOf(entry);
  const isPair = typeof fromVersion === "string" && typeof toVersion === "string";
  if (ledger.dialect !== "monthly" || !isPair || entry.event.type !== "BreakingChangeDetected") return;
  const order = fromVersion === toVersion ? 0 : compareSemver(fromVersion, toVersion);
  if (order !== undefined && order >= 0) {
    sink.add("VERSION_PAIR_NOT_ASCENDING", entry.place, `${toVersion} is not later than ${fromVersion}`);
  }
}

/** Monthly dialect: a node that promises Semantic Versions has them. */
export function judgePromise({ event, place }: Readable, { ledger, nodes, sink }: RuleContext): void {
  const { nodeId = "", repo, version } = event;
  if (ledger.dialect !== "monthly" || repo !== nodeId || version === undefined || isSemver(version)) return;
  const invariants = nodes.byId.get(nodeId)?.json["invariants"];
  const isPromised = isJsonObject(invariants) && invariants["semver"] === true;
  if (isPromised) sink.add("VERSION_NOT_SEMVER", place, `${nodeId} promises Semantic Versions, and ${version} is none`);
}

/** Events speak of registered repositories and do not contradict themselves; both are only doubts. */
export function judgePlausibility(entry: Readable, { nodes, sink }: RuleContext): void {
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
  const removesSomething = namesOf(schemaDiff, "removed").length > 0;
  if (type === "InterfaceUpdated" && payload["backwardCompatible"] === true && removesSomething) {
    sink.add("PAYLOAD_DOUBTFUL", place, "a backward-compatible update that removes something");
  }
}
