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

async function runOf(kind: TreeTask["kind"], count: number): Promise<TreeRun> {
  const rounds = count > 100_000 ? 2 : 5;
  return JSON.parse(await runScript("tree-run.ts", { kind, count, proofs, rounds } satisfies TreeTask)) as TreeRun;
}

/** The Go program that does the same; undefined where there is no Go. */
function goProgram(folder: string): string | undefined {
  const missing = whyNoGo();
  if (missing === undefined) return buildGo(fileURLToPath(new URL("go", import.meta.url)), join(folder, "treetimes"));
  console.error(`${missing}: no row beside ${tlog}`);
  return undefined;
}

function rowsBeside(name: string, ours: TreeRun, peer: TreeRun, count: number, target?: number): Row[] {
  if (peer.root !== ours.root) throw new Error(`${name} has the root ${peer.root}, ours is ${ours.root}`);
  const said = count.toLocaleString("en");
  return [
    {
      name: `root and tiles of ${said} ids`,
      baseline: name,
      oursMs: ours.ms,
      baselineMs: peer.ms,
      ...(target === undefined ? {} : { target }),
      grows: { what: `root and tiles, × ${name}`, size: count },
    },
    {
      name: `inclusion proof out of the tiles of ${said} ids`,
      baseline: `${name}${name === tlog ? "" : ", which has every node in memory"}`,
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
      const peer = JSON.parse(execFileSync(go, [String(count), String(proofs)], { encoding: "utf8" })) as TreeRun;
      rows.push(...rowsBeside(tlog, ours, peer, count));
    }
    return rows;
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
}
