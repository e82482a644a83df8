import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { BrowsableTree } from "../../adapters/browsable-tree.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { nodeVerifyAsync } from "../../adapters/node-crypto.ts";
import { type OpenLedger, openLedger } from "../../compose.ts";
import { fast, policyBytes } from "../../compose-judging.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { parseRfc3339 } from "../../core/time.ts";
import { placed } from "../../core/placed.ts";
import type { JudgingNode, NodesFolder } from "../../compose-nodes.ts";
import type { AppendDeps } from "../../settle/append-events.ts";
import { openDoor, type OpenedDoor } from "../../validate/door.ts";
import type { Io } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

/** The clock of a command: `--now`, or this machine's. */
export function nowOf({ now }: Config): number {
  return now === undefined ? Date.now() : placed("--now", () => parseRfc3339(now));
}

/** By what a command judges a manifest. */
export function judgingOf(config: Config): JudgingNode {
  return { nowUnixMs: nowOf(config), policy: policyBytes(config) };
}

/** A ledger folder that is added to by hand. */
export interface WritableLedger extends OpenLedger, NodesFolder {
  /** The door of this ledger, or of what it would be. */
  door(tree?: BrowsableTree): Promise<OpenedDoor>;
  readonly appending: AppendDeps;
}

export async function openWritable(config: Config, io: Io): Promise<WritableLedger> {
  const open = await openLedger(config.ledger, warnOfRecovery(io));
  const browsable = folderTree(config.ledger);
  const policy = policyBytes(config);
  const door = (tree: BrowsableTree = browsable): Promise<OpenedDoor> =>
    openDoor(tree, { ...fast, verifyAhead: nodeVerifyAsync, ...(policy ? { policy } : {}) });
  const appending: AppendDeps = {
    ledger: open.ledger,
    openDoor: () => door(),
    clock: () => nowOf(config),
    graceMs: config.grace * 60_000,
    sha256: fast.sha256,
  };
  return { ...open, browsable, door, appending };
}

/** Is this a folder with nothing in it, but what is hidden? A ledger can begin there. */
export function isEmptyFolder(folder: string): boolean {
  const isFolder = statSync(folder, { throwIfNoEntry: false })?.isDirectory() ?? false;
  return isFolder && readdirSync(folder).every((name) => name.startsWith("."));
}

/**
 * Makes an empty folder a ledger to be, by the folder of its nodes.
 *
 * @returns false where there is a ledger, or something else
 */
export async function beginLedger(folder: string): Promise<boolean> {
  if (!isEmptyFolder(folder)) return false;
  try {
    await nodeFileSystem.makeFolder(join(folder, "nodes"));
    await nodeFileSystem.syncFolder(folder);
  } catch (cause) {
    throw new SettlementError("LEDGER_WRITE_FAILED", `${folder} cannot be written; check its permissions`, { cause });
  }
  return true;
}
