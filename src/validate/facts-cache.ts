import { hash } from "node:crypto";
import { equalBytes, toHex, utf8 } from "../core/bytes.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { NodeIndex } from "../core/signer.ts";
import { type Chunk, type ChunkFacts, type ChunkLedger, type JudgeChunk, saidBytes } from "./chunk.ts";
import { indexLedgerNodes } from "./judge-ledger.ts";
import type { KeyHolder } from "./rule.ts";
import { rulesVersion } from "./rules.ts";

/** Where facts are kept between runs, outside of every ledger. What is lost or damaged costs time and nothing else. */
export interface FactsCache {
  read(name: string): Uint8Array | undefined;
  write(name: string, bytes: Uint8Array): void;
}

const checkBytes = 32;

/** Fewer events than this are judged as soon as they are looked up. */
const fewEvents = 64;

/** What is known of chunks from earlier runs. */
export interface KnownFacts {
  /** Undefined where nothing is known, or everything is to be judged again. */
  lookUp(chunk: Chunk): ChunkFacts | undefined;
  /** Makes a judge remember. */
  remembering(judge: JudgeChunk): JudgeChunk;
}

export function knownFacts(ledger: ChunkLedger, cache: FactsCache): KnownFacts {
  const dependence = dependenceOn(indexLedgerNodes(ledger));
  const policy = JSON.stringify(ledger.policy, (_, value: unknown) => (value instanceof Set ? [...value] : value));
  const isKept = ({ count, accepted }: Chunk): boolean => count >= fewEvents && accepted === count;
  const nameOf = (chunk: Chunk): string =>
    keyOf(chunk, [rulesVersion, ledger.dialect, policy, chunk.month, String(chunk.firstIndex === 0)]);
  const read = (chunk: Chunk, key: string): ChunkFacts | undefined => {
    const kept = ledger.isFull ? undefined : readFacts(cache.read(key), chunk.count);
    const isGood =
      kept?.dependence === dependence(kept?.facts.nodes ?? [], kept?.facts.signers ?? []) &&
      kept.facts.unixMs.every((unixMs) => unixMs <= ledger.aheadUnixMs);
    return kept && isGood ? { ...kept.facts, key } : undefined;
  };
  return {
    lookUp: (chunk) => (isKept(chunk) ? read(chunk, nameOf(chunk)) : undefined),
    remembering: (judge) => (chunk) => {
      if (!isKept(chunk)) return judge(chunk);
      const key = nameOf(chunk);
      const known = read(chunk, key);
      if (known) return known;
      const judged = judge(chunk);
      if (!judged) return undefined;
      cache.write(key, writeFacts(judged, dependence(judged.nodes, judged.signers)));
      return { ...judged, key };
    },
  };
}

function keyOf({ bytes }: Chunk, context: readonly string[]): string {
  const content = hash("sha256", bytes, "hex");
  return hash("sha256", JSON.stringify([...context, content]), "hex");
}

/** Everything of the manifests that facts hang on, as a text: of the nodes that are spoken of, and of the keys that signed. */
function dependenceOn(
  nodes: NodeIndex,
): (ids: readonly string[], signers: readonly (readonly KeyHolder[])[]) => string {
  const digests = new Map<string, string>();
  const holders = new Map<string, string[]>();
  for (const { id, json, maintainers } of nodes.byId.values()) {
    digests.set(id, hash("sha256", canonicalJson(json), "hex"));
    for (const { publicKey } of maintainers) {
      const key = toHex(publicKey);
      holders.set(key, [...(holders.get(key) ?? []), id]);
    }
  }
  return (ids, signers) => {
    const all = signers.flat();
    const names = [...new Set([...ids, ...all.map(({ node }) => node)])].toSorted();
    const keys = [...new Set(all.map(({ key }) => key))].toSorted();
    const said = [
      names.map((id) => [id, digests.get(id) ?? null, nodes.witness(id)]),
      keys.map((key) => [key, holders.get(key) ?? []]),
    ];
    return hash("sha256", JSON.stringify(said), "hex");
  };
}

interface Kept {
  readonly facts: ChunkFacts;
  readonly dependence: string;
}

function writeFacts(facts: ChunkFacts, dependence: string): Uint8Array {
  const { marks, ids, said, unixMs, signer, signers, targets, nodes, plain, plainMonthly } = facts;
  const head = utf8(
    JSON.stringify({ dependence, nodes, signers, targets: targets.length, plain, plainMonthly, count: marks.length }),
  );
  const length = new Uint8Array(Uint32Array.of(head.length).buffer);
  const times = new Uint8Array(unixMs.buffer, unixMs.byteOffset, unixMs.byteLength);
  const numbers = new Uint8Array(signer.buffer, signer.byteOffset, signer.byteLength);
  const body = Buffer.concat([length, head, marks, ids, said, times, numbers, targets]);
  return Buffer.concat([hash("sha256", body, "buffer"), body]);
}

function readFacts(bytes: Uint8Array | undefined, count: number): Kept | undefined {
  if (!bytes || bytes.length < checkBytes + 4) return undefined;
  const body = bytes.subarray(checkBytes);
  if (!equalBytes(bytes.subarray(0, checkBytes), hash("sha256", body, "buffer"))) return undefined;
  let at = 4 + new DataView(body.buffer, body.byteOffset).getUint32(0, true);
  const head = JSON.parse(Buffer.from(body.subarray(4, at)).toString("utf8")) as JsonValue;
  if (!isJsonObject(head) || head["count"] !== count) return undefined;
  const take = (length: number): Uint8Array => {
    at += length;
    // A Buffer's own slice would not copy.
    return Uint8Array.from(body.subarray(at - length, at));
  };
  const { dependence, nodes, signers, targets, plain, plainMonthly } = head as unknown as JsonObject & Head;
  return {
    dependence,
    facts: {
      marks: take(count),
      ids: take(32 * count),
      said: take(saidBytes * count),
      unixMs: new Float64Array(take(8 * count).buffer),
      signer: new Uint16Array(take(2 * count).buffer),
      signers,
      targets: take(targets),
      nodes,
      plain,
      plainMonthly,
      checked: 0,
    },
  };
}

interface Head {
  readonly dependence: string;
  readonly nodes: readonly string[];
  readonly signers: readonly (readonly KeyHolder[])[];
  readonly targets: number;
  readonly plain: number;
  readonly plainMonthly: number;
}
