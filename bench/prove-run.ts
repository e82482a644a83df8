// What `bench/prove.ts` measures of proofs, one ledger a process.
import { archiveFolder } from "../src/adapters/archive-folder.ts";
import { ledgerFolder } from "../src/adapters/ledger-folder.ts";
import { memoryHeads } from "../src/adapters/memory-heads.ts";
import { merkletreejsTree } from "../src/adapters/second-root.ts";
import { fast } from "../src/compose-judging.ts";
import { toHex } from "../src/core/bytes.ts";
import { idBytes } from "../src/core/event.ts";
import { leafHash } from "../src/core/merkle.ts";
import { rootFromInclusion } from "../src/core/merkle-proof.ts";
import { scanThreads } from "../src/scan-pool.ts";
import { closePartition } from "../src/settle/close-partition.ts";
import { readLedgerView } from "../src/settle/ledger-view.ts";
import { findEvent, monthProver } from "../src/settle/prove-inclusion.ts";
import { madeNowUnixMs, settlementKey } from "./made-ledger.ts";
import { measured } from "./own-process.ts";
import { median } from "./row.ts";

export type ProveTask =
  | { readonly kind: "close"; readonly folder: string; readonly month: string }
  | { readonly kind: "prove"; readonly folder: string; readonly ids: readonly string[] };

/** So many proofs are made before the clock runs. */
const warmUps = 20;

async function close(folder: string, month: string): Promise<string> {
  const ledger = ledgerFolder(folder, { hash: fast.sha256, openScanPool: scanThreads() });
  const { manifest } = await closePartition(month, "local", {
    ledger,
    archive: archiveFolder(folder),
    heads: memoryHeads(),
    clock: () => madeNowUnixMs,
    key: settlementKey,
    ...fast,
    newSecondRoot: merkletreejsTree,
    judge: () => Promise.resolve([]),
    graceMs: 0,
    alone: (work) => ledger.alone(work),
  });
  return String(manifest.count);
}

/** The median time to find an event by its id and to prove it. @throws Error when a proof does not lead to the root */
async function prove(folder: string, ids: readonly string[]): Promise<number> {
  const source = { ledger: ledgerFolder(folder, { hash: fast.sha256 }), archive: archiveFolder(folder) };
  const view = await readLedgerView(source);
  const times: number[] = [];
  for (const id of [...ids.slice(0, warmUps), ...ids]) {
    const beganMs = performance.now();
    const { partition, index } = await findEvent(view, id);
    const prover = await monthProver(view, partition, { ...source, ...fast });
    const { event, inclusion, manifest } = await prover.prove(index);
    times.push(performance.now() - beganMs);
    const root = rootFromInclusion(leafHash(idBytes(id)), inclusion.index, inclusion.size, inclusion.path);
    if (event.id !== id || toHex(root) !== manifest.root) throw new Error(`event ${id} is not proven`);
  }
  return median(times.slice(warmUps));
}

await measured(async (task: ProveTask) => {
  if (task.kind === "close") return { outcome: await close(task.folder, task.month) };
  return { outcome: "proven", ms: await prove(task.folder, task.ids) };
});
