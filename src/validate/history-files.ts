import { equalBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { type JsonValue, parseJson } from "../core/json.ts";
import type { TreeEntry } from "../ports.ts";
import type { FindingSink } from "./finding.ts";
import type { FindingCode } from "./finding-codes.ts";
import type { LedgerState } from "./ledger-state.ts";

/** Files that are read together: in a repository it takes a process each time. */
const readAtOnce = 256;

const manifestsFolder = "anchor/xrpl/manifests";

function isPlain(entry: TreeEntry | undefined): boolean {
  return entry?.kind === "file" || entry?.kind === "executable";
}

/** What the loss of a file of the ledger folder is called; undefined for files that may come and go. */
function lossOf(path: string): FindingCode | undefined {
  if (/^nodes\/[^/]+\/[^/]+\/node\.json$/.test(path)) return "NODE_REMOVED";
  if (/^(\d{4}-\d{2}\.json|events\/events\.jsonl|settlement\.json)$/.test(path)) return "FILE_REMOVED";
  // What is derived can be built again.
  return /^anchors\/\d{4}-\d{2}\/(?!(ledger-)?tile\/|index\/)/.test(path) ? "CLOSED_FILE_REMOVED" : undefined;
}

/** Files of the earlier state are still there, plain, and those of closed months have the same bytes. */
export async function judgeFileHistory(ledger: LedgerState, base: LedgerState, sink: FindingSink): Promise<void> {
  const now = new Map([...ledger.tree.values()].map((entry) => [entry.path.slice(ledger.root.length), entry]));
  const added = [...now].filter(([path, entry]) => isPlain(entry) && !base.tree.has(base.root + path));
  const copies = added.map(([, entry]) => entry.path);
  const files = [...base.tree.values()].filter(isPlain);
  for (let at = 0; at < files.length; at += readAtOnce) {
    const judged = files.slice(at, at + readAtOnce).map((before) => {
      const path = before.path.slice(base.root.length);
      const change: FileChange = { path, before, now: now.get(path), isClosed: isOfClosedMonth(path, base) };
      const states = { ledger, base, sink };
      return change.now ? judgeKept(change, states) : judgeGone(change, copies, states);
    });
    await Promise.all(judged);
  }
  judgeSettlement(ledger, base, sink);
  await judgeNetworkManifests(ledger, base, sink);
}

/** What became of one file. */
interface FileChange {
  /** In the ledger folder. */
  readonly path: string;
  readonly before: TreeEntry;
  readonly now: TreeEntry | undefined;
  readonly isClosed: boolean;
}

interface States {
  readonly ledger: LedgerState;
  readonly base: LedgerState;
  readonly sink: FindingSink;
}

function isOfClosedMonth(path: string, { root, tree }: LedgerState): boolean {
  const folder = /^anchors\/[^/]+\//.exec(path)?.[0];
  return folder !== undefined && tree.has(`${root}${folder}manifest.json`);
}

/** A link or a folder in the place of a file is told by the rule about files. */
async function judgeKept({ path, before, now, isClosed }: FileChange, { ledger, base, sink }: States): Promise<void> {
  const file = ledger.root + path;
  if (now?.kind === "executable" && before.kind === "file" && (isClosed || lossOf(path))) {
    sink.add("FILE_MODE_CHANGED", { file }, `${path} was a plain file and is executable now`);
  }
  if (isClosed && isPlain(now) && !(await isSame(before.path, file, base, ledger))) {
    sink.add("CLOSED_FILE_CHANGED", { file }, `${path} was published and has other bytes now`);
  }
}

async function judgeGone(
  { path, before, isClosed }: FileChange,
  copies: readonly string[],
  { ledger, base, sink }: States,
): Promise<void> {
  const code = lossOf(path);
  if (!code || (code === "CLOSED_FILE_REMOVED" && !isClosed)) return;
  const bytes = await base.read(before.path);
  const to = bytes && (await findCopy(bytes, copies, ledger));
  const file = ledger.root + path;
  if (to === undefined) sink.add(code, { file }, `${path} was in the ledger and is gone`);
  else sink.add("FILE_RENAMED", { file }, `${path} is called ${to} now`);
}

async function isSame(before: string, now: string, base: LedgerState, ledger: LedgerState): Promise<boolean> {
  const tag = (await base.tags()).get(before);
  if (tag !== undefined && (await ledger.tags()).get(now) === tag) return true;
  const [a, b] = [await base.read(before), await ledger.read(now)];
  return a !== undefined && b !== undefined && equalBytes(a, b);
}

async function findCopy(
  bytes: Uint8Array,
  paths: readonly string[],
  { read }: LedgerState,
): Promise<string | undefined> {
  for (const path of paths) {
    const found = await read(path);
    if (found && bytes.length > 0 && equalBytes(found, bytes)) return path;
  }
  return undefined;
}

/** Once a month is closed, the ledger keeps the name and the key under which it was published. */
function judgeSettlement(ledger: LedgerState, base: LedgerState, sink: FindingSink): void {
  const isPublished = [...base.tree.keys()].some((path) => /anchors\/[^/]+\/manifest\.json$/.test(path));
  const [before, now] = [base.settlement, ledger.settlement];
  if (!before || !now || !isPublished) return;
  for (const name of ["host", "network", "key"] as const) {
    if (before[name] === now[name]) continue;
    const message = `${name} was ${before[name]} and is ${now[name]} now, after months were closed`;
    sink.add("SETTLEMENT_INFO_CHANGED", { file: `${ledger.root}settlement.json` }, message);
  }
}

/** A manifest that the network published stays; one over the whole ledger may grow with it. */
async function judgeNetworkManifests(ledger: LedgerState, base: LedgerState, sink: FindingSink): Promise<void> {
  if (ledger.root === "" || base.root === "") return;
  for (const { path } of (await base.list(manifestsFolder)).filter(isPlain)) {
    const [before, now] = [await base.read(path), await ledger.read(path)];
    if (!now) sink.add("FILE_REMOVED", { file: path }, `${path} was published and is gone`);
    else if (before && !equalBytes(before, now) && !hasGrown(before, now)) {
      sink.add("NETWORK_MANIFEST_CHANGED", { file: path }, `${path} was published and says something else now`);
    }
  }
}

function hasGrown(before: Uint8Array, now: Uint8Array): boolean {
  try {
    const [old, grown] = [windowOf(parseJson(before)), windowOf(parseJson(now))];
    return old.name === grown.name && old.first === grown.first && old.count < grown.count;
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return false;
  }
}

interface Window {
  readonly name: string;
  readonly first: JsonValue | undefined;
  readonly count: number;
}

function windowOf(value: JsonValue): Window {
  const fields = fieldsOf("MANIFEST_MALFORMED", "manifest", value);
  return { name: fields.text("partitionId"), first: fields.list("range", 2)[0], count: fields.count("count") };
}
