import { SettlementError } from "../core/error.ts";
import type { PromisedHead, Promises } from "../ports.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";
import { requireStorable } from "./state-texts.ts";

const coveringSql = `
  select leaf, head.* from json_array_elements_text($2::text::json) as leaf
  cross join lateral (
    select * from settlement.promised_heads where origin = $1 and size > leaf::bigint order by size limit 1
  ) as head`;

// Sizes ascend with the numbers: who takes the next number has seen every smaller size, and who comes second takes none.
const keepSql = `
  insert into settlement.promised_heads (origin, number, size, checkpoint, accepted_unix_ms)
  select $1, coalesce(max(number), 0) + 1, $2::bigint, $3, $4::bigint
  from (
    select number, size from settlement.promised_heads where origin = $1 order by number desc limit 1
  ) as last
  having coalesce(max(size), 0) < $2::bigint
  on conflict do nothing returning 1`;

/** Whoever keeps all the others from keeping any is stopped. */
const maxTries = 100;

/** Promises in a PostgreSQL that is migrated. */
export function sqlPromises(sql: SqlStatements): Promises {
  const covering = async (origin: string, indexes: readonly number[]): Promise<ReadonlyMap<number, PromisedHead>> => {
    if (indexes.length === 0) return new Map();
    const rows = await sql.query(coveringSql, [origin, JSON.stringify(indexes)]);
    return new Map(rows.map((row) => [Number(row["leaf"]), headOf(row)]));
  };
  return {
    covering,
    async keep(head) {
      const { origin, size, checkpoint, acceptedUnixMs } = head;
      requireStorable(origin, checkpoint);
      for (let tries = 0; tries < maxTries; tries++) {
        const kept = await sql.query(keepSql, [origin, size, checkpoint, acceptedUnixMs]);
        if (kept.length > 0) return head;
        // Another one is there; what others kept meanwhile only a later statement sees.
        const holding = (await covering(origin, [size - 1])).get(size - 1);
        if (holding) return holding;
      }
      throw new SettlementError("STATE_UNAVAILABLE", `the state database does not keep a promise on ${origin}`);
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
