import type { CapturedEvidence, EvidenceStore } from "../ports.ts";
import type { SqlRow, SqlStatements } from "./sql.ts";
import { requireStorable } from "./state-texts.ts";

const keepSql = `
  insert into settlement.captured_evidence (network, ledger_index, ledger_hash, kind, name, bytes)
  values ($1, $2::bigint, $3, $4, $5, decode($6::text, 'base64'))
  on conflict do nothing`;

const findSql = `
  select network, ledger_index, ledger_hash, kind, name, encode(bytes, 'base64') as base64
  from settlement.captured_evidence where network = $1 and ledger_index = $2::bigint
  order by ledger_hash collate "C", kind collate "C", name collate "C"`;

/** Captured evidence in a PostgreSQL that is migrated. */
export function sqlEvidence(sql: SqlStatements): EvidenceStore {
  return {
    async keep({ network, ledgerIndex, ledgerHash, kind, name, bytes }) {
      requireStorable(network, ledgerHash, name);
      const base64 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("base64");
      await sql.query(keepSql, [network, ledgerIndex, ledgerHash, kind, name, base64]);
    },
    find: async (network, ledgerIndex) => (await sql.query(findSql, [network, ledgerIndex])).map(evidenceOf),
  };
}

function evidenceOf(row: SqlRow): CapturedEvidence {
  return {
    network: String(row["network"]),
    ledgerIndex: Number(row["ledger_index"]),
    ledgerHash: String(row["ledger_hash"]),
    kind: String(row["kind"]) as CapturedEvidence["kind"],
    name: String(row["name"]),
    bytes: Uint8Array.from(Buffer.from(String(row["base64"]), "base64")),
  };
}
