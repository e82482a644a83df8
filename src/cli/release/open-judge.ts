import { type OpenLedger, openLedger } from "../../compose.ts";
import { configuredTrust, fast, policyBytes } from "../../compose-judging.ts";
import type { Config } from "../../config.ts";
import type { LedgerSnapshot } from "../../ports.ts";
import { type ReleaseJudge, releaseJudge } from "../../settle/judge-release.ts";
import { readLedgerView } from "../../settle/ledger-view.ts";
import { readNetworkRules } from "../../settle/network-files.ts";
import { monthProver } from "../../settle/prove-inclusion.ts";
import { releaseLedger } from "../../settle/release-events.ts";
import { eventProofs } from "../../settle/release-month.ts";
import type { Io } from "../io.ts";
import { warnOfRecovery } from "../notes.ts";

export interface OpenJudge {
  readonly open: OpenLedger;
  readonly snapshot: LedgerSnapshot;
  readonly judge: ReleaseJudge;
}

/** Opens a ledger to judge its releases. @throws SettlementError as reading the ledger and its network's files does */
export async function openJudge(config: Config, io: Io): Promise<OpenJudge> {
  const open = await openLedger(config.ledger, warnOfRecovery(io));
  const { ledger, archive } = open;
  const [snapshot, rules] = await Promise.all([ledger.snapshot(), readNetworkRules(open, policyBytes(config))]);
  let view: ReturnType<typeof readLedgerView> | undefined;
  const proofOf = eventProofs(
    archive,
    () => (view ??= readLedgerView({ ledger, archive })),
    async (ledgerView, { partition, index }) =>
      (await monthProver(ledgerView, partition, { ledger, archive, ...fast })).prove(index),
  );
  const deps = { ...fast, trust: configuredTrust(config), proofOf };
  return { open, snapshot, judge: releaseJudge(releaseLedger(snapshot), rules, deps) };
}
