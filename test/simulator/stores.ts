import { readsOf } from "../../src/adapters/snapshot-ledger.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { Archive, Ledger } from "../../src/ports.ts";
import type { Sql, SqlRow, SqlStatements } from "../../src/adapters/sql.ts";
import { alreadyClosed, archiveConflict, archivePath } from "../../src/adapters/archive-names.ts";
import { equalBytes } from "../../src/core/bytes.ts";
import { isMonth, type Month } from "../../src/core/month.ts";
import type { Actor, Boundary, Operation } from "./boundary.ts";
import { isRead } from "./database.ts";
import { shown } from "./shown.ts";

const sqlMs = 3;
const diskMs = 2;

function stateLost(): SettlementError {
  return new SettlementError("STATE_UNAVAILABLE", "the connection to the state database broke");
}

function diskFailed(): SettlementError {
  return new SettlementError("LEDGER_WRITE_FAILED", "the disk does not take it");
}

function diskUnreadable(): SettlementError {
  return new SettlementError("LEDGER_UNREADABLE", "the disk does not give it");
}

function tableIn(text: string): string {
  return /settlement\.(\w+)/.exec(text)?.[1] ?? "";
}

/** `insert into settlement.anchor_attempts` and the like. */
function shortSql(text: string): string {
  return `${/\w+/.exec(text)?.[0] ?? ""} ${tableIn(text)}`;
}

/** A worker's connection to its state database. A transaction is one operation: nothing falls between its statements. */
export function sqlOf(actor: Actor, boundary: Boundary, sql: Sql, onChange: (table: string, row: SqlRow) => void): Sql {
  const operation = <T>(what: string, effect: () => Promise<T>): Operation<T> => ({
    on: "sql",
    what,
    effect,
    failure: stateLost,
    latencyMs: sqlMs,
  });
  return {
    query: (text, values) =>
      boundary.perform(actor, {
        ...operation(shortSql(text), async () => {
          const rows = await sql.query(text, values);
          if (!isRead(text)) for (const row of rows) onChange(tableIn(text), row);
          return rows;
        }),
        told: (rows) => `${rows.length} rows ${shown(rows[0]?.["state"])}`,
      }),
    transaction: <T>(work: (one: SqlStatements) => Promise<T>) =>
      boundary.perform(
        actor,
        operation("transaction", () => sql.transaction(work)),
      ),
  };
}

/** Files of closed months on a disk that loses some. */
export interface SimulatedArchive extends Archive {
  /** @returns whether there was one to lose */
  loseReceipt(month: Month): boolean;
  loseProof(month: Month): boolean;
  hasReceipt(month: Month): boolean;
  hasProof(month: Month): boolean;
}

/** @param onWritten - hears of each file that is there from now on */
export function simulatedArchive(
  onWritten: (name: string, bytes: Uint8Array) => void = () => undefined,
): SimulatedArchive {
  const files = new Map<string, Uint8Array>();
  const isClosed = (month: Month): boolean => files.has(archivePath(month, "manifest.json"));
  const write: Archive["write"] = async (month, name, bytes) => {
    const path = archivePath(month, name);
    const existing = files.get(path);
    if (existing && !equalBytes(existing, bytes)) throw archiveConflict(path);
    files.set(path, bytes);
    onWritten(name, bytes);
  };
  return {
    months: async () =>
      Array.from(files.keys(), (path) => path.split("/")[1])
        .filter((month, at, all) => isMonth(month) && isClosed(month) && all.indexOf(month) === at)
        .filter(isMonth)
        .toSorted(),
    read: async (month, name) => files.get(archivePath(month, name)),
    part: async (month, name, start, length) => files.get(archivePath(month, name))?.slice(start, start + length),
    write,
    async writeAll(month, added) {
      for (const [name, bytes] of added) await write(month, name, bytes);
    },
    async discard(month) {
      if (isClosed(month)) throw alreadyClosed(month);
      for (const path of files.keys()) if (path.startsWith(`anchors/${month}/`)) files.delete(path);
    },
    hasReceipt: (month) => files.has(archivePath(month, "receipt.json")),
    hasProof: (month) => files.has(archivePath(month, "xpop.json")),
    loseReceipt: (month) => files.delete(archivePath(month, "receipt.json")),
    loseProof: (month) => files.delete(archivePath(month, "xpop.json")),
  };
}

/** A worker's way to the files. */
export function archiveOf(actor: Actor, boundary: Boundary, archive: Archive): Archive {
  const operation = <T>(what: string, effect: () => Promise<T>, failure: () => SettlementError): Operation<T> => ({
    on: "archive",
    what,
    effect,
    failure,
    latencyMs: diskMs,
  });
  return {
    months: () =>
      boundary.perform(actor, { ...operation("months", () => archive.months(), diskUnreadable), isQuick: true }),
    read: (month, name) =>
      boundary.perform(actor, {
        ...operation(`read ${month}/${name}`, () => archive.read(month, name), diskUnreadable),
        isQuick: true,
        told: (bytes) => (bytes ? "there" : "not there"),
      }),
    part: (month, name, start, length) =>
      boundary.perform(actor, {
        ...operation(`read of ${month}/${name}`, () => archive.part(month, name, start, length), diskUnreadable),
        isQuick: true,
        told: (bytes) => (bytes ? "there" : "not there"),
      }),
    async writeAll(month, files) {
      for (const [name, bytes] of files) {
        await boundary.perform(
          actor,
          operation(`write ${month}/${name}`, () => archive.write(month, name, bytes), diskFailed),
        );
      }
    },
    write: (month, name, bytes) =>
      boundary.perform(
        actor,
        operation(`write ${month}/${name}`, () => archive.write(month, name, bytes), diskFailed),
      ),
    discard: (month) =>
      boundary.perform(
        actor,
        operation(`discard ${month}`, () => archive.discard(month), diskFailed),
      ),
  };
}

/** A worker's way to the events, which nobody changes here. */
export function ledgerOf(actor: Actor, boundary: Boundary, ledger: Ledger): Ledger {
  const snapshot = (): ReturnType<Ledger["snapshot"]> =>
    boundary.perform(actor, {
      on: "ledger",
      what: "read the ledger",
      effect: () => ledger.snapshot(),
      isQuick: true,
      failure: diskUnreadable,
      latencyMs: diskMs,
    });
  return { ...ledger, ...readsOf(snapshot) };
}
