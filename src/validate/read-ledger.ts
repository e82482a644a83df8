import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import { isJsonObject, type JsonValue, parseJson } from "../core/json.ts";
import { type Dialect, dialectOf } from "../core/ledger-event.ts";
import { parseNodeManifest } from "../core/node-manifest.ts";
import { recoverPartition } from "../core/partition-recovery.ts";
import { scanLines, scanPartition } from "../core/partition-scan.ts";
import { defaultPolicy, parsePolicy, type Policy } from "../core/policy.ts";
import { parseSettlementInfo } from "../core/settlement-info.ts";
import type { TreeEntry } from "../ports.ts";
import { findRoot, type LedgerTree, linesPath, listing, monthOfPath } from "./find-ledger.ts";
import type { FindingSink } from "./finding.ts";
import type { EventFile, LedgerState, NodeFile } from "./ledger-state.ts";
import { type JsonItem, readEntry, readItem } from "./read-event.ts";

const nodeFile = /^nodes\/[^/]+\/[^/]+\/node\.json$/;

export interface ReadOptions {
  /** Bytes of a policy file to use instead of the one beside the ledger. */
  readonly policy?: Uint8Array | undefined;
  readonly sha256: Sha256;
  /** Are files told apart by their bytes alone? */
  readonly isFull?: boolean | undefined;
}

/** A file of events by its path in the tree, and the month it is of; none for the one list. */
export type EventPath = Pick<EventFile, "path" | "month">;

/** A ledger without its events. */
export interface LedgerFrame extends Omit<LedgerState, "dialect" | "files"> {
  readonly eventPaths: readonly EventPath[];
}

/** Reads a ledger folder, or the repository that holds it in `ledger/`; what cannot be read is reported and left out. */
export async function readLedger(tree: LedgerTree, sink: FindingSink, options: ReadOptions): Promise<LedgerState> {
  const { eventPaths, ...frame } = await readFrame(tree, sink, options);
  const sources = await readSources(eventPaths, frame.read, sink);
  const dialect = dialectOfFiles(sources);
  const files = sources.map(({ items, ...file }) => ({
    ...file,
    entries: items.map((item) => readEntry(dialect, item, { sink, sha256: options.sha256 })),
  }));
  return { ...frame, dialect, files };
}

/** Everything of a ledger but its files of events, which it names. */
export async function readFrame(tree: LedgerTree, sink: FindingSink, options: ReadOptions): Promise<LedgerFrame> {
  const list = listing(tree, sink);
  const found = await findRoot(tree.name, list, sink);
  const root = found ?? "";
  const entries = found === undefined ? [] : await list.entries(root.slice(0, -1));
  const read = async (path: string): Promise<Uint8Array | undefined> => {
    try {
      return await tree.read(path);
    } catch (error) {
      sink.addError(error, { file: path });
      return undefined;
    }
  };
  const isPlain = ({ kind }: TreeEntry): boolean => kind === "file" || kind === "executable";
  const paths = entries.filter(isPlain).map(({ path }) => path.slice(root.length));
  const eventPaths = paths.flatMap((path) => {
    const month = path === linesPath ? "" : monthOfPath(path);
    return month === undefined ? [] : [{ path: root + path, month }];
  });
  const nodes: NodeFile[] = [];
  for (const path of paths.filter((each) => nodeFile.test(each))) nodes.push(await readNode(root + path, read, sink));
  const { parsed: settlement } = await readJsonFile(`${root}settlement.json`, read, sink, parseSettlementInfo);
  const policy = await readPolicy(root, options.policy, read, sink);
  const inTree = new Map(entries.map((entry) => [entry.path, entry]));
  let told: Promise<ReadonlyMap<string, string>> | undefined;
  const tags = (): Promise<ReadonlyMap<string, string>> =>
    (told ??=
      (options.isFull === true ? undefined : tree.tags?.(paths.map((path) => root + path))) ??
      Promise.resolve(new Map()));
  return { root, tree: inTree, eventPaths, nodes, settlement, policy, read, tags, list: list.entries };
}

/** A file of events whose texts are parsed and nothing more. */
export type Source = Omit<EventFile, "entries"> & { readonly items: readonly JsonItem[] };

/** Files by month, or the one list. */
async function readSources(paths: readonly EventPath[], read: Read, sink: FindingSink): Promise<Source[]> {
  const sources: Source[] = [];
  for (const { path, month } of paths) {
    const bytes = await read(path);
    if (bytes) sources.push(readSource({ path, month, bytes }, sink));
  }
  const byMonth = sources.filter(({ month }) => month !== "");
  const inList = sources.filter(({ month, items }) => month === "" && (byMonth.length === 0 || items.length > 0));
  if (byMonth.length > 0 && inList[0]) {
    const message = "the ledger has a file for each month and a list as well; only the months were judged";
    sink.add("LEDGER_MIXED_DIALECTS", { file: inList[0].path }, message);
  }
  return byMonth.length > 0 ? byMonth.toSorted((a, b) => (a.month < b.month ? -1 : 1)) : inList;
}

/** A file of events in any formatting. */
export function readSource(file: Omit<EventFile, "entries">, sink: FindingSink): Source {
  const { path, month, bytes } = file;
  const torn = recoverPartition(month === "" ? "lines" : "array", bytes);
  if (torn) {
    const message = `the file ends in a torn append: ${torn.droppedBytes} bytes after its last whole event`;
    sink.add("PARTITION_TORN", { file: path, line: torn.line }, message);
  }
  let text: string;
  try {
    text = fromUtf8(torn?.whole ?? bytes);
  } catch (error) {
    sink.addError(error, { file: path });
    return { ...file, items: [] };
  }
  const { items, faults } = month === "" ? scanLines(text) : scanPartition(text);
  for (const { line, message } of faults) sink.add("PARTITION_MALFORMED", { file: path, line }, message);
  return { ...file, items: items.map((item) => readItem(path, item, sink)) };
}

/** The dialect of most events; of a ledger without any, the one its file stands for. */
function dialectOfFiles(sources: readonly Source[]): Dialect {
  const objects = sources.flatMap(({ items }) => items.map(({ value }) => value)).filter(isJsonObject);
  const monthly = objects.filter((value) => dialectOf(value) === "monthly").length;
  if (objects.length > 0) return 2 * monthly >= objects.length ? "monthly" : "jsonl";
  return sources.some(({ month }) => month === "") ? "jsonl" : "monthly";
}

type Read = (path: string) => Promise<Uint8Array | undefined>;

/** A JSON file and what a parser makes of it; each undefined where it fails, which is reported. */
export async function readJsonFile<T>(
  path: string,
  read: Read,
  sink: FindingSink,
  parse: (value: JsonValue) => T,
  maxBytes = 1_048_576,
): Promise<{ readonly value: JsonValue | undefined; readonly parsed: T | undefined }> {
  const bytes = await read(path);
  let value: JsonValue | undefined;
  if (!bytes) return { value, parsed: undefined };
  try {
    value = parseJson(bytes, { maxBytes });
    return { value, parsed: parse(value) };
  } catch (error) {
    sink.addError(error, { file: path });
    return { value, parsed: undefined };
  }
}

async function readNode(path: string, read: Read, sink: FindingSink): Promise<NodeFile> {
  const { value, parsed } = await readJsonFile(path, read, sink, parseNodeManifest);
  return { path, value, node: parsed };
}

async function readPolicy(root: string, given: Uint8Array | undefined, read: Read, sink: FindingSink): Promise<Policy> {
  if (given === undefined && root === "") return defaultPolicy;
  const path = given ? "(policy)" : "verifier.policy.json";
  const bytes = given ? () => Promise.resolve(given) : read;
  return (await readJsonFile(path, bytes, sink, parsePolicy)).parsed ?? defaultPolicy;
}

/** A file of the tree as text; undefined when there is none or it is no UTF-8, which is reported. */
export async function readTextFile(path: string, read: Read, sink: FindingSink): Promise<string | undefined> {
  const bytes = await read(path);
  try {
    return bytes && fromUtf8(bytes);
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    sink.addError(error, { file: path });
    return undefined;
  }
}
