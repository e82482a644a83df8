import { idsOfMonth } from "../../src/settle/month-scan.ts";
import { allIds } from "./prove.ts";
import { expect } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { nodeDigest, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { merkletreejsTree } from "../../src/adapters/second-root.ts";
import { openCheckpoint, parseOrigin } from "../../src/core/checkpoint.ts";
import { idBytes } from "../../src/core/event.ts";
import { type Hash, sha256 } from "../../src/core/hash.ts";
import { leafHash } from "../../src/core/merkle.ts";
import {
  consistencyProof,
  inclusionPath,
  memoryTree,
  rootOfSize,
  verifyConsistency,
  verifyInclusion,
} from "../../src/core/merkle-proof.ts";
import { makeVkey } from "../../src/core/note.ts";
import type { Promised } from "../../src/ports.ts";
import type { Verdict } from "../../src/settle/accept-promises.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { type LedgerView, readLedgerView } from "../../src/settle/ledger-view.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { type Accepting, builtKey } from "./accepting.ts";
import { host } from "./build-ledger.ts";

/** The promises of events that are all held. */
export function promisesOf(verdicts: readonly Verdict[]): readonly Promised[] {
  return verdicts.map((verdict) => {
    if (verdict.state === "refused") throw new Error(`refused: ${verdict.code} ${verdict.reason}`);
    return verdict.promise;
  });
}

/** Closes months as the settlement node does, every rule judged. */
export async function closeMonths(deps: Accepting, months: readonly string[], nowUnixMs: number): Promise<void> {
  const judge = async (): Promise<readonly string[]> => {
    const { findings } = await validateLedger(folderTree(deps.folder), { nowUnixMs, verify: nodeVerify });
    return findings.filter(({ severity }) => severity === "error").map(({ code, message }) => `${code} ${message}`);
  };
  for (const month of months) {
    await closePartition(month, "local", {
      ...deps,
      clock: () => nowUnixMs,
      newDigest: nodeDigest,
      newLogs: nodeMonthLogs,
      newSecondRoot: merkletreejsTree,
      verify: nodeVerify,
      judge,
    });
  }
}

/** Ids of a log's leaves as the ledger has them. */
async function leavesOf(view: LedgerView, origin: string, deps: Accepting): Promise<readonly string[]> {
  const { month } = parseOrigin(origin);
  return month === undefined ? allIds(view, deps) : idsOfMonth(view, month, deps.ledger);
}

/**
 * Checks promises against a ledger as it is: each checkpoint is signed, covers its leaf and is what the log began with,
 * and the leaf is where it was promised.
 */
export async function expectKept(promises: readonly Promised[], deps: Accepting): Promise<void> {
  const view = await readLedgerView(deps);
  const pinned = [makeVkey(`${host}/ledger`, builtKey.publicKey)];
  const logs = new Map<string, { readonly ids: readonly string[]; readonly leaves: readonly Hash[] }>();
  for (const { id, origin, leafIndex, checkpoint } of promises) {
    const ids = logs.get(origin)?.ids ?? (await leavesOf(view, origin, deps));
    const leaves = logs.get(origin)?.leaves ?? ids.map((each) => leafHash(idBytes(each)));
    logs.set(origin, { ids, leaves });
    const opened = openCheckpoint(checkpoint, pinned, nodeVerify);
    expect(opened.origin).toBe(origin);
    expect(ids[leafIndex]).toBe(id);
    const hashes = memoryTree(leaves);
    const { size } = opened;
    const newer = { size: leaves.length, root: rootOfSize(leaves.length, hashes) };
    verifyConsistency(opened, newer, consistencyProof(size, newer.size, hashes));
    const path = inclusionPath(leafIndex, size, hashes);
    verifyInclusion(leafHash(idBytes(id), sha256), { index: leafIndex, size, path }, opened.root);
  }
}
