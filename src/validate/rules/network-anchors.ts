import { toHex, utf8 } from "../../core/bytes.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { SettlementError } from "../../core/error.ts";
import { idBytes } from "../../core/event.ts";
import { fieldsOf, type FieldReader } from "../../core/fields.ts";
import type { Hash } from "../../core/hash.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import type { LedgerEvent } from "../../core/ledger-event.ts";
import { merkleAlgorithms, type MerkleAlgorithm } from "../../core/manifest.ts";
import { merkleV1Root } from "../../core/merkle-v1.ts";
import { leafHash, type TreeAccumulator, treeAccumulator } from "../../core/merkle.ts";
import type { FindingCode } from "../finding-codes.ts";
import type { Entry } from "../ledger-state.ts";
import { readJsonFile } from "../read-ledger.ts";
import type { RuleContext } from "../rule.ts";
import { readable } from "./events.ts";

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

/**
 * Recomputes windows of the ledger in file order. A network may anchor one window many times, and one that grows with
 * the ledger: each root is computed once, and a longer window goes on where a shorter one from the same event ended.
 */
interface Windows {
  readonly size: number;
  /** Position of an event. */
  position(id: string): number | undefined;
  id(position: number): string | undefined;
  root(start: number, count: number, algo: MerkleAlgorithm): string;
}

function windowsOf({ entries, sha256 }: RuleContext): Windows {
  const ids = entries.flatMap(({ event }) => event?.id ?? []);
  const positions = new Map<string, number>();
  for (const [at, id] of ids.entries()) if (!positions.has(id)) positions.set(id, at);
  const roots = new Map<string, string>();
  const growing = new Map<number, TreeAccumulator>();
  const grownTo = (start: number, count: number): Hash => {
    const known = growing.get(start);
    const tree = known && known.size <= count ? known : treeAccumulator(sha256);
    for (const id of ids.slice(start + tree.size, start + count)) tree.append(leafHash(idBytes(id), sha256));
    growing.set(start, tree);
    return tree.root();
  };
  return {
    size: ids.length,
    position: (id) => positions.get(id),
    id: (position) => ids[position],
    root(start, count, algo) {
      const name = `${start} ${count} ${algo}`;
      const known = roots.get(name);
      if (known !== undefined) return known;
      const isOld = algo === "sha256-merkle-v1";
      const leaves = isOld ? ids.slice(start, start + count).map(idBytes) : [];
      const root = toHex(isOld ? merkleV1Root(leaves, sha256) : grownTo(start, count));
      roots.set(name, root);
      return root;
    },
  };
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
  windows: Windows,
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

/** The anchor events in order, each with what its note claims where that can be read. */
function anchorEvents(context: RuleContext): (Entry & { readonly event: LedgerEvent; readonly claim?: Claim })[] {
  return readable(context.entries).flatMap((entry) => {
    const { type, json } = entry.event;
    const said = Array.isArray(json["attestations"]) ? json["attestations"].filter(isJsonObject) : [];
    if (type !== "AttestationPublished" || !said.some((claim) => claim["type"] === "ledger.anchor")) return [];
    try {
      return [{ ...entry, claim: readNote(typeof json["notes"] === "string" ? json["notes"] : "") }];
    } catch (error) {
      if (!(error instanceof SettlementError)) throw error;
      context.sink.add("ANCHOR_NOTE_MALFORMED", entry.place, error.message);
      return [entry];
    }
  });
}

/**
 * jsonl dialect: manifests and anchor events that the network published speak of windows of the ledger in file order,
 * found by range and count; the partition id is a label.
 */
export async function judgeNetworkAnchors(context: RuleContext): Promise<void> {
  const { ledger, sink } = context;
  // Monthly files made from a list have lost the order that windows speak of.
  const isOneList = ledger.files.every(({ month }) => month === "");
  if (ledger.dialect !== "jsonl" || !isOneList) return;
  const windows = windowsOf(context);
  const anchors = anchorEvents(context);
  const manifests: { readonly file: string; readonly claim: Claim }[] = [];
  const paths = ledger.root === "" ? [] : (await ledger.list(folder)).map(({ path }) => path);
  for (const file of paths.filter((path) => path.endsWith(".json"))) {
    const { parsed } = await readJsonFile(file, ledger.read, sink, readManifest);
    if (parsed) manifests.push({ file, claim: parsed });
  }
  const roots = new Set([
    ...anchors.flatMap(({ claim }) => claim?.root ?? []),
    ...manifests.map(({ claim }) => claim.root),
  ]);
  for (const { file, claim } of manifests) {
    for (const [code, message] of faultsOf(claim, windows, windows.size, context)) sink.add(code, { file }, message);
    if (claim.prev !== null && !roots.has(claim.prev)) {
      sink.add("MANIFEST_PREV_UNKNOWN", { file }, `no manifest and no anchor event has the root ${claim.prev}`);
    }
  }
  for (const { event, place, claim } of anchors) {
    if (!claim) continue;
    const own = windows.position(event.id) ?? 0;
    for (const [, message] of faultsOf(claim, windows, own, context)) sink.add("ANCHOR_NOTE_MISMATCH", place, message);
    for (const message of contradictions(event, claim)) sink.add("ANCHOR_NOTE_MISMATCH", place, message);
  }
}

/** The event's own members say the same as its note. */
function contradictions({ json }: LedgerEvent, { root }: Claim): string[] {
  const artifacts = Array.isArray(json["artifacts"]) ? json["artifacts"].filter(isJsonObject) : [];
  return artifacts.some(({ sha256 }) => sha256 === root)
    ? []
    : [`no artifact has the anchored root ${root} as its sha256`];
}
