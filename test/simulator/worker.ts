import { sqlAttempts } from "../../src/adapters/sql-attempts.ts";
import { sqlEvidence } from "../../src/adapters/sql-evidence.ts";
import { sqlHeads } from "../../src/adapters/sql-heads.ts";
import { sqlNotices } from "../../src/adapters/sql-notices.ts";
import { sqlPartitions } from "../../src/adapters/sql-partitions.ts";
import { sqlSeenLedgers } from "../../src/adapters/sql-seen-ledgers.ts";
import { nodeDigest, nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { merkletreejsTree } from "../../src/adapters/second-root.ts";
import { xrplChain } from "../../src/adapters/xrpl-chain.ts";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import type { Sql } from "../../src/adapters/sql.ts";
import { localNetworkId } from "../../src/core/network.ts";
import { retryRule } from "../../jobs/retry-rule.ts";
import { settlementJobs } from "../../jobs/settlement-jobs.ts";
import type { Work, WorkDeps } from "../../jobs/work.ts";
import type { Archive, Clock, Ledger, Log } from "../../src/ports.ts";
import { anchorSigner } from "./accounts.ts";
import { network, settlementKey } from "./months.ts";
import type { JobEnd } from "./queue.ts";
import type { WitnessDeps } from "./witnesses.ts";

/** What a worker process is given; each operation of it waits at the boundary. */
export interface WorkerWorld {
  readonly sql: Sql;
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly servers: readonly XrplServer[];
  readonly clock: Clock;
  readonly enqueue: (work: Work) => Promise<void>;
  readonly log: Log;
  readonly ledgerWindow: number;
  readonly feeCapDrops: number;
  /** What months are proven by, where the network has validators. */
  readonly witness?: WitnessDeps | undefined;
}

/** Time between two looks at a transaction under way, milliseconds: a ledger. */
const lookMs = 4000;

/** The product as a worker process runs it: its jobs, over its own stores and chain. */
export function workerDeps(world: WorkerWorld): WorkDeps {
  const { sql, ledger, archive, clock, servers, enqueue, log, ledgerWindow, feeCapDrops, witness } = world;
  const chain = xrplChain({
    network,
    networkId: localNetworkId,
    servers,
    signer: anchorSigner,
    seen: sqlSeenLedgers(sql),
    clock,
    feeCapDrops,
    ledgerWindow,
    log,
  });
  const notices = sqlNotices(sql);
  const proving = witness && { archive, chain, evidence: sqlEvidence(sql), verify: nodeVerify, ...witness };
  const shared = {
    ledger,
    archive,
    key: settlementKey,
    sha256: nodeSha256,
    newDigest: nodeDigest,
    newLogs: nodeMonthLogs,
    verify: nodeVerify,
  };
  return {
    network,
    partitions: sqlPartitions(sql),
    clock,
    close: {
      ...shared,
      heads: sqlHeads(sql),
      clock,
      newSecondRoot: merkletreejsTree,
      judge: async () => [],
      graceMs: 0,
    },
    anchor: { ...shared, chain, attempts: sqlAttempts(sql) },
    publish: { ...shared, newSecondRoot: merkletreejsTree, publishers: () => [] },
    tell: ({ type, origin, month, manifestHash = "", code = "" }) =>
      notices.record({
        id: [type, origin, month, manifestHash, code].join(" "),
        type,
        createdUnixMs: clock(),
        body: { month, manifestHash, code },
      }),
    enqueue,
    log,
    lookMs,
    prove: () => proving,
    proveMs: lookMs,
    deliver: async () => undefined,
    signCheckpoints: async () => new Map(),
    lookAtChain: async () => [],
  };
}

/** One run of a job, and what the queue does about it. */
export async function runJob(work: Work, deps: WorkDeps): Promise<JobEnd> {
  try {
    return await settlementJobs[work.job](work.data, deps);
  } catch (error) {
    return retryRule(error) === error ? { retry: error } : { failed: error };
  }
}
