import { existsSync } from "node:fs";
import { join } from "node:path";
import { openPglite } from "./adapters/pglite.ts";
import { openPostgres } from "./adapters/postgres.ts";
import type { Sql } from "./adapters/sql.ts";
import { sqlState, type State } from "./adapters/sql-state.ts";
import { readSecret, requireOne } from "./compose-keys.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";
import type { Attempt, Attempts, SignedHeads } from "./ports.ts";
import type { Known } from "./settle/node-status.ts";
import { readWorkerStatus, type WorkerStatus } from "./adapters/worker-file.ts";

/** A reader holds the state for a second at the most; who writes waits for it. */
const readerHoldsMs = 3000;

/** The state of this node: in the data folder, taken by this process alone, or in a PostgreSQL. */
export interface OpenState extends State {
  /** Resolves when the database answers. @throws SettlementError `STATE_UNAVAILABLE` */
  answers(): Promise<void>;
  close(): Promise<void>;
}

/** Address of the PostgreSQL that holds the state; undefined where it is in the data folder. */
export function stateUrl({ stateUrl: given, stateUrlFile }: Config): string | undefined {
  requireOne(given, stateUrlFile, "SETTLEMENT_STATE_URL", "--state-url-file");
  return given ?? (stateUrlFile === undefined ? undefined : readSecret(stateUrlFile, "state URL", "--state-url-file"));
}

/** @throws SettlementError `STATE_UNAVAILABLE`, also when another process has it open */
export async function openState(config: Config, lockWaitMs = readerHoldsMs): Promise<OpenState> {
  const url = stateUrl(config);
  const database: Sql & { close(): Promise<void> } =
    url === undefined ? await openPglite(join(config.data, "state"), lockWaitMs) : await openPostgres(url);
  try {
    const state = await sqlState(database);
    const answers = async (): Promise<void> => void (await database.query("select 1"));
    return { ...state, answers, close: () => database.close() };
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Signed heads whose state is opened when the first is recorded: a close that is refused leaves nothing behind. */
export function headsOnDemand(config: Config): SignedHeads & { close(): Promise<void> } {
  let state: Promise<OpenState> | undefined;
  const opened = (): Promise<OpenState> => (state ??= openState(config));
  return {
    async ready() {
      await opened();
    },
    async record(origin, size, root) {
      await (await opened()).heads.record(origin, size, root);
    },
    async list(origin) {
      return (await opened()).heads.list(origin);
    },
    async close() {
      await state?.then(
        (each) => each.close(),
        () => undefined,
      );
    },
  };
}

/** Time for which a reader does not look at the attempts again, milliseconds. */
const attemptsAgeMs = 5000;

/**
 * Attempts as a reader sees them who leaves the state to others: it is opened for a look now and then, by all readers
 * together, and while another process has it the last look stands.
 */
export function attemptsOnDemand(config: Config): Pick<Attempts, "list"> {
  let last: readonly Attempt[] = [];
  let lookedUnixMs = 0;
  let look: Promise<void> | undefined;
  const lookNow = async (): Promise<void> => {
    if (stateUrl(config) === undefined && !existsSync(join(config.data, "state"))) return;
    try {
      const state = await openState(config, 0);
      last = await state.attempts.list();
      await state.close();
    } catch (error) {
      if (!(error instanceof SettlementError && error.code === "STATE_UNAVAILABLE")) throw error;
    }
  };
  return {
    async list() {
      if (look === undefined && Date.now() - lookedUnixMs > attemptsAgeMs) {
        look = lookNow().finally(() => {
          lookedUnixMs = Date.now();
          look = undefined;
        });
      }
      await look;
      return last;
    },
  };
}

/** What is known of the months' way: from the state itself, or from what the worker that has it open says. */
export async function lookAtState(
  config: Config,
  origin: string | undefined,
): Promise<{ readonly known: Known; readonly worker: WorkerStatus | undefined }> {
  const worker = readWorkerStatus(config.data);
  const told: Known = {
    records: (worker?.records ?? []) as unknown as Known["records"],
    attempts: (worker?.attempts ?? []) as unknown as Known["attempts"],
  };
  if (stateUrl(config) === undefined && !existsSync(join(config.data, "state"))) return { known: told, worker };
  try {
    const state = await openState(config, 0);
    try {
      const records = origin === undefined ? [] : await state.partitions.list(origin);
      return { known: { records, attempts: await state.attempts.list() }, worker };
    } finally {
      await state.close();
    }
  } catch (error) {
    if (!(error instanceof SettlementError && error.code === "STATE_UNAVAILABLE")) throw error;
    return { known: told, worker };
  }
}
