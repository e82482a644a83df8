import { SettlementError } from "../core/error.ts";
import type { Promised, Promises } from "../ports.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";
import { requireStorable } from "./state-texts.ts";

// An array that is computed once is looked up in the index, id by id.
const findSql = `
  select * from settlement.promises where id = any (array(select json_array_elements_text($1::text::json)))`;

// Batches that share ids take them in one order, or each could wait for the other. Of one id twice the first holds. A
// list for each column is read sooner than one of rows. Of a batch nearly all have one head, that is origin, checkpoint
// and time, which is sent once.
const keepSql = `
  insert into settlement.promises (id, origin, leaf_index, checkpoint, accepted_unix_ms)
  select id, origin, leaf_index::bigint, checkpoint, accepted_unix_ms::bigint
  from rows from (
    json_array_elements_text($1::text::json),
    json_array_elements_text($2::text::json),
    json_array_elements_text($3::text::json)
  ) with ordinality as given (id, leaf_index, head, position)
  join rows from (
    json_array_elements_text($4::text::json),
    json_array_elements_text($5::text::json),
    json_array_elements_text($6::text::json)
  ) with ordinality as heads (origin, checkpoint, accepted_unix_ms, number) on number = head::bigint
  order by id, position
  on conflict do nothing
  returning 1`;

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
      // One statement keeps all or none. What others kept meanwhile only a later one sees.
      const kept = await sql.query(keepSql, columnsOf(promises));
      const first = firstOfEach(promises);
      const holding = kept.length === first.size ? first : await find([...first.keys()]);
      return promises.map(({ id }) => {
        const promise = holding.get(id);
        if (!promise)
          throw new SettlementError("STATE_UNAVAILABLE", `the state database has lost the promise of ${id}`);
        return promise;
      });
    },
  };
}

function firstOfEach(promises: readonly Promised[]): ReadonlyMap<string, Promised> {
  const first = new Map<string, Promised>();
  for (const promise of promises) if (!first.has(promise.id)) first.set(promise.id, promise);
  return first;
}

/**
 * Ids, leaf indexes and the numbers of their heads from 1 on; origins, checkpoints and times of the heads.
 *
 * @throws SettlementError `STATE_UNAVAILABLE`
 */
function columnsOf(promises: readonly Promised[]): string[] {
  const heads: Promised[] = [];
  const numbers = new Map<string, number>();
  const numberOf = (promise: Promised): number => {
    const { origin, checkpoint, acceptedUnixMs } = promise;
    const head = `${acceptedUnixMs} ${origin.length} ${origin}${checkpoint}`;
    const number = numbers.get(head) ?? heads.push(promise);
    numbers.set(head, number);
    return number;
  };
  let last: { readonly promise: Promised; readonly number: number } | undefined;
  const headNumbers = promises.map((promise) => {
    if (!last || !hasSameHead(promise, last.promise)) last = { promise, number: numberOf(promise) };
    return last.number;
  });
  const columns: readonly (readonly (string | number)[])[] = [
    promises.map(({ id }) => id),
    promises.map(({ leafIndex }) => leafIndex),
    headNumbers,
    heads.map(({ origin }) => origin),
    heads.map(({ checkpoint }) => checkpoint),
    heads.map(({ acceptedUnixMs }) => acceptedUnixMs),
  ];
  for (const { id } of promises) requireStorable(id);
  for (const { origin, checkpoint } of heads) requireStorable(origin, checkpoint);
  return columns.map((column) => JSON.stringify(column));
}

function hasSameHead(a: Promised, b: Promised): boolean {
  return a.checkpoint === b.checkpoint && a.origin === b.origin && a.acceptedUnixMs === b.acceptedUnixMs;
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
