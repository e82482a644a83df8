import type { SignedHeads } from "../ports.ts";
import { otherHead } from "./memory-heads.ts";
import type { SqlStatements } from "./sql.ts";

// The update changes nothing. It makes the statement return the root that holds, whoever else writes meanwhile.
const recordSql = `
  insert into settlement.signed_heads as signed (origin, size, root) values ($1, $2::bigint, $3)
  on conflict (origin, size) do update set root = signed.root returning signed.root`;

/** Signed heads in a PostgreSQL that is migrated: the primary key settles a race. */
export function sqlHeads(sql: SqlStatements): SignedHeads {
  return {
    ready: async () => undefined,
    async record(origin, size, root) {
      const [row] = await sql.query(recordSql, [origin, size, root]);
      const signed = String(row?.["root"]);
      if (signed !== root) throw otherHead(origin, size, signed, root);
    },
    async list(origin) {
      const rows = await sql.query("select size, root from settlement.signed_heads where origin = $1 order by size", [
        origin,
      ]);
      return rows.map((row) => ({ size: Number(row["size"]), root: String(row["root"]) }));
    },
  };
}
