import type { SeenLedger, SeenLedgers } from "../ports.ts";
import { otherLedger } from "./memory-seen-ledgers.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";
import { requireStorable } from "./state-texts.ts";

const latestSql = `
  select ledger_index, hash from settlement.seen_ledgers where network = $1 order by ledger_index desc limit 1`;

const getSql =
  "select ledger_index, hash from settlement.seen_ledgers where network = $1 and ledger_index = $2::bigint";

// The update changes nothing. It makes the statement return the hash that holds, whoever else writes or forgets meanwhile.
const recordSql = `
  insert into settlement.seen_ledgers as seen (network, ledger_index, hash) values ($1, $2::bigint, $3)
  on conflict (network, ledger_index) do update set hash = seen.hash returning seen.hash`;

/** Seen ledgers in a PostgreSQL that is migrated. */
export function sqlSeenLedgers(sql: SqlStatements): SeenLedgers {
  return {
    async latest(network) {
      const [row] = await sql.query(latestSql, [network]);
      return row && ledgerOf(row);
    },
    async get(network, ledgerIndex) {
      const [row] = await sql.query(getSql, [network, ledgerIndex]);
      return row && ledgerOf(row);
    },
    async record(network, ledger) {
      requireStorable(network, ledger.hash);
      const [row] = await sql.query(recordSql, [network, ledger.ledgerIndex, ledger.hash]);
      const hash = String(row?.["hash"]);
      if (hash !== ledger.hash) throw otherLedger(network, ledger, hash);
    },
    async forget(network) {
      await sql.query("delete from settlement.seen_ledgers where network = $1", [network]);
    },
  };
}

function ledgerOf(row: SqlRow): SeenLedger {
  return { ledgerIndex: Number(row["ledger_index"]), hash: String(row["hash"]) };
}
