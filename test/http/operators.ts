import { memoryAuditLog } from "../../src/adapters/memory-audit-log.ts";
import { openMetrics } from "../../src/adapters/metrics.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { AdminActs, AdminDeps, ChainSeen, QueuedWork } from "../../src/http/admin-acts.ts";
import { parseAdminTokens } from "../../src/http/admin-tokens.ts";
import type { HttpDeps } from "../../src/http/context.ts";
import type { Attempt, ChainStatus } from "../../src/ports.ts";
import { balanceOf } from "../../src/settle/balance.ts";
import { anchorAccount } from "./witness.ts";

export const token = "alice-0123456789abcdefghijklmnopqrstuv";
export const otherToken = "bob-0123456789abcdefghijklmnopqrstuvwx";

export const bearer = { Authorization: `Bearer ${token}` };

/** The id of the one job that has failed. */
export const failedJob = "close-2026-03";
/** A month that waits for a human, and one that waits for nobody. */
export const rejectedMonth = "2026-02";
export const anchoredMonth = "2026-01";

const attempt: Attempt = {
  month: "2026-01",
  manifestHash: "ab".repeat(32),
  number: 1,
  state: "submitted",
  anchor: {
    network: "local",
    networkId: 63_456,
    account: anchorAccount,
    hash: "AB".repeat(32),
    blob: "1200",
    sequence: 7,
    lastLedgerSequence: 4300,
    signedAtIndex: 4200,
    feeDrops: 12,
  },
};

const look = { act: "send", said: "terQUEUED", times: 3, firstUnixMs: 1000, lastUnixMs: 9000 } as const;

/** A queue that remembers what it was asked, and answers as one does. */
export function sampleActs(asked: string[]): AdminActs {
  const queue = async (job: string, month?: string): Promise<QueuedWork[]> => {
    asked.push(month === undefined ? job : `${job} ${month}`);
    return [{ job, ...(month === undefined ? {} : { month }) }];
  };
  return {
    close: (month) => queue("close", month),
    anchor: (month) => queue("anchor", month),
    reconcile: () => queue("reconcile"),
    pause: async () => void asked.push("pause"),
    resume: async () => void asked.push("resume"),
    async retry(id) {
      asked.push(`retry ${id}`);
      if (id === anchoredMonth) throw new SettlementError("PARTITION_STATE_CONFLICT", `${id} waits for no human`);
      return id === failedJob || id === rejectedMonth;
    },
    jobs: async () => ({
      paused: false,
      lanes: { settle: { waiting: 1, active: 0, delayed: 0, failed: 1 } },
      failed: [
        {
          id: failedJob,
          job: "close",
          data: { month: "2026-03" },
          reason: "PARTITION_REJECTED: x",
          failedUnixMs: 1000,
        },
      ],
    }),
    attempts: async () => [attempt],
    looks: async (hashes) => new Map(hashes.map((hash) => [hash, [{ ...look, hash }]])),
  };
}

/** The network as it was seen last. */
const chainStatus: ChainStatus = {
  networkId: 63_456,
  isLocal: true,
  server: "local",
  validatedIndex: 4295,
  ledgerAgeS: 2,
  account: anchorAccount,
  balanceDrops: 12_345_678n,
  reserveDrops: 1_000_000n,
  feeDrops: 12,
};

/** @param asked - gets what the queue was asked */
export function sampleAdmin(asked: string[] = []): AdminDeps {
  const tokens = parseAdminTokens(`alice ${token}\nbob ${otherToken}\n`);
  const schedule = { graceMinutes: 20, closeCron: "20 0 1 * *", reconcileMinutes: 10 };
  const validate = (): Promise<readonly string[]> => Promise.resolve(["nodes/acme: NODE_MALFORMED: x"]);
  const chain = (): ChainSeen => ({ balance: balanceOf(chainStatus, 24), validatedIndex: chainStatus.validatedIndex });
  return { tokens, auditLog: memoryAuditLog(), acts: sampleActs(asked), schedule, validate, chain };
}

/** Everything that is there for operators. */
export function forOperators(): Pick<HttpDeps, "admin" | "metrics" | "checks"> {
  const { metricsText } = openMetrics();
  return {
    admin: sampleAdmin(),
    metrics: metricsText,
    checks: [
      { name: "queue", isRequired: true, look: async () => "3 jobs wait" },
      {
        name: "xrpl",
        isRequired: false,
        look: () => Promise.reject(new SettlementError("CHAIN_UNREACHABLE", "wss://secret.example does not answer")),
      },
    ],
  };
}
