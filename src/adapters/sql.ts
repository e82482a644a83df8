import { SettlementError } from "../core/error.ts";

export type SqlRow = Readonly<Record<string, unknown>>;

export interface SqlStatements {
  /** @param values - for `$1`, `$2` … @throws SettlementError `STATE_UNAVAILABLE` */
  query(text: string, values?: readonly (string | number | null)[]): Promise<readonly SqlRow[]>;
}

/** A PostgreSQL, wherever it runs. What a resolved query changed is durable. */
export interface Sql extends SqlStatements {
  /**
   * Runs statements as one: all of them are kept, or none when `work` rejects. Other callers' statements never fall in
   * between; `work` uses the statements it is given and not the outer ones.
   *
   * @throws SettlementError `STATE_UNAVAILABLE`; after a lost connection the outcome is unknown
   */
  transaction<T>(work: (sql: SqlStatements) => Promise<T>): Promise<T>;
}

/** Steps of the schema, in order; one that was released is never changed. */
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
  `create table settlement.partitions (
    origin text not null,
    month text not null,
    state text not null check (state in ('open', 'closing', 'closed', 'anchoring', 'anchored', 'proven', 'rejected')),
    manifest_hash text,
    reason text,
    changed_unix_ms bigint not null,
    primary key (origin, month)
  )`,
  `create table settlement.captured_evidence (
    network text not null,
    ledger_index bigint not null,
    ledger_hash text not null,
    kind text not null check (kind in ('ledger', 'validation', 'manifest', 'list')),
    name text not null,
    bytes bytea not null,
    primary key (network, ledger_index, ledger_hash, kind, name)
  )`,
  `create table settlement.seen_ledgers (
    network text not null,
    ledger_index bigint not null,
    hash text not null,
    primary key (network, ledger_index)
  )`,
  `create table settlement.promises (
    id text primary key,
    origin text not null,
    leaf_index bigint not null,
    checkpoint text not null,
    accepted_unix_ms bigint not null
  )`,
  `create table settlement.notices (
    id text primary key,
    number bigint generated always as identity unique,
    type text not null,
    body text not null,
    created_unix_ms bigint not null
  )`,
  `create table settlement.deliveries (
    notice_id text not null references settlement.notices (id),
    endpoint text not null,
    tries integer not null,
    tried_unix_ms bigint not null,
    delivered_unix_ms bigint,
    last_fault text,
    primary key (notice_id, endpoint)
  )`,
  `create table settlement.audit_log (
    number bigint generated always as identity primary key,
    at_unix_ms bigint not null,
    actor text not null,
    act text not null,
    detail text not null,
    outcome text not null
  )`,
  `create table settlement.looks (
    hash text not null,
    act text not null check (act in ('look', 'send')),
    said text not null,
    number bigint generated always as identity,
    times integer not null,
    first_unix_ms bigint not null,
    last_unix_ms bigint not null,
    primary key (hash, act, said)
  )`,
  "alter table settlement.partitions add column closed_unix_ms bigint",
  `create table settlement.promised_heads (
    origin text not null,
    number bigint not null check (number > 0),
    size bigint not null,
    checkpoint text,
    accepted_unix_ms bigint,
    primary key (origin, number),
    unique (origin, size)
  )`,
  "lock table settlement.promises in access exclusive mode",
  // A promise names its event's leaf and the checkpoint that covers it; the size of that is on its second line.
  `insert into settlement.promised_heads
  select origin, row_number() over (partition by origin order by size), size, checkpoint, accepted_unix_ms
  from (
    select distinct on (origin, size) origin, size, checkpoint, accepted_unix_ms
    from (select *, split_part(checkpoint, e'\\n', 2)::bigint as size from settlement.promises) as promised
    order by origin, size, accepted_unix_ms
  ) as heads`,
  "drop table settlement.promises",
];

/** One program at a time changes the schema: this lock is its own. */
const migrationLock = 0x7365_7474;

/**
 * Brings the schema `settlement` up to date; whoever comes second finds it done.
 *
 * @throws SettlementError `STATE_UNAVAILABLE`, also when a later version of this program was here
 */
export async function migrate(sql: Sql): Promise<void> {
  await sql.transaction(async (one) => {
    await one.query("select pg_advisory_xact_lock($1)", [migrationLock]);
    await one.query("create schema if not exists settlement");
    await one.query("create table if not exists settlement.migrations (number integer primary key)");
    const [row] = await one.query("select coalesce(max(number), 0) as done from settlement.migrations");
    const done = Number(row?.["done"]);
    if (done > migrations.length) {
      throw new SettlementError(
        "STATE_UNAVAILABLE",
        `the state database is at version ${done} and this program knows ${migrations.length}; run the newer program`,
      );
    }
    for (const [at, step] of migrations.entries()) {
      if (at < done) continue;
      await one.query(step);
      await one.query("insert into settlement.migrations values ($1)", [at + 1]);
    }
  });
}
