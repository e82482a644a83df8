import type { JsonObject } from "../core/json.ts";
import type { Notices, NoticeType } from "../ports.ts";
import type { SqlStatements } from "./sql.ts";
import { readableText, requireStorable } from "./state-texts.ts";

const recordSql = `
  insert into settlement.notices (id, type, body, created_unix_ms) values ($1, $2, $3, $4::bigint)
  on conflict do nothing`;

const undeliveredSql = `
  select id, type, body, created_unix_ms, coalesce(tries, 0) as tries
  from settlement.notices left join settlement.deliveries on notice_id = id and endpoint = $1
  where delivered_unix_ms is null and coalesce(tries, 0) < $2::bigint
  order by created_unix_ms, number`;

// A delivery is for ever: a try that began beside it and failed later takes nothing back.
const triedSql = `
  insert into settlement.deliveries as known (notice_id, endpoint, tries, tried_unix_ms, delivered_unix_ms, last_fault)
  values ($1, $2, 1, $3::bigint, case when $4::text is null then $3::bigint end, $4::text)
  on conflict (notice_id, endpoint) do update set
    tries = known.tries + 1,
    tried_unix_ms = excluded.tried_unix_ms,
    delivered_unix_ms = coalesce(known.delivered_unix_ms, excluded.delivered_unix_ms),
    last_fault = excluded.last_fault`;

/** Notices in a PostgreSQL that is migrated. */
export function sqlNotices(sql: SqlStatements): Notices {
  return {
    async record({ id, type, createdUnixMs, body }) {
      requireStorable(id);
      await sql.query(recordSql, [id, type, JSON.stringify(body), createdUnixMs]);
    },
    async undelivered(endpoint, maxTries) {
      const rows = await sql.query(undeliveredSql, [endpoint, maxTries]);
      return rows.map((row) => ({
        id: String(row["id"]),
        type: String(row["type"]) as NoticeType,
        createdUnixMs: Number(row["created_unix_ms"]),
        body: JSON.parse(String(row["body"])) as JsonObject,
        tries: Number(row["tries"]),
      }));
    },
    async tried(noticeId, endpoint, atUnixMs, fault) {
      requireStorable(noticeId, endpoint);
      await sql.query(triedSql, [noticeId, endpoint, atUnixMs, fault === undefined ? null : readableText(fault)]);
    },
  };
}
