import { hash } from "node:crypto";
import { isMonth, type Month } from "../core/month.ts";
import { fileFault, noLedger } from "./file-faults.ts";
import { errnoOf, type FileFacts } from "./file-system.ts";
import type { Folder } from "./plain-file.ts";
import { linesFile } from "./read-event.ts";
import { monthOfFile } from "./read-ledger.ts";

/** Files, each with the version of its facts. */
type FileVersions = ReadonlyMap<string, string>;

/** What a ledger folder was seen to be. */
export interface Look {
  /** One text for all files of the ledger, in hex. */
  readonly version: string;
  /** Files that still grow. */
  readonly files: FileVersions;
}

/** A sum over files that does not hang on their order, so that one file more or less is quickly told. */
type Sum = bigint;

function sumOf(files: FileVersions): Sum {
  let sum = 0n;
  for (const [path, version] of files) sum ^= BigInt(`0x${hash("sha256", `${path} ${version}`)}`);
  return sum;
}

function lookOf(settled: Sum, files: FileVersions): Look {
  return { version: (settled ^ sumOf(files)).toString(16), files };
}

/** The same folder with one file of another version. */
export function withFile({ version, files }: Look, path: string, fileVersion: string): Look {
  return lookOf(BigInt(`0x${version}`) ^ sumOf(files), new Map([...files, [path, fileVersion]]));
}

export interface VersionOptions {
  /** Files beside the folder that belong to the ledger, such as the policy of its network; absolute. */
  readonly beside: readonly string[];
  /** So long what hardly ever changes is not looked at again: closed months, nodes, files beside the folder. */
  readonly settledMs: number;
}

/** What hardly ever changes. */
interface Settled {
  readonly closed: ReadonlySet<Month>;
  readonly sum: Sum;
  readonly untilMs: number;
}

/** A long look at what is settled is taken less often, so that it takes no more than this part of the time. */
const shareOfTime = 0.02;
const longestWait = 60;

/** Looks at the files of a ledger folder. */
export function folderVersions(folder: Folder, options: VersionOptions): () => Promise<Look> {
  let settled: Settled | undefined;
  return async () => {
    if (!settled || performance.now() >= settled.untilMs) settled = await lookAround(folder, options);
    const { closed, sum } = settled;
    const [top, months] = await Promise.all([namesIn(folder, ""), monthsIn(folder)]);
    const events = top.filter((name) => isMonthFile(name, (month) => !closed.has(month)));
    const manifests = months.filter((month) => !closed.has(month)).map(manifestOf);
    return lookOf(sum, await versionsOf(folder, [linesFile, "settlement.json", ...events, ...manifests]));
  };
}

async function lookAround(folder: Folder, { beside, settledMs }: VersionOptions): Promise<Settled> {
  const startMs = performance.now();
  const [top, months] = await Promise.all([namesIn(folder, ""), monthsIn(folder)]);
  const manifests = await versionsOf(folder, months.map(manifestOf));
  const closed = new Set(months.filter((month) => manifests.has(manifestOf(month))));
  const events = top.filter((name) => isMonthFile(name, (month) => closed.has(month)));
  const found = [await versionsOf(folder, events), await versionsBelow(folder, "nodes")];
  for (const path of beside) found.push(await versionsOf({ ...folder, root: "" }, [path.replace(/^\//, "")]));
  const endMs = performance.now();
  const sum = [manifests, ...found].reduce((all, files) => all ^ sumOf(files), 0n);
  const waitMs = Math.min(Math.max(settledMs, (endMs - startMs) / shareOfTime), longestWait * settledMs);
  return { closed, sum, untilMs: endMs + waitMs };
}

function isMonthFile(name: string, isWanted: (month: Month) => boolean): boolean {
  const month = monthOfFile(name);
  return month !== undefined && isWanted(month);
}

function manifestOf(month: Month): string {
  return `anchors/${month}/manifest.json`;
}

async function monthsIn(folder: Folder): Promise<Month[]> {
  return (await namesIn(folder, "anchors")).filter(isMonth);
}

/** @throws SettlementError `LEDGER_NOT_FOUND` when the folder itself is not there */
async function namesIn({ root, fs }: Folder, path: string): Promise<readonly string[]> {
  try {
    return await fs.names(`${root}/${path}`);
  } catch (error) {
    if (!["ENOENT", "ENOTDIR"].includes(errnoOf(error))) {
      throw fileFault("LEDGER_UNREADABLE", path === "" ? "the folder" : path, error);
    }
    if (path === "") throw noLedger();
    return [];
  }
}

async function factsIn({ root, fs }: Folder, paths: readonly string[]): Promise<ReadonlyMap<string, FileFacts>> {
  const facts = await Promise.all(
    paths.map(async (path) => {
      try {
        return [path, await fs.facts(`${root}/${path}`)] as const;
      } catch (error) {
        throw fileFault("LEDGER_UNREADABLE", path, error);
      }
    }),
  );
  return new Map(facts.flatMap(([path, found]) => (found ? [[path, found] as const] : [])));
}

/** Versions of those that are there. */
async function versionsOf(folder: Folder, paths: readonly string[]): Promise<FileVersions> {
  const facts = await factsIn(folder, paths);
  return new Map(Array.from(facts, ([path, { version }]) => [path, version]));
}

/** Whatever is below a folder, but for the folders: their own versions say nothing of what lies deeper. */
async function versionsBelow(folder: Folder, top: string): Promise<FileVersions> {
  const found = new Map<string, string>();
  const waiting = [top];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    const below = (await namesIn(folder, path)).map((name) => `${path}/${name}`);
    for (const [each, { kind, version }] of await factsIn(folder, below)) {
      if (kind === "folder") waiting.push(each);
      else found.set(each, version);
    }
  }
  return found;
}
