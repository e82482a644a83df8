import { type BrowsableTree } from "./adapters/browsable-tree.ts";
import { replaceFile } from "./adapters/durable-file.ts";
import { nodeFileSystem } from "./adapters/file-system.ts";
import { withFile } from "./adapters/overlay-tree.ts";
import { type Folder, readFile } from "./adapters/plain-file.ts";
import { type OpenLedger } from "./compose.ts";
import { fast } from "./compose-judging.ts";
import { equalBytes } from "./core/bytes.ts";
import { SettlementError } from "./core/error.ts";
import { parseNodeId } from "./core/node-id.ts";
import { judgeNode, type NodeJudgement } from "./validate/judge-node.ts";

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

function folderOf({ folder }: Pick<OpenLedger, "folder">): Folder {
  return { root: folder, fs: nodeFileSystem };
}

/** A ledger folder to which nodes are added. */
export interface NodesFolder extends Pick<OpenLedger, "folder" | "prefix"> {
  /** The tree of what was named, which can also be looked at folder by folder. */
  readonly browsable: BrowsableTree;
}

/** By what a manifest is judged beside the ledger. */
export interface JudgingNode {
  readonly nowUnixMs: number;
  readonly policy: Uint8Array | undefined;
}

/** Judges a manifest by every rule of the ledger, as it stands. */
export async function proposeNode(
  open: NodesFolder,
  { id, bytes }: { readonly id: string; readonly bytes: Uint8Array },
  { nowUnixMs, policy }: JudgingNode,
): Promise<ProposedNode> {
  const path = manifestPath(id);
  const inTree = open.prefix === "" ? path : `${open.prefix}/${path}`;
  const after = withFile(open.browsable, inTree, bytes);
  const judgement = await judgeNode(
    { before: open.browsable, after, path: inTree },
    { ...fast, nowUnixMs, ...(policy ? { policy } : {}) },
  );
  return { ...judgement, path, bytes, previous: await readFile(folderOf(open), path), after };
}

/** Puts a manifest that was judged into the ledger folder, durably, if nobody has changed it since. @throws SettlementError `LEDGER_CHANGED`, `LEDGER_WRITE_FAILED` */
export async function writeNode(
  open: Pick<OpenLedger, "folder">,
  { path, bytes, previous }: ProposedNode,
): Promise<void> {
  const folder = folderOf(open);
  const now = await readFile(folder, path);
  const isSame = now && previous ? equalBytes(now, previous) : now === previous;
  if (!isSame) throw new SettlementError("LEDGER_CHANGED", `${path} was changed by somebody else meanwhile; repeat`);
  await replaceFile(folder, path, bytes, previous);
}

/** Puts back what was there before {@link writeNode}. */
export async function restoreNode(
  open: Pick<OpenLedger, "folder">,
  { path, bytes, previous }: ProposedNode,
): Promise<void> {
  if (previous) await replaceFile(folderOf(open), path, previous, bytes);
}
