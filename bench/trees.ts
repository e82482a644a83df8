import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildGo, whyNoGo } from "../test/interop/go.ts";
import { runScript } from "./own-process.ts";
import type { Row } from "./row.ts";
import type { TreeRun, TreeTask } from "./tree-run.ts";

const proofs = 500;
const tlog = "Go's sumdb/tlog";

const roundsOf = (count: number): number => (count > 100_000 ? 2 : 5);

async function runOf(kind: TreeTask["kind"], count: number): Promise<TreeRun> {
  const task: TreeTask = { kind, count, proofs, rounds: roundsOf(count) };
  return JSON.parse(await runScript("tree-run.ts", task)) as TreeRun;
}

/** The Go program that does the same; undefined where there is no Go. */
function goProgram(folder: string): string | undefined {
  const missing = whyNoGo();
  if (missing === undefined) return buildGo(fileURLToPath(new URL("go", import.meta.url)), join(folder, "treetimes"));
  console.error(`${missing}: no row beside ${tlog}`);
  return undefined;
}

/** What else a peer's proof is. */
const proofsOf = {
  merkletreejs: "with every node in memory",
  [tlog]: "which checks its tiles against the root",
} as const;

function rowsBeside(name: keyof typeof proofsOf, ours: TreeRun, peer: TreeRun, count: number, target?: number): Row[] {
  if (peer.root !== ours.root) throw new Error(`${name} has the root ${peer.root}, ours is ${ours.root}`);
  const said = count.toLocaleString("en");
  return [
    {
      name: `tree of ${said} ids`,
      baseline: name,
      oursMs: ours.ms,
      baselineMs: peer.ms,
      ...(target === undefined ? {} : { target }),
      grows: { what: `tree, × ${name}`, size: count },
    },
    {
      name: `inclusion proof out of the tiles of ${said} ids`,
      baseline: `${name}, ${proofsOf[name]}`,
      oursMs: ours.proofMs,
      baselineMs: peer.proofMs,
      grows: { what: `inclusion proof, × ${name}`, size: count },
    },
  ];
}

/**
 * Trees and proofs in memory beside those of other libraries, whose roots must be the same.
 *
 * @param counts - ids of each tree
 */
export async function measureTrees(counts: readonly number[]): Promise<readonly Row[]> {
  const home = mkdtempSync(join(tmpdir(), "settlement-bench-"));
  try {
    const go = goProgram(home);
    const rows: Row[] = [];
    for (const count of counts) {
      const ours = await runOf("ours", count);
      rows.push(...rowsBeside("merkletreejs", ours, await runOf("merkletreejs", count), count, 1 / 3));
      if (go === undefined) continue;
      const numbers = [count, proofs, roundsOf(count)].map(String);
      const peer = JSON.parse(execFileSync(go, numbers, { encoding: "utf8" })) as TreeRun;
      rows.push(...rowsBeside(tlog, ours, peer, count));
    }
    return rows;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
