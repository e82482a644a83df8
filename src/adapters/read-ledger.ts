import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type Sha256, sha256 } from "../core/hash.ts";
import { parseJson } from "../core/json.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import { isMonth, type Month } from "../core/month.ts";
import { isNodeId } from "../core/node-id.ts";
import { type NodeManifest, parseNodeManifest } from "../core/node-manifest.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import { placed } from "../core/placed.ts";
import { type Recovery, recoverPartition } from "../core/partition-recovery.ts";
import { type PartitionItem, splitLines, splitPartition } from "../core/partition-scan.ts";
import { parseSettlementInfo, type SettlementInfo } from "../core/settlement-info.ts";
import type { LedgerFrame, LedgerSnapshot, TreeEntry } from "../ports.ts";
import type { BrowsableTree } from "./browsable-tree.ts";
import { mixed, noLedger, notPlain } from "./file-faults.ts";
import { linesFile, readEvent } from "./read-event.ts";

/** The month whose events a file of this path holds. */
export function monthOfFile(path: string): Month | undefined {
  const month = path.replace(/\.json$/, "");
  return path !== month && isMonth(month) ? month : undefined;
}

export interface ReadLedgerOptions {
  readonly hash?: Sha256;
  /** Told of a file that ends in a torn append; its whole events are read. */
  readonly onTorn?: (path: string, recovery: Recovery) => void;
}

/** A ledger without its events, and the files that hold them. */
interface Framed extends LedgerFrame {
  readonly eventFiles: readonly TreeEntry[];
}

/** @throws SettlementError those of `Ledger.frame`, and what is wrong with a `node.json` or `settlement.json` */
export async function readFrame(tree: BrowsableTree): Promise<Framed> {
  const top = await tree.children("");
  const eventFiles = [
    ...top.filter((entry) => monthOfFile(entry.path) !== undefined),
    ...(await tree.children("events")).filter((entry) => entry.path === linesFile),
  ];
  const nodeFiles = (await tree.entries("nodes")).filter((entry) => nodeIdOfFile(entry.path) !== undefined);
  const settlement = await readSettlement(tree, top);
  const isLedger = eventFiles.length > 0 || settlement !== undefined || top.some((entry) => entry.path === "nodes");
  if (!isLedger) throw noLedger();
  const nodes = await Promise.all(nodeFiles.map((entry) => readNode(tree, entry)));
  return { settlement, nodes, files: eventFiles.map(({ path }) => monthOfFile(path) ?? ""), eventFiles };
}

/**
 * A ledger as its files are now. Files that the format does not name are ignored.
 *
 * @throws SettlementError those of `Ledger.snapshot`, and what is wrong with a `node.json` or `settlement.json`
 */
export async function readLedger(tree: BrowsableTree, options: ReadLedgerOptions = {}): Promise<LedgerSnapshot> {
  const { settlement, nodes, eventFiles } = await readFrame(tree);
  const files = new Map<Month | "", readonly LedgerEvent[]>();
  for (const entry of eventFiles) {
    files.set(monthOfFile(entry.path) ?? "", eventsIn(entry.path, await plain(tree, entry), options));
  }
  const dialect = commonDialect(files);
  if (files.get("")?.length === 0 && files.size > 1) files.delete("");
  return { dialect, settlement, nodes, files };
}

async function plain(tree: BrowsableTree, entry: TreeEntry): Promise<Uint8Array> {
  const isPlain = entry.kind === "file" || entry.kind === "executable";
  if (!isPlain) throw notPlain(entry.path, entry.kind, "file");
  const bytes = await tree.read(entry.path);
  if (bytes) return bytes;
  throw new SettlementError("LEDGER_UNREADABLE", `${entry.path} went away while it was read; try again`);
}

function eventsIn(path: string, bytes: Uint8Array, { hash = sha256, onTorn }: ReadLedgerOptions): LedgerEvent[] {
  const form: PartitionForm = path === linesFile ? "lines" : "array";
  const torn = recoverPartition(form, bytes);
  if (torn) onTorn?.(path, torn);
  const split = (): readonly PartitionItem[] => {
    const text = fromUtf8(torn?.whole ?? bytes);
    return form === "array" ? splitPartition(text) : splitLines(text);
  };
  return placed(path, split, "PARTITION_MALFORMED").map(
    ({ index, line, text }) => readEvent(text, `${path} line ${line}, event ${index}`, hash).event,
  );
}

/** One dialect and one form: events of both in a ledger, or in two places, belong to two ledgers. */
function commonDialect(files: ReadonlyMap<string, readonly LedgerEvent[]>): Dialect {
  const first = new Map<string, string>();
  for (const [month, [event]] of files) {
    if (event) first.set(month === "" ? "in one list" : "by month", month === "" ? linesFile : `${month}.json`);
  }
  if (first.size > 1) throw mixed([...first.values()]);
  const dialects = new Map<Dialect, string>();
  for (const [month, events] of files) {
    const place = month === "" ? linesFile : `${month}.json`;
    for (const { dialect, id } of events) if (!dialects.has(dialect)) dialects.set(dialect, `${id} in ${place}`);
  }
  if (dialects.size > 1) throw mixed([...dialects.values()]);
  return [...dialects.keys()][0] ?? (files.has("") ? "jsonl" : "monthly");
}

function nodeIdOfFile(path: string): string | undefined {
  const id = /^nodes\/(.+)\/node\.json$/s.exec(path)?.[1];
  return isNodeId(id) ? id : undefined;
}

async function readNode(tree: BrowsableTree, entry: TreeEntry): Promise<NodeManifest> {
  const bytes = await plain(tree, entry);
  const node = placed(entry.path, () => parseNodeManifest(parseJson(bytes)));
  if (node.id === nodeIdOfFile(entry.path)) return node;
  throw new SettlementError(
    "NODE_MALFORMED",
    `${entry.path}: its id is ${node.id}; a node.json lies in nodes/<org>/<repo>/ of its own id`,
  );
}

async function readSettlement(tree: BrowsableTree, top: readonly TreeEntry[]): Promise<SettlementInfo | undefined> {
  const entry = top.find(({ path }) => path === "settlement.json");
  if (!entry) return undefined;
  const bytes = await plain(tree, entry);
  return placed(entry.path, () => parseSettlementInfo(parseJson(bytes)));
}
