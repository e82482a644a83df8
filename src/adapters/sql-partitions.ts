import type { PartitionRecord, Partitions, PartitionState } from "../ports.ts";
import { isClose, isPartitionStep, keptRecord, otherPartitionState } from "./partition-rules.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";

const listSql = `select * from settlement.partitions where origin = $1 order by month collate "C"`;

const closedSql =
  "select month, closed_unix_ms from settlement.partitions where origin = $1 and closed_unix_ms is not null";

const getSql = "select * from settlement.partitions where origin = $1 and month = $2";

const beginSql = `
  insert into settlement.partitions (origin, month, state, manifest_hash, reason, changed_unix_ms)
  values ($1, $2, $3, $4, $5, $6::bigint)
  on conflict do nothing returning *`;

const moveSql = `
  update settlement.partitions set state = $3, manifest_hash = $4, reason = $5, changed_unix_ms = $6::bigint,
    closed_unix_ms = coalesce($8::bigint, closed_unix_ms)
  where origin = $1 and month = $2 and state = $7 returning *`;

/** Months and their states in a PostgreSQL that is migrated. */
export function sqlPartitions(sql: SqlStatements): Partitions {
  return {
    list: async (origin) => (await sql.query(listSql, [origin])).map(recordOf),
    async get(origin, month) {
      const [row] = await sql.query(getSql, [origin, month]);
      return row && recordOf(row);
    },
    async move(before, next) {
      const record = keptRecord(next);
      if (!isPartitionStep(before, record.state)) throw otherPartitionState(before, record);
      const { origin, month, state, manifestHash = null, reason = null, changedUnixMs } = record;
      const values = [origin, month, state, manifestHash, reason, changedUnixMs];
      const [row] =
        before === undefined
          ? await sql.query(beginSql, values)
          : await sql.query(moveSql, [...values, before, isClose(before, state) ? changedUnixMs : null]);
      if (!row) throw otherPartitionState(before, record);
      return recordOf(row);
    },
    async closedTimes(origin) {
      const rows = await sql.query(closedSql, [origin]);
      return new Map(rows.map((row) => [String(row["month"]), Number(row["closed_unix_ms"])]));
    },
  };
}

function recordOf(row: SqlRow): PartitionRecord {
  const text = (name: string): string => String(row[name]);
  return {
    origin: text("origin"),
    month: text("month"),
    state: text("state") as PartitionState,
    ...(row["manifest_hash"] === null ? {} : { manifestHash: text("manifest_hash") }),
    ...(row["reason"] === null ? {} : { reason: text("reason") }),
    changedUnixMs: Number(row["changed_unix_ms"]),
  };
}
