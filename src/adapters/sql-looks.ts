import type { Look, Looks } from "../ports.ts";
import { groupByHash, keptLook, mostLooks } from "./memory-looks.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";

const recordSql = `
  insert into settlement.looks as known (hash, act, said, times, first_unix_ms, last_unix_ms)
  select $1, $2, $3, 1, $4::bigint, $4::bigint
  where exists (select 1 from settlement.looks where hash = $1 and act = $2 and said = $3)
    or (select count(*) from settlement.looks where hash = $1) < ${mostLooks}
  on conflict (hash, act, said) do update
  set times = known.times + 1, last_unix_ms = greatest(known.last_unix_ms, excluded.last_unix_ms)`;

const listSql = `
  select * from settlement.looks
  where hash = any (array(select json_array_elements_text($1::text::json))) order by number`;

/** Looks in a PostgreSQL that is migrated. */
export function sqlLooks(sql: SqlStatements): Looks {
  return {
    async record(look, atUnixMs) {
      const { hash, act, said } = keptLook(look);
      await sql.query(recordSql, [hash, act, said, atUnixMs]);
    },
    async list(hashes) {
      const rows = await sql.query(listSql, [JSON.stringify(hashes)]);
      return groupByHash(rows.map(lookOf));
    },
  };
}

function lookOf(row: SqlRow): Look {
  return {
    hash: String(row["hash"]),
    act: row["act"] === "send" ? "send" : "look",
    said: String(row["said"]),
    times: Number(row["times"]),
    firstUnixMs: Number(row["first_unix_ms"]),
    lastUnixMs: Number(row["last_unix_ms"]),
  };
}
