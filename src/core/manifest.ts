import { toHex, utf8 } from "./bytes.ts";
import { canonicalJson } from "./canonical-json.ts";
import { SettlementError } from "./error.ts";
import { fieldsOf, type FieldReader } from "./fields.ts";
import { type Sha256, sha256 } from "./hash.ts";
import type { JsonValue } from "./json.ts";
import type { NetworkName } from "./network.ts";

/** RFC 9162 trees under RepoMesh's name, and its older tree without domain separation, which is read and never written. */
export const merkleAlgorithms = ["sha256-merkle-v2", "sha256-merkle-v1"] as const;

export type MerkleAlgorithm = (typeof merkleAlgorithms)[number];

/** What was closed, `repomesh-anchor-v1`. Hashes are lower-case hex. */
export interface Manifest {
  readonly v: 1;
  readonly algo: MerkleAlgorithm;
  /** The month, in our own manifests; any label in those a network made itself. */
  readonly partitionId: string;
  readonly network: NetworkName;
  /** Root of the previous closed partition. */
  readonly prev: string | null;
  /** First and last event id; null when there are none. */
  readonly range: readonly [first: string, last: string] | null;
  readonly count: number;
  readonly root: string;
  /** SHA-256 of the JCS of the other members. */
  readonly manifestHash: string;
}

export function manifestHashOf(rest: Omit<Manifest, "manifestHash">, hash: Sha256 = sha256): string {
  return toHex(hash(utf8(canonicalJson(rest))));
}

/** A manifest of our own: version 1, RFC 9162 tree, hash computed. */
export function makeManifest(content: Omit<Manifest, "v" | "algo" | "manifestHash">, hash: Sha256 = sha256): Manifest {
  const { partitionId, network, prev, range, count, root } = content;
  const rest = { v: 1, algo: "sha256-merkle-v2", partitionId, network, prev, range, count, root } as const;
  return { ...rest, manifestHash: manifestHashOf(rest, hash) };
}

function parseRange(fields: FieldReader): Manifest["range"] {
  if (fields.member("range") === null) return null;
  const range = fields.list("range", 2);
  const [first, last] = range.map((id) => (typeof id === "string" && /^[0-9a-f]{64}$/.test(id) ? id : undefined));
  return first !== undefined && last !== undefined
    ? [first, last]
    : fields.fail('member "range" must be null or two event ids');
}

/**
 * @throws SettlementError `MANIFEST_MALFORMED`, `FORMAT_VERSION_UNKNOWN`, `MANIFEST_HASH_MISMATCH`
 */
export function parseManifest(value: JsonValue, hash: Sha256 = sha256): Manifest {
  const fields = fieldsOf("MANIFEST_MALFORMED", "manifest", value);
  fields.version(1);
  fields.only("v", "algo", "partitionId", "network", "prev", "range", "count", "root", "manifestHash");
  const manifest: Manifest = {
    v: 1,
    algo: fields.oneOf("algo", merkleAlgorithms),
    partitionId: fields.text("partitionId", 200),
    network: fields.text("network", 60),
    prev: fields.member("prev") === null ? null : fields.hash("prev"),
    range: parseRange(fields),
    count: fields.count("count"),
    root: fields.hash("root"),
    manifestHash: fields.hash("manifestHash"),
  };
  if ((manifest.count === 0) !== (manifest.range === null)) fields.fail("range is null exactly when count is 0");
  const { manifestHash, ...rest } = manifest;
  const computed = manifestHashOf(rest, hash);
  if (computed !== manifestHash) {
    throw new SettlementError(
      "MANIFEST_HASH_MISMATCH",
      `manifest ${manifest.partitionId}: manifestHash says ${manifestHash}, the other members hash to ${computed}`,
    );
  }
  return manifest;
}
