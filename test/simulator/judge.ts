import { merkletreejsTree } from "../../src/adapters/second-root.ts";
import { sqlAttempts } from "../../src/adapters/sql-attempts.ts";
import { sqlAuditLog } from "../../src/adapters/sql-audit-log.ts";
import { sqlPartitions } from "../../src/adapters/sql-partitions.ts";
import { sqlSeenLedgers } from "../../src/adapters/sql-seen-ledgers.ts";
import { nodeDigest, nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { nodeMonthLogs } from "../../src/adapters/node-tree.ts";
import { toHex } from "../../src/core/bytes.ts";
import { makeVkey } from "../../src/core/note.ts";
import type { Month } from "../../src/core/month.ts";
import { receiptLayers } from "../../src/core/verify-receipt.ts";
import { ledgerHash } from "../../src/core/xrpl/ledger-header.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import type { Attempt } from "../../src/ports.ts";
import { retryMonth } from "../../src/settle/human-acts.ts";
import { publishMonth } from "../../src/settle/publish-month.ts";
import { readClosed } from "../../src/settle/read-closed.ts";
import { anchoring } from "./accounts.ts";
import type { FaultWorld } from "./faults.ts";
import type { Host } from "./host.ts";
import { network, origin, settlementKey } from "./months.ts";
import type { Watch } from "./watch.ts";
import { truePublishers } from "./witnesses.ts";

type Judged = FaultWorld & { readonly watch: Watch };

function isUnderWay({ state }: Attempt): boolean {
  return state === "prepared" || state === "submitted";
}

/** A human who looks at what failed lets it be signed anew. */
export async function decideFailed({ name, archive, database: { sql } }: Host, run: Judged): Promise<void> {
  const attempts = sqlAttempts(sql);
  const latest = new Map((await attempts.list()).map((attempt) => [attempt.month, attempt]));
  const deps = {
    network,
    ledger: run.ledger,
    archive,
    partitions: sqlPartitions(sql),
    attempts,
    seenLedgers: sqlSeenLedgers(sql),
    auditLog: sqlAuditLog(sql),
    clock: run.timeline.nowMs,
  };
  for (const { month, state } of latest.values()) {
    if (state !== "failed") continue;
    run.trace.note("human", `${name}: lets ${month} be signed anew`);
    await retryMonth(month, deps);
  }
}

/**
 * What has to hold in the end, seen from outside: on the true network, in the files, and in the state.
 *
 * @returns most attempts one host made for one month
 */
export async function judge(run: Judged): Promise<number> {
  const { hosts, plan, watch } = run;
  let most = 0;
  for (const host of hosts) {
    const attempts = await sqlAttempts(host.database.sql).list();
    most = Math.max(most, ...attempts.map(({ number }) => number));
    if (plan.deceit === "dark" || watch.violations.length > 0) continue;
    for (const month of run.months) await judgeMonth(month, host, run);
    judgeAttempts(attempts, host, run);
    for (const { month, state, reason } of await sqlPartitions(host.database.sql).list(origin)) {
      if (state === "rejected") watch.violation(`${host.name}: ${month} is rejected: ${reason ?? "nobody knows why"}`);
    }
  }
  return most;
}

async function judgeMonth(month: Month, host: Host, { truth, watch, ledger, plan }: Judged): Promise<void> {
  const { archive, name } = host;
  const { manifest, evidence, receipt } = await readClosed(archive, month);
  const anchors = watch.anchored(manifest.manifestHash).filter(({ result }) => result === "tesSUCCESS");
  if (anchors.length !== 1) watch.violation(`${month} has ${anchors.length} validated anchors`);
  if (!receipt) return watch.violation(`${name}: ${month} has no receipt`);
  const hash = toHex(transactionId(receipt.blob)).toUpperCase();
  const held = truth.engine.closedByIndex(receipt.header.index);
  if (hash !== anchors[0]?.hash) watch.violation(`${name}: the receipt of ${month} is of ${hash}, not of the anchor`);
  if (held?.hash !== toHex(ledgerHash(receipt.header)).toUpperCase())
    watch.violation(`${name}: the receipt of ${month} is of a ledger that the network does not have`);
  const trust = {
    logs: [makeVkey(evidence.o, settlementKey.publicKey)],
    accounts: [{ network, account: anchoring.address }],
  };
  for (const { layer, status, detail } of receiptLayers(receipt, { manifest, evidence }, trust, nodeVerify)) {
    if (status !== "pass") watch.violation(`${name}: ${month}, ${layer}: ${detail}`);
  }
  if (plan.hearing && !archive.hasProof(month)) watch.violation(`${name}: ${month} has no proof`);
  // The verifier that outsiders use costs much, and sees the same in every schedule.
  if (plan.seed % 8 !== 0) return;
  const { verdict } = await publishMonth(month, {
    ledger,
    archive,
    key: settlementKey,
    verify: nodeVerify,
    sha256: nodeSha256,
    newDigest: nodeDigest,
    newLogs: nodeMonthLogs,
    newSecondRoot: merkletreejsTree,
    publishers: () => (plan.hearing ? truePublishers() : []),
  });
  const expected = plan.hearing ? "proven" : "anchored";
  if (verdict !== undefined && verdict !== expected)
    watch.violation(`${name}: ${month} is ${verdict}, not ${expected}`);
}

/** Nobody goes on once one is anchored, and what is left under way can never come. */
function judgeAttempts(attempts: readonly Attempt[], { name }: Host, { watch }: Judged): void {
  for (const attempt of attempts) {
    const { month, number, manifestHash, state } = attempt;
    const earlier = attempts.find((one) => one.manifestHash === manifestHash && one.number < number);
    if (earlier && earlier.state !== "expired")
      watch.violation(`${name}: ${month} has attempt ${number} after one that is ${earlier.state}`);
    if (isUnderWay(attempt) && watch.isAlive({ manifestHash, ...attempt.anchor }))
      watch.violation(`${name}: attempt ${number} for ${month} is ${state} in the end, and may still come`);
  }
}
