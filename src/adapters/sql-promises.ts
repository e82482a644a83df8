import { SettlementError } from "../core/error.ts";
import type { PromisedHead, Promises } from "../ports.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";
import { requireStorable } from "./state-texts.ts";

const coveringSql = `
  select leaf, head.* from json_array_elements_text($2::text::json) as leaf
  cross join lateral (
    select * from settlement.promised_heads
    where origin = $1 and size > leaf::bigint and checkpoint is not null order by size limit 1
  ) as head`;

const holdingSql = `
  select * from settlement.promised_heads where origin = $1 and size >= $2::bigint order by size limit 1`;

/** A seal is the last head of a log, larger than any. */
const sealed = "9223372036854775807";

// Sizes ascend with the numbers: who takes the next number has seen every smaller size, and who comes second takes none.
const keepSql = `
  insert into settlement.promised_heads (origin, number, size, checkpoint, accepted_unix_ms)
  select $1, coalesce(max(number), 0) + 1, $2::bigint, $3, $4::bigint
  from (
    select number, size from settlement.promised_heads where origin = $1 order by number desc limit 1
  ) as last
  having coalesce(max(size), 0) < $2::bigint
  on conflict do nothing`;

/** Whoever keeps all the others from keeping any is stopped. */
const maxTries = 100;

/** A seal has neither checkpoint nor time. */
type InsertedRow = readonly [
  origin: string,
  size: number | string,
  checkpoint: string | null,
  acceptedUnixMs: number | null,
];

/** Promises in a PostgreSQL that is migrated. */
export function sqlPromises(sql: SqlStatements): Promises {
  /** @returns the row that holds now */
  const insert = async (row: InsertedRow): Promise<SqlRow> => {
    const [origin, size] = row;
    for (let tries = 0; tries < maxTries; tries++) {
      await sql.query(keepSql, row);
      // What others kept meanwhile only a later statement sees.
      const [holding] = await sql.query(holdingSql, [origin, size]);
      if (holding) return holding;
    }
    throw new SettlementError("STATE_UNAVAILABLE", `the state database does not keep a promise on ${origin}`);
  };
  return {
    async covering(origin, leafIndexes) {
      if (leafIndexes.length === 0) return new Map();
      const rows = await sql.query(coveringSql, [origin, JSON.stringify(leafIndexes)]);
      return new Map(rows.map((row) => [Number(row["leaf"]), headOf(row)]));
    },
    async keep({ origin, size, checkpoint, acceptedUnixMs }) {
      requireStorable(origin, checkpoint);
      const holding = await insert([origin, size, checkpoint, acceptedUnixMs]);
      return holding["checkpoint"] === null ? undefined : headOf(holding);
    },
    async seal(origin) {
      requireStorable(origin);
      await insert([origin, sealed, null, null]);
    },
  };
}

function headOf(row: SqlRow): PromisedHead {
  return {
    origin: String(row["origin"]),
    size: Number(row["size"]),
    checkpoint: String(row["checkpoint"]),
    acceptedUnixMs: Number(row["accepted_unix_ms"]),
  };
}
