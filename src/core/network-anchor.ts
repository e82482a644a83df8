import type { AnchoredWindows } from "./anchored-windows.ts";
import { toHex, utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { fieldsOf, type FieldReader } from "./fields.ts";
import type { Sha256 } from "./hash.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "./json.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import { merkleAlgorithms, type MerkleAlgorithm } from "./manifest.ts";

/**
 * What a jsonl network says of one of its own anchors, in a manifest or in the note of an anchor event: a window of its
 * ledger in file order, found by range and count. The partition id is a label.
 */
export interface NetworkAnchor {
  readonly range: readonly [first: string, last: string];
  readonly count: number;
  readonly root: string;
  readonly algo: MerkleAlgorithm;
  readonly prev: string | null;
  readonly manifestHash: string;
  /** What the hash is over. */
  readonly hashed: JsonObject;
}

function readClaim(fields: FieldReader, rootName: string, countName: string): Omit<NetworkAnchor, "hashed"> {
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

/** A manifest of `anchor/xrpl/manifests/`. @throws SettlementError `MANIFEST_MALFORMED`, `FORMAT_VERSION_UNKNOWN` */
export function parseNetworkManifest(value: JsonValue): NetworkAnchor {
  const fields = fieldsOf("MANIFEST_MALFORMED", "manifest", value);
  fields.version(1);
  const { manifestHash: _claimed, ...hashed } = fields.object;
  return { ...readClaim(fields, "root", "count"), hashed };
}

/** Does an event of a network say that it was anchored? */
export function isAnchorEvent({ type, json }: Pick<LedgerEvent, "type" | "json">): boolean {
  const said = Array.isArray(json["attestations"]) ? json["attestations"].filter(isJsonObject) : [];
  return type === "AttestationPublished" && said.some((claim) => claim["type"] === "ledger.anchor");
}

/** The line of JSON that ends the note of an anchor event. @throws SettlementError `MANIFEST_MALFORMED` and those of `parseJson` */
export function parseAnchorNote({ json }: LedgerEvent): NetworkAnchor {
  const notes = typeof json["notes"] === "string" ? json["notes"] : "";
  const fields = fieldsOf("MANIFEST_MALFORMED", "note", parseJson(notes.slice(notes.lastIndexOf("\n") + 1)));
  const claim = readClaim(fields, "merkleRoot", "eventCount");
  const { range, count, root, prev } = claim;
  const [partitionId, network] = [fields.text("partitionId"), fields.text("network")];
  const rest = { v: 1, partitionId, network, prev, range, count, root };
  return { ...claim, hashed: fields.has("algo") ? { ...rest, algo: claim.algo } : rest };
}

export type NetworkAnchorCode = "MANIFEST_HASH_MISMATCH" | "MANIFEST_RANGE_MISMATCH" | "MANIFEST_ROOT_MISMATCH";

/** What is wrong with what a network says of a window that ends before `limit`; nothing where it recomputes. */
export function networkAnchorFaults(
  { range: [first, last], count, root, algo, hashed, manifestHash }: NetworkAnchor,
  windows: AnchoredWindows,
  limit: number,
  sha256: Sha256,
): (readonly [NetworkAnchorCode, string])[] {
  const faults: (readonly [NetworkAnchorCode, string])[] = [];
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
