import type { VerifySignature } from "../core/ed25519.ts";
import type { Sha256 } from "../core/hash.ts";
import { treeHashing } from "../core/tree-hashing.ts";
import type { ChunkLedger } from "./chunk.ts";
import type { FindingSink } from "./finding.ts";
import { indexLedgerNodes } from "./judge-ledger.ts";
import { emptyMemory } from "./memory.ts";
import type { KnownSigners, RuleContext } from "./rule.ts";

interface ChunkMeans {
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  readonly sink: FindingSink;
  readonly signers: KnownSigners;
}

/** What the rules of single events may look at where the rest of the ledger is not at hand. */
export function chunkContext({ root, dialect, nodes, policy }: ChunkLedger, means: ChunkMeans): RuleContext {
  return {
    ...means,
    ledger: {
      root,
      dialect,
      nodes,
      policy,
      tree: new Map(),
      files: [],
      settlement: undefined,
      read: () => Promise.resolve(undefined),
      tags: () => Promise.resolve(new Map()),
      list: () => Promise.resolve([]),
    },
    entries: [],
    nodes: indexLedgerNodes({ nodes, policy, root }),
    closed: { months: [], leaves: new Map(), monthOf: () => undefined },
    base: undefined,
    isNew: () => false,
    signedIn: () => [],
    memory: emptyMemory(means.sha256),
    clock: { nowUnixMs: 0, aheadMs: 0, behindMs: 0 },
    witnessedUnixMs: () => undefined,
    hashing: treeHashing(means.sha256),
  };
}
