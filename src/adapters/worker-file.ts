import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SettlementError } from "../core/error.ts";
import { fieldsOf } from "../core/fields.ts";
import { isJsonObject, type JsonObject, parseJson } from "../core/json.ts";

/** What a running worker says of itself, for who looks from outside its process. */
export interface WorkerStatus {
  readonly pid: number;
  readonly startedUnixMs: number;
  readonly heardUnixMs: number;
  readonly queue: string;
  readonly paused: boolean;
  /** Jobs by state: waiting, active, delayed, failed. */
  readonly jobs: Readonly<Record<string, number>>;
  /** Account, balance and fee as last seen, for people. */
  readonly chain: JsonObject;
  /** What a human should know, with what to do. */
  readonly attention: readonly string[];
  /** Attempts as the worker knows them: the state database is its own while it runs. */
  readonly attempts: readonly JsonObject[];
  readonly records: readonly JsonObject[];
}

const name = "worker.json";
const maxBytes = 10_000_000;

/** Replaces the status a worker left in its data folder. It is no truth, so it is not synced; who cannot write it works on. */
export function writeWorkerStatus(folder: string, status: WorkerStatus): void {
  const path = join(folder, name);
  try {
    writeFileSync(`${path}.new`, `${JSON.stringify(status)}\n`);
    renameSync(`${path}.new`, path);
  } catch {
    // A full disk must not stop what else the worker can do.
  }
}

/** A worker that stops leaves no status. */
export function removeWorkerStatus(folder: string): void {
  rmSync(join(folder, name), { force: true });
}

/** The status of the worker that runs in this data folder; undefined when none does, or when it left no readable one. */
export function readWorkerStatus(folder: string): WorkerStatus | undefined {
  try {
    const fields = fieldsOf("STATE_UNAVAILABLE", name, parseJson(readFileSync(join(folder, name)), { maxBytes }));
    const objects = (member: string): JsonObject[] => fields.list(member).filter(isJsonObject);
    return {
      pid: fields.count("pid"),
      startedUnixMs: fields.count("startedUnixMs"),
      heardUnixMs: fields.count("heardUnixMs"),
      queue: fields.text("queue", 40),
      paused: fields.member("paused") === true,
      jobs: Object.fromEntries(
        Object.entries(fields.reader("jobs").object).map(([key, value]) => [key, Number(value)]),
      ),
      chain: fields.reader("chain").object,
      attention: fields.list("attention").map(String),
      attempts: objects("attempts"),
      records: objects("records"),
    };
  } catch (error) {
    if (error instanceof SettlementError || (error instanceof Error && "code" in error)) return undefined;
    throw error;
  }
}
