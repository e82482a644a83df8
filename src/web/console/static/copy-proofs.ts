import { type Bundle, bundleJson } from "../../../core/bundle.ts";
import { toBase64, toHex } from "../../../core/bytes.ts";
import { verifyEd25519 } from "../../../core/ed25519.ts";
import { SettlementError } from "../../../core/error.ts";
import { sha256 } from "../../../core/hash.ts";
import { publishedLedgerLog } from "../../../settle/log-tree.ts";
import { monthProver, type MonthProver } from "../../../settle/prove-inclusion.ts";
import { publishedJson } from "../../../settle/published-json.ts";
import { readClosed } from "../../../settle/read-closed.ts";
import type { Consistency } from "../data.ts";
import { locate } from "./copy-events.ts";
import type { Copy } from "./open-copy.ts";

/** Makes proofs out of a copy, each of which led to the published root. */
export interface CopyProver {
  /** Bundle of an event, byte for byte what a node serves for it. @throws SettlementError `EVENT_NOT_FOUND`, `LEDGER_REFUTED` */
  prove(id: string): Promise<Uint8Array>;
  /** The same, not written yet. */
  bundle(id: string): Promise<Bundle>;
}

/** Proofs and months that are kept: a page asks for the same one several times. */
const kept = 16;

function remembered<T>(make: (name: string) => Promise<T>): (name: string) => Promise<T> {
  const known = new Map<string, Promise<T>>();
  return (name) => {
    const found = known.get(name);
    if (found) return found;
    const [oldest] = known.keys();
    if (known.size >= kept && oldest !== undefined) known.delete(oldest);
    const made = make(name);
    known.set(name, made);
    void made.catch(() => known.delete(name));
    return made;
  };
}

export function copyProver(copy: Copy): CopyProver {
  const { view, ledger, archive } = copy;
  const deps = { ledger, archive, verify: verifyEd25519, sha256 };
  const proverOf = remembered<MonthProver>(async (month) => monthProver(view, await copy.month(month), deps));
  const bundle = remembered(async (id) => {
    const { partition, index } = await locate(copy, id);
    return (await proverOf(partition.month)).prove(index);
  });
  return { bundle, prove: async (id) => publishedJson(bundleJson(await bundle(id))) };
}

/** @throws SettlementError `LEDGER_REFUTED` when the tiles do not have the root that was published */
export async function consistencyOf(
  { view, ledger, archive }: Copy,
  oldSize: number,
  newSize: number,
): Promise<Consistency> {
  const log = publishedLedgerLog(view, { ledger, archive, sha256 });
  const { oldRoot, newRoot, proof } = await log.consistency(oldSize, newSize);
  return {
    old: { size: oldSize, root: toHex(oldRoot) },
    new: { size: newSize, root: toHex(newRoot) },
    path: proof.map(toHex),
  };
}

/** The signed transaction that witnesses a month. @throws SettlementError `ANCHOR_NOT_FOUND` */
export async function blobOf({ site, archive }: Copy, hash: string): Promise<string> {
  const month = site.months.find(({ receipt }) => receipt?.transactionHash === hash)?.month;
  const { receipt } = month === undefined ? {} : await readClosed(archive, month);
  if (receipt) return toHex(receipt.blob).toUpperCase();
  throw new SettlementError(
    "ANCHOR_NOT_FOUND",
    `no month of this copy is anchored by transaction ${hash.slice(0, 64)}`,
  );
}

/** A proof in the address of the page that verifies, which takes it from there and from nowhere else. */
export async function verificationLink(page: string, proof: Uint8Array): Promise<string> {
  const packed = new Blob([Uint8Array.from(proof)]).stream().pipeThrough(new CompressionStream("gzip"));
  const bytes = new Uint8Array(await new Response(packed).arrayBuffer());
  const text = toBase64(bytes).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  return `${page}#proof=${text}`;
}
