import { SettlementError } from "../core/error.ts";
import type { Promised, Promises } from "../ports.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";
import { requireStorable } from "./state-texts.ts";

// An array that is computed once is looked up in the index, id by id.
const findSql = `
  select * from settlement.promises where id = any (array(select json_array_elements_text($1::text::json)))`;

// Batches that share ids take them in one order, or each could wait for the other. Of one id twice the first holds. Of a
// batch nearly all have one checkpoint, which is sent once.
const keepSql = `
  insert into settlement.promises (id, origin, leaf_index, checkpoint, accepted_unix_ms)
  select promise ->> 0, promise ->> 1, (promise ->> 2)::bigint, ($2::text::json) ->> (promise ->> 3)::int,
    (promise ->> 4)::bigint
  from json_array_elements($1::text::json) with ordinality as given (promise, position)
  order by promise ->> 0, position
  on conflict do nothing
  returning id`;

/** Promises in a PostgreSQL that is migrated. */
export function sqlPromises(sql: SqlStatements): Promises {
  const find = async (ids: readonly string[]): Promise<ReadonlyMap<string, Promised>> => {
    if (ids.length === 0) return new Map();
    const rows = await sql.query(findSql, [JSON.stringify(ids)]);
    return new Map(rows.map(promiseOf).map((promise) => [promise.id, promise]));
  };
  return {
    find,
    async keep(promises) {
      if (promises.length === 0) return [];
      for (const { id, origin, checkpoint } of promises) requireStorable(id, origin, checkpoint);
      const checkpoints = [...new Set(promises.map(({ checkpoint }) => checkpoint))];
      const numbers = new Map(checkpoints.map((text, at) => [text, at]));
      const rows = promises.map(({ id, origin, leafIndex, checkpoint, acceptedUnixMs }) => {
        return [id, origin, leafIndex, numbers.get(checkpoint), acceptedUnixMs];
      });
      // One statement keeps all or none. What others kept meanwhile only a later one sees.
      const kept = await sql.query(keepSql, [JSON.stringify(rows), JSON.stringify(checkpoints)]);
      const isKept = new Set(kept.map((row) => String(row["id"])));
      const holding = new Map(await find([...new Set(promises.map(({ id }) => id))].filter((id) => !isKept.has(id))));
      for (const promise of promises) {
        if (isKept.has(promise.id) && !holding.has(promise.id)) holding.set(promise.id, promise);
      }
      return promises.map(({ id }) => {
        const promise = holding.get(id);
        if (!promise)
          throw new SettlementError("STATE_UNAVAILABLE", `the state database has lost the promise of ${id}`);
        return promise;
      });
    },
  };
}

function promiseOf(row: SqlRow): Promised {
  return {
    id: String(row["id"]),
    origin: String(row["origin"]),
    leafIndex: Number(row["leaf_index"]),
    checkpoint: String(row["checkpoint"]),
    acceptedUnixMs: Number(row["accepted_unix_ms"]),
  };
}
