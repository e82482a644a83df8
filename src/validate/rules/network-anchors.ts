import { toHex, utf8 } from "../../core/bytes.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { SettlementError } from "../../core/error.ts";
import { fieldsOf, type FieldReader } from "../../core/fields.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import { merkleAlgorithms, type MerkleAlgorithm } from "../../core/manifest.ts";
import type { AnchoredWindows } from "../anchored-windows.ts";
import type { FindingCode } from "../finding-codes.ts";
import type { LedgerState } from "../ledger-state.ts";
import { readJsonFile } from "../read-ledger.ts";
import { readable, type Readable, type RuleContext } from "../rule.ts";

const folder = "anchor/xrpl/manifests";

/** What a network says of one of its anchors, in a manifest or in the note of an anchor event. */
interface Claim {
  readonly range: readonly [first: string, last: string];
  readonly count: number;
  readonly root: string;
  readonly algo: MerkleAlgorithm;
  readonly prev: string | null;
  readonly manifestHash: string;
  /** What the hash is over. */
  readonly hashed: JsonObject;
}

function readClaim(fields: FieldReader, rootName: string, countName: string): Omit<Claim, "hashed"> {
  const range = fields.list("range", 2);
  const [first, last] = range;
  if (typeof first !== "string" || typeof last !== "string") return fields.fail('member "range" must be two event ids');
  const count = fields.count(countName);
  if (count === 0) fields.fail(`${countName} is 0; nothing is anchored`);
  return {
    range: [first, last],
    count,
    root: fields.hash(rootName),
    // Networks that say nothing mean the older tree.
    algo: fields.has("algo") ? fields.oneOf("algo", merkleAlgorithms) : "sha256-merkle-v1",
    prev: fields.member("prev") === null ? null : fields.hash("prev"),
    manifestHash: fields.hash("manifestHash"),
  };
}

function readManifest(value: JsonValue): Claim {
  const fields = fieldsOf("MANIFEST_MALFORMED", "manifest", value);
  fields.version(1);
  const { manifestHash: _claimed, ...hashed } = fields.object;
  return { ...readClaim(fields, "root", "count"), hashed };
}

/** The line of JSON that ends the note of an anchor event. */
function readNote(notes: string): Claim {
  const fields = fieldsOf("MANIFEST_MALFORMED", "note", parseJson(notes.slice(notes.lastIndexOf("\n") + 1)));
  const claim = readClaim(fields, "merkleRoot", "eventCount");
  const { range, count, root, prev } = claim;
  const rest = {
    v: 1,
    partitionId: fields.text("partitionId"),
    network: fields.text("network"),
    prev,
    range,
    count,
    root,
  };
  return { ...claim, hashed: fields.has("algo") ? { ...rest, algo: claim.algo } : rest };
}

/** What is wrong with a claim about a window that ends before `limit`. */
function faultsOf(
  { range: [first, last], count, root, algo, hashed, manifestHash }: Claim,
  windows: AnchoredWindows,
  limit: number,
  { sha256 }: RuleContext,
): (readonly [FindingCode, string])[] {
  const faults: (readonly [FindingCode, string])[] = [];
  const computed = toHex(sha256(utf8(canonicalJson(hashed))));
  if (computed !== manifestHash) {
    faults.push(["MANIFEST_HASH_MISMATCH", `manifestHash says ${manifestHash}, the other members hash to ${computed}`]);
  }
  const start = windows.position(first);
  if (start === undefined)
    return [...faults, ["MANIFEST_RANGE_MISMATCH", `its first event ${first} is not in the ledger`]];
  if (start + count > limit) {
    const left = limit - start;
    return [...faults, ["MANIFEST_RANGE_MISMATCH", `it counts ${count} events from ${first} on; there are ${left}`]];
  }
  if (windows.id(start + count - 1) !== last) {
    const found = windows.id(start + count - 1);
    return [...faults, ["MANIFEST_RANGE_MISMATCH", `its last event is ${last}; the ledger has ${found} there`]];
  }
  const recomputed = windows.root(start, count, algo);
  if (recomputed !== root) faults.push(["MANIFEST_ROOT_MISMATCH", `root says ${root}, the events have ${recomputed}`]);
  return faults;
}

/** Does an event of a network say that it was anchored? */
export function isAnchorEvent({ type, json }: LedgerEvent): boolean {
  const said = Array.isArray(json["attestations"]) ? json["attestations"].filter(isJsonObject) : [];
  return type === "AttestationPublished" && said.some((claim) => claim["type"] === "ledger.anchor");
}

/** The note of an anchor event; undefined for any other event. @throws SettlementError when it cannot be read */
function claimOf({ event }: Readable): Claim | undefined {
  const { json } = event;
  if (!isAnchorEvent(event)) return undefined;
  return readNote(typeof json["notes"] === "string" ? json["notes"] : "");
}

/** Monthly files made from a list have lost the order that windows speak of. */
function isOneList({ dialect, files }: LedgerState): boolean {
  return dialect === "jsonl" && files.every(({ month }) => month === "");
}

/**
 * jsonl dialect: manifests that the network published speak of windows of the ledger in file order, found by range and
 * count; the partition id is a label.
 */
export async function judgeNetworkManifests(context: RuleContext): Promise<void> {
  const { ledger, memory, sink } = context;
  if (ledger.root === "" || !isOneList(ledger)) return;
  const manifests: { readonly file: string; readonly claim: Claim }[] = [];
  const paths = (await ledger.list(folder)).map(({ path }) => path);
  for (const file of paths.filter((path) => path.endsWith(".json"))) {
    const { parsed } = await readJsonFile(file, ledger.read, sink, readManifest);
    if (parsed) manifests.push({ file, claim: parsed });
  }
  const roots = new Set([...anchoredRoots(context), ...manifests.map(({ claim }) => claim.root)]);
  for (const { file, claim } of manifests) {
    for (const [code, message] of faultsOf(claim, memory.windows, memory.windows.size, context)) {
      sink.add(code, { file }, message);
    }
    if (claim.prev !== null && !roots.has(claim.prev)) {
      sink.add("MANIFEST_PREV_UNKNOWN", { file }, `no manifest and no anchor event has the root ${claim.prev}`);
    }
  }
}

/** Roots that readable notes of anchor events name. */
function anchoredRoots({ entries }: RuleContext): string[] {
  return readable(entries).flatMap((entry) => readClaimOf(entry, () => undefined)?.root ?? []);
}

function readClaimOf(entry: Readable, onMalformed: (message: string) => void): Claim | undefined {
  try {
    return claimOf(entry);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    onMalformed(error.message);
    return undefined;
  }
}

/** jsonl dialect: the note of an anchor event speaks of a window of the ledger that ends before the event itself. */
export function judgeAnchorNote(entry: Readable, context: RuleContext): void {
  const { ledger, memory, sink } = context;
  const { event, place } = entry;
  if (!isOneList(ledger)) return;
  const claim = readClaimOf(entry, (message) => sink.add("ANCHOR_NOTE_MALFORMED", place, message));
  if (!claim) return;
  const own = memory.windows.position(event.id) ?? memory.windows.size;
  const faults = faultsOf(claim, memory.windows, own, context).map(([, message]) => message);
  for (const message of [...faults, ...contradictions(event, claim)]) sink.add("ANCHOR_NOTE_MISMATCH", place, message);
}

/** The event's own members say the same as its note. */
function contradictions({ json }: LedgerEvent, { root }: Claim): string[] {
  const artifacts = Array.isArray(json["artifacts"]) ? json["artifacts"].filter(isJsonObject) : [];
  return artifacts.some(({ sha256 }) => sha256 === root)
    ? []
    : [`no artifact has the anchored root ${root} as its sha256`];
}
