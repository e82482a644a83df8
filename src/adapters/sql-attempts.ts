import type { Attempt, Attempts, AttemptState } from "../ports.ts";
import { isStep, otherAttempt, otherState } from "./attempt-rules.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";

const latestSql = `
  select * from settlement.anchor_attempts where network = $1 and manifest_hash = $2 order by number desc limit 1`;

const listSql = `
  select * from settlement.anchor_attempts
  order by month collate "C", network collate "C", manifest_hash collate "C", number`;

// The attempt before is final once it has expired, so the primary key alone settles a race.
const prepareSql = `
  insert into settlement.anchor_attempts
    (network, manifest_hash, number, month, state, network_id, account, hash, blob, sequence,
     last_ledger_sequence, signed_at_index, fee_drops)
  select $1::text, $2::text, $3::integer, $4::text, 'prepared', $5::bigint, $6::text, $7::text, $8::text,
    $9::bigint, $10::bigint, $11::bigint, $12::bigint
  where $3::integer = 1 or exists (
    select 1 from settlement.anchor_attempts
    where network = $1 and manifest_hash = $2 and number = $3::integer - 1 and state = 'expired')
  on conflict do nothing returning *`;

const advanceSql = `
  update settlement.anchor_attempts
  set state = $5, ledger_index = coalesce($6::bigint, ledger_index), result = coalesce($7::text, result)
  where network = $1 and manifest_hash = $2 and number = $3::integer and state = $4 returning *`;

/** Anchor attempts in a PostgreSQL that is migrated. */
export function sqlAttempts(sql: SqlStatements): Attempts {
  return {
    async latest(network, manifestHash) {
      const [row] = await sql.query(latestSql, [network, manifestHash]);
      return row && attemptOf(row);
    },
    list: async () => (await sql.query(listSql)).map(attemptOf),
    async prepare(month, manifestHash, anchor, previous) {
      const { network, networkId, account, hash, blob, sequence, lastLedgerSequence, signedAtIndex, feeDrops } = anchor;
      const key = [network, manifestHash, (previous?.number ?? 0) + 1, month];
      const signed = [networkId, account, hash, blob, sequence, lastLedgerSequence, signedAtIndex, feeDrops];
      const [row] = await sql.query(prepareSql, [...key, ...signed]);
      if (!row) throw otherAttempt(month);
      return attemptOf(row);
    },
    async advance(attempt, state, { ledgerIndex = null, result = null } = {}) {
      if (!isStep(attempt.state, state)) throw otherState(attempt, state);
      const key = [attempt.anchor.network, attempt.manifestHash, attempt.number];
      const [row] = await sql.query(advanceSql, [...key, attempt.state, state, ledgerIndex, result]);
      if (!row) throw otherState(attempt, state);
      return attemptOf(row);
    },
  };
}

/** Drivers hand 64-bit integers over as numbers or as texts. */
function attemptOf(row: SqlRow): Attempt {
  const text = (name: string): string => String(row[name]);
  const integer = (name: string): number => Number(row[name]);
  return {
    month: text("month"),
    manifestHash: text("manifest_hash"),
    number: integer("number"),
    state: text("state") as AttemptState,
    anchor: {
      network: text("network"),
      networkId: integer("network_id"),
      account: text("account"),
      hash: text("hash"),
      blob: text("blob"),
      sequence: integer("sequence"),
      lastLedgerSequence: integer("last_ledger_sequence"),
      signedAtIndex: integer("signed_at_index"),
      feeDrops: integer("fee_drops"),
    },
    ...(row["ledger_index"] === null ? {} : { ledgerIndex: integer("ledger_index") }),
    ...(row["result"] === null ? {} : { result: text("result") }),
  };
}
