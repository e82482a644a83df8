import type { Look, Looks } from "../ports.ts";
import { keptLook } from "./memory-looks.ts";
import type { SqlStatements } from "./sql.ts";

const recordSql = `
  insert into settlement.looks as known (hash, act, said, times, first_unix_ms, last_unix_ms)
  values ($1, $2, $3, 1, $4::bigint, $4::bigint)
  on conflict (hash, act, said) do update
  set times = known.times + 1, last_unix_ms = greatest(known.last_unix_ms, excluded.last_unix_ms)`;

const listSql = "select * from settlement.looks where hash = $1 order by number";

/** Looks in a PostgreSQL that is migrated. */
export function sqlLooks(sql: SqlStatements): Looks {
  return {
    async record(look, atUnixMs) {
      const { hash, act, said } = keptLook(look);
      await sql.query(recordSql, [hash, act, said, atUnixMs]);
    },
    async list(hash) {
      const rows = await sql.query(listSql, [hash]);
      return rows.map((row): Look => ({
        hash: String(row["hash"]),
        act: row["act"] === "send" ? "send" : "look",
        said: String(row["said"]),
        times: Number(row["times"]),
        firstUnixMs: Number(row["first_unix_ms"]),
        lastUnixMs: Number(row["last_unix_ms"]),
      }));
    },
  };
}
