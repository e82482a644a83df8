import type { AuditLog } from "../ports.ts";
import { keptEntry } from "./memory-audit-log.ts";
import type { SqlStatements } from "./sql.ts";

const recordSql = `
  insert into settlement.audit_log (at_unix_ms, actor, act, detail, outcome) values ($1::bigint, $2, $3, $4, $5)`;

const listSql = `
  select at_unix_ms, actor, act, detail, outcome from settlement.audit_log order by number desc limit $1::bigint`;

/** An audit log in a PostgreSQL that is migrated. */
export function sqlAuditLog(sql: SqlStatements): AuditLog {
  return {
    async record(entry) {
      const { atUnixMs, actor, act, detail, outcome } = keptEntry(entry);
      await sql.query(recordSql, [atUnixMs, actor, act, detail, outcome]);
    },
    async list(limit) {
      const rows = await sql.query(listSql, [limit]);
      return rows.map((row) => ({
        atUnixMs: Number(row["at_unix_ms"]),
        actor: String(row["actor"]),
        act: String(row["act"]),
        detail: String(row["detail"]),
        outcome: String(row["outcome"]),
      }));
    },
  };
}
