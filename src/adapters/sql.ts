import { SettlementError } from "../core/error.ts";

export type SqlRow = Readonly<Record<string, unknown>>;

/** A PostgreSQL, wherever it runs. What a resolved query changed is durable. */
export interface Sql {
  /** @param values - for `$1`, `$2` … @throws SettlementError `STATE_UNAVAILABLE` */
  query(text: string, values?: readonly (string | number | null)[]): Promise<readonly SqlRow[]>;
}

/** Steps of the schema, in order; one that was released is never changed. Each may be repeated. */
const migrations: readonly string[] = [
  `create table if not exists settlement.anchor_attempts (
    network text not null,
    manifest_hash text not null,
    number integer not null check (number > 0),
    month text not null,
    state text not null check (state in ('prepared', 'submitted', 'anchored', 'expired', 'failed')),
    network_id bigint not null,
    account text not null,
    hash text not null unique,
    blob text not null,
    sequence bigint not null,
    last_ledger_sequence bigint not null,
    signed_at_index bigint not null,
    fee_drops bigint not null,
    ledger_index bigint,
    result text,
    primary key (network, manifest_hash, number)
  )`,
  `create table if not exists settlement.signed_heads (
    origin text not null,
    size bigint not null,
    root text not null,
    primary key (origin, size)
  )`,
];

/**
 * Brings the schema `settlement` up to date.
 *
 * @throws SettlementError `STATE_UNAVAILABLE`, also when a later version of this program was here
 */
export async function migrate(sql: Sql): Promise<void> {
  await sql.query("create schema if not exists settlement");
  await sql.query("create table if not exists settlement.migrations (number integer primary key)");
  const [row] = await sql.query("select coalesce(max(number), 0) as done from settlement.migrations");
  const done = Number(row?.["done"]);
  if (done > migrations.length) {
    throw new SettlementError(
      "STATE_UNAVAILABLE",
      `the state database is at version ${done} and this program knows ${migrations.length}; run the newer program`,
    );
  }
  for (const [at, step] of migrations.entries()) {
    if (at < done) continue;
    await sql.query(step);
    await sql.query("insert into settlement.migrations values ($1) on conflict do nothing", [at + 1]);
  }
}
