import type { PGlite } from "@electric-sql/pglite";
import { openPglite } from "../../src/adapters/pglite.ts";
import type { Sql, SqlRow, SqlStatements } from "../../src/adapters/sql.ts";
import { sqlState } from "../../src/adapters/sql-state.ts";

/** State databases of hosts, each a schema of one PGlite that serves every schedule of this process. */
export interface Databases {
  readonly hosts: readonly Database[];
  /** Forgets what the schedule before left. */
  clean(): Promise<void>;
  close(): Promise<void>;
}

export interface Database {
  readonly sql: Sql;
  /** The disk is lost. */
  wipe(): Promise<void>;
  /** Makes a backup. Resolves to what puts it back in the place of all that is there by then. */
  backup(): Promise<() => Promise<void>>;
}

const mostHosts = 2;
/** Nobody vacuums here, and what was deleted stays in the way. */
const truncateEvery = 200;

type Value = string | number | null;

export function isRead(text: string): boolean {
  return /^\s*select\b/i.test(text);
}

/** The table a statement is about; none where it is about several or about something else. */
function tableOf(text: string): string {
  const names = new Set(Array.from(text.matchAll(/\bsettlement\.(\w+)/g), ([, name]) => name));
  const [only = ""] = names;
  return names.size === 1 ? only : "";
}

function literal(value: Value | undefined): string {
  if (value === undefined || value === null) return "null";
  return `'${String(value).replaceAll("'", "''")}'`;
}

/** A statement with its values written in is one message to the database instead of five. */
function executed(db: Pick<PGlite, "exec">): SqlStatements {
  return {
    async query(text, values = []) {
      const filled = text.replaceAll(/\$(\d+)/g, (_, number: string) => literal(values[Number(number) - 1]));
      return (await db.exec(filled)).at(-1)?.rows ?? [];
    },
  };
}

interface Remembering extends SqlStatements {
  forget(): void;
  /** Something was changed past these statements. */
  changeAll(): void;
  /** Tables that were changed since the last call; one without a name stands for all. */
  takeChanged(): ReadonlySet<string>;
}

/**
 * What was read of a table is remembered until a statement changes it: nobody else writes, so the database would answer the
 * same.
 */
function remembering(one: SqlStatements): Remembering {
  const read = new Map<string, Map<string, readonly SqlRow[]>>();
  let changed = new Set<string>();
  return {
    forget: () => read.clear(),
    changeAll() {
      read.clear();
      changed.add("");
    },
    takeChanged() {
      const taken = changed;
      changed = new Set();
      return taken;
    },
    async query(text, values = []) {
      const table = tableOf(text);
      if (!isRead(text) || table === "") {
        if (table === "") read.clear();
        else read.delete(table);
        if (!isRead(text)) changed.add(table);
        return one.query(text, values);
      }
      const ofTable = read.get(table) ?? new Map<string, readonly SqlRow[]>();
      read.set(table, ofTable);
      const key = JSON.stringify([text, values]);
      const rows = ofTable.get(key) ?? (await one.query(text, values));
      ofTable.set(key, rows);
      return rows;
    },
  };
}

function inSchema(schema: string, one: SqlStatements): SqlStatements {
  const texts = new Map<string, string>();
  return {
    query(text, values) {
      const placed = texts.get(text) ?? text.replaceAll(/\bsettlement\b/g, schema);
      texts.set(text, placed);
      return one.query(placed, values);
    },
  };
}

// The younger first: they refer to the older.
const tablesSql = `
  select relname as name from pg_class join pg_namespace on pg_namespace.oid = relnamespace
  where nspname = $1 and relkind = 'r' and relname <> 'migrations' order by pg_class.oid desc`;

async function openDatabase(schema: string, db: PGlite): Promise<Database & { truncate(): Promise<void> }> {
  const statements = remembering(inSchema(schema, executed(db)));
  const sql: Sql = {
    query: (text, values) => statements.query(text, values),
    async transaction(work) {
      statements.changeAll();
      return db.transaction((one) => work(inSchema(schema, executed(one))));
    },
  };
  await sqlState(sql);
  const tables = (await executed(db).query(tablesSql, [schema])).map((row) => `${schema}.${String(row["name"])}`);
  const run = async (text: string): Promise<void> => {
    statements.forget();
    await db.exec(text);
  };
  const wipe = async (): Promise<void> => {
    const changed = statements.takeChanged();
    const full = changed.has("") ? tables : tables.filter((table) => changed.has(table.slice(schema.length + 1)));
    if (full.length > 0) await run(full.map((table) => `delete from ${table}`).join(";"));
  };
  return {
    sql,
    wipe,
    async backup() {
      const copies = await db.exec(
        tables.map((table) => `select json_agg(one)::text as rows from ${table} one`).join(";"),
      );
      const rows = copies.map((copy) => copy.rows[0]?.["rows"]);
      return async () => {
        await wipe();
        statements.changeAll();
        const filled = tables.flatMap((table, at) =>
          typeof rows[at] === "string" ? [[table, rows[at]] as const] : [],
        );
        // The older first: the younger refer to them.
        for (const [table, json] of filled.toReversed()) {
          const records = `json_populate_recordset(null::${table}, ${literal(json)})`;
          await run(`insert into ${table} overriding system value select * from ${records}`);
        }
      };
    },
    truncate: () => run(`truncate ${tables.join(", ")}`),
  };
}

export async function openDatabases(): Promise<Databases> {
  const { db, close } = await openPglite();
  const hosts: Awaited<ReturnType<typeof openDatabase>>[] = [];
  for (let host = 1; host <= mostHosts; host++) hosts.push(await openDatabase(`host_${host}`, db));
  let schedules = 0;
  return {
    hosts,
    async clean() {
      schedules++;
      for (const host of hosts) await (schedules % truncateEvery === 0 ? host.truncate() : host.wipe());
    },
    close,
  };
}
