import { type BrowsableTree } from "../../adapters/browsable-tree.ts";
import { type Folder, readFile, replaceFile } from "../../adapters/durable-file.ts";
import { nodeFileSystem } from "../../adapters/file-system.ts";
import { withFile } from "../../adapters/overlay-tree.ts";
import { fast, policyBytes } from "../../compose.ts";
import type { Config } from "../../config.ts";
import { equalBytes } from "../../core/bytes.ts";
import { SettlementError } from "../../core/error.ts";
import { parseNodeId } from "../../core/node-id.ts";
import { judgeNode, type NodeJudgement } from "../../validate/judge-node.ts";
import { nowOf, type WritableLedger } from "./open-writable.ts";

/** Path of a node's manifest in the ledger folder. */
export function manifestPath(id: string): string {
  return `nodes/${parseNodeId(id)}/node.json`;
}

/** A ledger with a manifest that may become part of it. */
export interface ProposedNode extends NodeJudgement {
  readonly path: string;
  readonly bytes: Uint8Array;
  /** What the ledger holds of the node now. */
  readonly previous: Uint8Array | undefined;
  /** The ledger as it would be. */
  readonly after: BrowsableTree;
}

function folderOf({ folder }: Pick<WritableLedger, "folder">): Folder {
  return { root: folder, fs: nodeFileSystem };
}

/** Judges a manifest by every rule of the ledger, as it stands. */
export async function proposeNode(
  open: Pick<WritableLedger, "folder" | "prefix" | "browsable">,
  { id, bytes }: { readonly id: string; readonly bytes: Uint8Array },
  config: Config,
): Promise<ProposedNode> {
  const path = manifestPath(id);
  const inTree = open.prefix === "" ? path : `${open.prefix}/${path}`;
  const after = withFile(open.browsable, inTree, bytes);
  const policy = policyBytes(config);
  const judgement = await judgeNode(
    { before: open.browsable, after, path: inTree },
    { ...fast, nowUnixMs: nowOf(config), ...(policy ? { policy } : {}) },
  );
  return { ...judgement, path, bytes, previous: await readFile(folderOf(open), path), after };
}

/** Puts a manifest that was judged into the ledger folder, durably, if nobody has changed it since. @throws SettlementError `LEDGER_CHANGED`, `LEDGER_WRITE_FAILED` */
export async function writeNode(open: WritableLedger, { path, bytes, previous }: ProposedNode): Promise<void> {
  const folder = folderOf(open);
  const now = await readFile(folder, path);
  const isSame = now && previous ? equalBytes(now, previous) : now === previous;
  if (!isSame) throw new SettlementError("LEDGER_CHANGED", `${path} was changed by somebody else meanwhile; repeat`);
  await replaceFile(folder, path, bytes, previous);
}

/** Puts back what was there before {@link writeNode}. */
export async function restoreNode(open: WritableLedger, { path, bytes, previous }: ProposedNode): Promise<void> {
  if (previous) await replaceFile(folderOf(open), path, previous, bytes);
}
