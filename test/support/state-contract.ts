import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { memoryAuditLog } from "../../src/adapters/memory-audit-log.ts";
import { memoryEvidence } from "../../src/adapters/memory-evidence.ts";
import { memoryHeads } from "../../src/adapters/memory-heads.ts";
import { memoryLooks } from "../../src/adapters/memory-looks.ts";
import { memoryNotices } from "../../src/adapters/memory-notices.ts";
import { memoryPartitions } from "../../src/adapters/memory-partitions.ts";
import { memoryPromises } from "../../src/adapters/memory-promises.ts";
import { memorySeenLedgers } from "../../src/adapters/memory-seen-ledgers.ts";
import type { Sql, SqlStatements } from "../../src/adapters/sql.ts";
import { sqlState, type State } from "../../src/adapters/sql-state.ts";
import { auditLogContract } from "./audit-log-contract.ts";
import { evidenceContract } from "./evidence-contract.ts";
import { looksContract } from "./looks-contract.ts";
import { noticesContract } from "./notices-contract.ts";
import { partitionsContract } from "./partitions-contract.ts";
import { promisesContract } from "./promises-contract.ts";
import { seenLedgersContract } from "./seen-ledgers-contract.ts";

/** What the stores of a state promise beside its attempts and heads. @param make - an empty state */
export function stateContract(name: string, make: () => Promise<State>): void {
  partitionsContract(name, async () => (await make()).partitions);
  evidenceContract(name, async () => (await make()).evidence);
  seenLedgersContract(name, async () => (await make()).seenLedgers);
  promisesContract(name, async () => (await make()).promises);
  noticesContract(name, async () => (await make()).notices);
  auditLogContract(name, async () => (await make()).auditLog);
  looksContract(name, async () => (await make()).looks);
}

/** A state that lives as long as the test. */
export function memoryState(): State {
  return {
    attempts: memoryAttempts(),
    heads: memoryHeads(),
    partitions: memoryPartitions(),
    evidence: memoryEvidence(),
    seenLedgers: memorySeenLedgers(),
    promises: memoryPromises(),
    notices: memoryNotices(),
    auditLog: memoryAuditLog(),
    looks: memoryLooks(),
  };
}

/** The state of a database, with nothing in it. */
export async function emptiedState(sql: Sql): Promise<State> {
  const state = await sqlState(sql);
  const tables = await sql.query(
    "select string_agg(format('%I.%I', schemaname, tablename), ', ') as names from pg_tables where schemaname = 'settlement' and tablename <> 'migrations'",
  );
  await sql.query(`truncate ${String(tables[0]?.["names"])} restart identity`);
  return state;
}

/** A database behind a driver that gives 64-bit integers as texts, as some do. */
export function integersAsTexts(database: Sql): Sql {
  const asTexts = (value: unknown): unknown =>
    typeof value === "number" || typeof value === "bigint" ? String(value) : value;
  const wrapped = (one: SqlStatements): SqlStatements => ({
    query: async (text, values) =>
      (await one.query(text, values)).map((row) =>
        Object.fromEntries(Object.entries(row).map(([name, value]) => [name, asTexts(value)])),
      ),
  });
  return { ...wrapped(database), transaction: (work) => database.transaction((one) => work(wrapped(one))) };
}
