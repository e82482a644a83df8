import { fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { type Sha256, sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import { type Month, parseMonth } from "../core/month.ts";
import type { PartitionForm } from "../core/partition-file.ts";
import type { Recovery } from "../core/partition-recovery.ts";
import { placed } from "../core/placed.ts";
import type { SettlementInfo } from "../core/settlement-info.ts";
import type { Ledger, LedgerSnapshot, SharedLedger, TreeEntry } from "../ports.ts";
import { alreadyClosed, archivePath } from "./archive-names.ts";
import type { BrowsableTree } from "./browsable-tree.ts";
import { writeOnce } from "./durable-file.ts";
import { appendToFile, changed, type EventFile, type KnownPoint, mendFile, otherDialect } from "./event-file.ts";
import { fileFault, noLedger } from "./file-faults.ts";
import { type FileSystem, nodeFileSystem } from "./file-system.ts";
import { folderLock } from "./folder-lock.ts";
import { folderTree } from "./folder-tree.ts";
import { folderVersions, type Look, withFile } from "./ledger-version.ts";
import { openFiles } from "./open-files.ts";
import { factsOf, type Folder } from "./plain-file.ts";
import { linesFile, readEvent } from "./read-event.ts";
import { monthOfFile, readFrame, readLedger } from "./read-ledger.ts";
import { termKeys } from "./scan-means.ts";
import { type OpenScanPool, type ScannedFile, scanEvents } from "./scan-events.ts";

/** What was found of an append that a crash tore. */
export interface LedgerRecovery {
  readonly path: string;
  readonly line: number;
  readonly droppedBytes: number;
  /** Was the file cut back? A read leaves it as it is; the next append cuts it back. */
  readonly isRepaired: boolean;
}

export interface LedgerFolderOptions {
  readonly hash?: Sha256;
  readonly onRecovery?: (recovery: LedgerRecovery) => void;
  readonly fs?: FileSystem;
  /** Files that belong to the ledger and lie beside the folder, such as the policy of its network; absolute. */
  readonly beside?: readonly string[];
  /** So long `version` takes nodes, closed months and the files beside the folder for unchanged, milliseconds. */
  readonly settledMs?: number;
  /** Scans large files on several threads; on this one alone when left out. */
  readonly openScanPool?: OpenScanPool | undefined;
}

const lockFile = ".writer.lock";
const lockWaitMs = 30_000;

/**
 * A ledger in a folder. Readers need not know of who appends; of several that append, each does it in `alone`.
 *
 * A month that has a manifest in `anchors/` takes no more events (`PARTITION_ALREADY_CLOSED`); in a jsonl ledger a late
 * event falls into the next month that closes.
 */
export function ledgerFolder(dir: string, options: LedgerFolderOptions = {}): SharedLedger {
  const { fs = nodeFileSystem, hash = sha256, onRecovery, beside = [], settledMs = 1000, openScanPool } = options;
  const folder: Folder = { root: dir, fs };
  const tree = folderTree(dir, fs);
  const report = (path: string, { line, droppedBytes }: Recovery, isRepaired: boolean): void =>
    onRecovery?.({ path, line, droppedBytes, isRepaired });
  const read: Ledger["snapshot"] = () => readLedger(tree, { hash, onTorn: (path, torn) => report(path, torn, false) });
  const points = new Map<string, KnownPoint>();
  const look = folderVersions(folder, { beside, settledMs });
  const fileOf = (path: string, form: PartitionForm): EventFile => {
    return { folder, path, form, points, onRepaired: (torn) => report(path, torn, true) };
  };
  const isClosed = async (month: Month): Promise<boolean> =>
    (await factsOf(folder, archivePath(month, "manifest.json"))) !== undefined;
  let known: Shape | undefined;
  let turns: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = turns.then(work);
    turns = result.catch(() => undefined);
    return result;
  };

  /** @param seen - the folder as it must be; as it may be when left out */
  const append = async (month: Month, events: readonly LedgerEvent[], seen?: Look): Promise<Look | undefined> => {
    const [first] = events;
    if (!first) return seen;
    // Who knows the version of the ledger has read it, and its dialect.
    const shape = known ?? (seen ? shapeOfNames(await tree.children(""), seen, first) : shapeOf(await read(), first));
    const { dialect, form } = shape;
    const stranger = events.find((event) => event.dialect !== dialect);
    if (stranger) throw otherDialect(stranger, dialect);
    if (form === "array" && (await isClosed(month))) throw alreadyClosed(month);
    const path = form === "array" ? `${month}.json` : linesFile;
    const texts = events.map((event) => JSON.stringify(event.json));
    const version = await appendToFile(fileOf(path, form), texts, seen && (seen.files.get(path) ?? ""));
    known = shape;
    return seen && withFile(seen, path, version);
  };

  return {
    ...partReads(folder, tree, { hash, openPool: openScanPool }, (path, torn) => report(path, torn, false)),
    snapshot: () => turns.then(read),
    append: (month, events) =>
      inTurn(async () => {
        await append(parseMonth(month), events);
      }),
    alone: folderLock(`${dir}/${lockFile}`, lockWaitMs),
    version: () => inTurn(async () => (await look()).version),
    extend: (version, month, events) =>
      inTurn(async () => {
        const seen = await look();
        if (seen.version !== version) throw changed("the ledger");
        return (await append(parseMonth(month), events, seen))?.version ?? version;
      }),
    mend: () =>
      inTurn(async () => {
        for (const { path } of [...(await tree.children("")), ...(await tree.children("events"))]) {
          const month = monthOfFile(path);
          if (path === linesFile) await mendFile(fileOf(path, "lines"));
          else if (month !== undefined && !(await isClosed(month))) await mendFile(fileOf(path, "array"));
        }
      }),
  };
}

/** How the events of a folder are read without holding them all. */
function partReads(
  folder: Folder,
  tree: BrowsableTree,
  { hash, openPool }: { readonly hash: Sha256; readonly openPool: OpenScanPool | undefined },
  onTorn: (path: string, torn: Recovery) => void,
): Pick<Ledger, "frame" | "scan" | "event"> {
  const fileNamed = (file: Month | ""): ScannedFile => {
    const path = file === "" ? linesFile : `${file}.json`;
    return { folder, path, form: file === "" ? "lines" : "array", onTorn: (torn) => onTorn(path, torn) };
  };
  const files = openFiles(folder);
  const keyOf = termKeys(hash);
  return {
    async frame() {
      const { settlement, nodes, files } = await readFrame(tree);
      // Events in both forms belong to two ledgers, which takes reading them to know.
      const isDoubtful = files.includes("") && files.length > 1;
      const held = isDoubtful ? [...(await readLedger(tree, { hash })).files.keys()] : files;
      return { settlement, nodes, files: held };
    },
    scan: (file, { from = 0, wantsDetails = false } = {}) =>
      scanEvents(fileNamed(file), from, { sha256: hash, keyOf: wantsDetails ? keyOf : undefined, openPool }),
    async event(file, { offset, length }) {
      const { path } = fileNamed(file);
      const where = `${path} at byte ${offset}`;
      const bytes = (await files.part(path, offset, length)) ?? new Uint8Array();
      return readEvent(
        placed(where, () => fromUtf8(bytes), "PARTITION_MALFORMED"),
        where,
        hash,
      ).event;
    },
  };
}

interface Shape {
  readonly dialect: Dialect;
  readonly form: PartitionForm;
}

/** A ledger that has no file of events yet takes the dialect of its first event. */
function shapeOf({ dialect, files }: LedgerSnapshot, first: LedgerEvent): Shape {
  if (files.size > 0) return { dialect, form: files.has("") ? "lines" : "array" };
  return { dialect: first.dialect, form: first.dialect === "jsonl" ? "lines" : "array" };
}

/** The same by the names of its files alone. */
function shapeOfNames(top: readonly TreeEntry[], { files }: Look, { dialect }: LedgerEvent): Shape {
  if (top.some(({ path }) => monthOfFile(path) !== undefined)) return { dialect, form: "array" };
  return { dialect, form: files.has(linesFile) || dialect === "jsonl" ? "lines" : "array" };
}

/**
 * Makes a folder a ledger by giving it its `settlement.json`; events and nodes that are there already stay.
 *
 * @throws SettlementError `LEDGER_ALREADY_EXISTS`, `LEDGER_WRITE_FAILED`
 */
export async function createLedger(
  dir: string,
  settlement: SettlementInfo,
  fs: FileSystem = nodeFileSystem,
): Promise<void> {
  const folder: Folder = { root: dir, fs };
  try {
    await fs.makeFolder(dir);
    await fs.syncFolder(`${dir}/..`);
  } catch (error) {
    throw fileFault("LEDGER_WRITE_FAILED", "the ledger folder", error);
  }
  const json = settlement as unknown as JsonObject;
  if (await writeOnce(folder, "settlement.json", utf8(`${JSON.stringify(json, undefined, 2)}\n`))) return;
  throw new SettlementError(
    "LEDGER_ALREADY_EXISTS",
    "settlement.json is there already and says something else; open the ledger that is there, or name another folder",
  );
}

/** Where in a tree the ledger is: `""` when the tree is a ledger folder, `"ledger"` when it is the repository that holds one. */
export interface LedgerRoot {
  readonly prefix: "" | "ledger";
}

/** @throws SettlementError `LEDGER_NOT_FOUND`, `LEDGER_AMBIGUOUS` when both the tree and its `ledger/` hold one */
export async function openLedgerRoot(tree: BrowsableTree): Promise<LedgerRoot> {
  const [top, below] = [await marksIn(tree, ""), await marksIn(tree, "ledger")];
  if (top === "events or nodes" && below === "events or nodes") {
    throw new SettlementError(
      "LEDGER_AMBIGUOUS",
      "both the folder and its ledger/ hold events or nodes, so it is not clear which is meant; " +
        "name one of them, and move the other away if it does not belong here",
    );
  }
  if (top === "events or nodes") return { prefix: "" };
  if (below !== "nothing") return { prefix: "ledger" };
  if (top === "settlement.json") return { prefix: "" };
  throw noLedger();
}

async function marksIn(
  tree: BrowsableTree,
  folder: string,
): Promise<"events or nodes" | "settlement.json" | "nothing"> {
  const start = folder === "" ? "" : `${folder}/`;
  const names = (await tree.children(folder)).map((entry) => entry.path.slice(start.length));
  const hasLines = (await tree.children(`${start}events`)).some((entry) => entry.path === start + linesFile);
  if (hasLines || names.some((name) => name === "nodes" || monthOfFile(name) !== undefined)) return "events or nodes";
  return names.includes("settlement.json") ? "settlement.json" : "nothing";
}
