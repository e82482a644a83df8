import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { memoryPromises } from "../../src/adapters/memory-promises.ts";
import { nodeSha256, nodeVerify, nodeVerifyAsync } from "../../src/adapters/node-crypto.ts";
import { publicKeyOf, signEd25519 } from "../../src/core/ed25519.ts";
import type { Archive } from "../../src/ports.ts";
import type { AcceptDeps } from "../../src/settle/accept-events.ts";
import { type DoorOptions, openDoor } from "../../src/validate/door.ts";
import { type Files, seedOf } from "./build-ledger.ts";
import { temporaryFolder } from "./temporary-folder.ts";

const seed = seedOf("settlement");

/** The settlement key of the ledgers that tests build. */
export const builtKey: AcceptDeps["key"] = {
  publicKey: publicKeyOf(seed),
  sign: (message) => signEd25519(seed, message),
};

export const doorOptions: DoorOptions = { verify: nodeVerify, verifyAhead: nodeVerifyAsync, sha256: nodeSha256 };

/** A folder of these files. */
export function folderOf(files: Files): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

export interface Accepting extends AcceptDeps {
  readonly archive: Archive;
  /** What was given: the ledger folder, or the repository that holds it. */
  readonly folder: string;
  /** The ledger folder. */
  readonly ledgerDir: string;
}

/** What it takes to accept events into a folder; a second time over the same folder, it is another process. */
export function acceptingInto(folder: string, nowUnixMs: () => number, more: Partial<AcceptDeps> = {}): Accepting {
  const ledgerDir = existsSync(join(folder, "ledger")) ? join(folder, "ledger") : folder;
  return {
    ledger: ledgerFolder(ledgerDir, {
      hash: nodeSha256,
      beside: [join(folder, "verifier.policy.json")],
      settledMs: 0,
    }),
    openDoor: (previous) => openDoor(folderTree(folder), doorOptions, previous),
    heads: memoryHeads(),
    promises: memoryPromises(),
    key: builtKey,
    network: "local",
    sha256: nodeSha256,
    clock: nowUnixMs,
    graceMs: 20 * 60_000,
    archive: archiveFolder(ledgerDir),
    folder,
    ledgerDir,
    ...more,
  };
}
