import type {
  Attempts,
  AuditLog,
  EvidenceStore,
  Looks,
  Notices,
  Partitions,
  Promises,
  SeenLedgers,
  SignedHeads,
} from "../ports.ts";
import { migrate, type Sql } from "./sql.ts";
import { sqlAttempts } from "./sql-attempts.ts";
import { sqlAuditLog } from "./sql-audit-log.ts";
import { sqlEvidence } from "./sql-evidence.ts";
import { sqlHeads } from "./sql-heads.ts";
import { sqlLooks } from "./sql-looks.ts";
import { sqlNotices } from "./sql-notices.ts";
import { sqlPartitions } from "./sql-partitions.ts";
import { sqlPromises } from "./sql-promises.ts";
import { sqlSeenLedgers } from "./sql-seen-ledgers.ts";

/** Everything that a node remembers beside the files of its ledger. */
export interface State {
  readonly attempts: Attempts;
  readonly heads: SignedHeads;
  readonly partitions: Partitions;
  readonly evidence: EvidenceStore;
  readonly seenLedgers: SeenLedgers;
  readonly promises: Promises;
  readonly notices: Notices;
  readonly auditLog: AuditLog;
  readonly looks: Looks;
}

/** The state in a database, which is migrated here, once. @throws SettlementError `STATE_UNAVAILABLE` */
export async function sqlState(sql: Sql): Promise<State> {
  await migrate(sql);
  return {
    attempts: sqlAttempts(sql),
    heads: sqlHeads(sql),
    partitions: sqlPartitions(sql),
    evidence: sqlEvidence(sql),
    seenLedgers: sqlSeenLedgers(sql),
    promises: sqlPromises(sql),
    notices: sqlNotices(sql),
    auditLog: sqlAuditLog(sql),
    looks: sqlLooks(sql),
  };
}
