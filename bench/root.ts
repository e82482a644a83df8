import { hash } from "node:crypto";
import { merkletreejsRoot } from "../src/adapters/second-root.ts";
import { equalBytes } from "../src/core/bytes.ts";
import { entriesOf, madeIds } from "./made-ids.ts";
import { ourRoot } from "./our-tree.ts";
import { inTurn, type Row } from "./row.ts";

const mostExtraMb = 32;

/** The floor: every hash of the tree over a block of its size, and nothing else. */
function bareHashes(ids: Buffer): number {
  const [leaf, node] = [Buffer.alloc(33), Buffer.alloc(65, 1)];
  let sum = 0;
  for (let at = 0; at < ids.length; at += 32) sum += hash("sha256", leaf, "binary").length;
  for (let at = 32; at < ids.length; at += 32) sum += hash("sha256", node, "binary").length;
  return sum;
}

function extraMbOf(work: () => void): number {
  globalThis.gc?.();
  const before = process.resourceUsage().maxRSS;
  work();
  return Math.max(0, process.resourceUsage().maxRSS - before) / 1024;
}

/** The root of so many ids, beside the bare hashes. @throws Error when it is not the one that merkletreejs finds */
export function measureRoot(count: number): readonly Row[] {
  const ids = madeIds(count);
  const extraMb = extraMbOf(() => ourRoot(ids));
  if (!equalBytes(ourRoot(ids), merkletreejsRoot(entriesOf(ids)))) throw new Error(`the root of ${count} ids is wrong`);
  const rounds = count > 1_000_000 ? 1 : 5;
  const name = `root of ${count.toLocaleString("en")} ids`;
  const floor = inTurn(
    rounds,
    () => ourRoot(ids),
    () => bareHashes(ids),
  );
  const grows = { what: "root", size: count };
  return [{ name, baseline: "its bare hashes", ...floor, target: 1.3, extraMb, mostMb: mostExtraMb, grows }];
}
