import { openWorkQueue, type WorkQueue } from "../../../jobs/work-queue.ts";
import type { OpenLedger } from "../../compose.ts";
import { acceptingInto } from "../../compose-accept.ts";
import { readSecret, settlementKey } from "../../compose-keys.ts";
import { openBackend, originOf } from "../../compose-node.ts";
import { openState, type OpenState, stateUrl } from "../../compose-state.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import type { AdminDeps, ChainSeen } from "../../http/admin-acts.ts";
import { parseAdminTokens } from "../../http/admin-tokens.ts";
import type { HttpDeps } from "../../http/context.ts";
import type { Settling } from "../../http/month-states.ts";
import type { ChainStatus, Log } from "../../ports.ts";
import { balanceOf } from "../../settle/balance.ts";
import { noticeOf } from "../../settle/notices.ts";
import { adminActs } from "./admin-acts.ts";

interface Operated {
  readonly open: OpenLedger;
  readonly state: OpenState;
  readonly queue: WorkQueue;
  /** Where this process is the worker. */
  readonly worker?: WorkerSeen;
}

/** What is seen of a worker by whom it shares its process with. */
export interface WorkerSeen extends Required<Pick<AdminDeps, "validate" | "schedule">> {
  readonly chain: () => ChainStatus | undefined;
}

/** Says what files do not of how far the months are. */
export function settlingOf({ grace }: Config, open: OpenLedger, { partitions }: OpenState): Settling {
  return {
    graceMs: grace * 60_000,
    async records() {
      const origin = await originOf(open);
      return origin === undefined ? [] : partitions.list(origin);
    },
    async closedTimes() {
      const origin = await originOf(open);
      return origin === undefined ? new Map() : partitions.closedTimes(origin);
    },
  };
}

/** The routes of operators, where tokens are configured. @throws SettlementError `CONFIG_INVALID`, `SECRET_UNREADABLE` */
export function adminOf(config: Config, { open, state, queue, worker }: Operated): { readonly admin?: AdminDeps } {
  const { adminTokensFile, network, grace } = config;
  if (adminTokensFile === undefined) return {};
  const tokens = parseAdminTokens(readSecret(adminTokensFile, "list of admin tokens", "--admin-tokens-file"));
  if (tokens.length === 0) return {};
  const acts = adminActs(
    {
      ...open,
      ...state,
      network,
      clock: Date.now,
      graceMs: grace * 60_000,
      tell: (fact) => state.notices.record(noticeOf(fact, Date.now())),
    },
    queue,
  );
  const schedule = { graceMinutes: grace, ...worker?.schedule };
  const of = { tokens, auditLog: state.auditLog, acts, schedule };
  if (!worker) return { admin: of };
  const { validate, chain } = worker;
  const seen = (): ChainSeen | undefined => {
    const status = chain();
    return status && { balance: balanceOf(status, config.lowBalance), validatedIndex: status.validatedIndex };
  };
  return { admin: { ...of, chain: seen, validate } };
}

/** What an API shares with the workers of other processes. */
export interface SharedApi {
  readonly deps: Partial<HttpDeps>;
  close(): Promise<void>;
}

/**
 * Opens the state, and for operators the queue, where processes can share them: on servers. An API beside a worker whose
 * state is in the data folder looks at it now and then, and has nothing for operators.
 *
 * @throws SettlementError `CONFIG_INVALID`, `STATE_UNAVAILABLE`, `QUEUE_UNAVAILABLE`
 */
export async function openSharedApi(config: Config, log: Log, open: OpenLedger): Promise<SharedApi> {
  const isShared = stateUrl(config) !== undefined;
  const hasOperators = config.adminTokensFile !== undefined;
  if (config.accept && !isShared) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "--accept needs a state that serve can share with a worker: --state-url-file; with the state in the data folder, settlement run accepts events",
    );
  }
  if (hasOperators && (!isShared || config.queue === "embedded")) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "--admin-tokens-file needs what serve can share with a worker: --state-url-file, and --queue postgres or redis; with the embedded ones, settlement run has the admin endpoints",
    );
  }
  const closing = new AsyncDisposableStack();
  const close = (): Promise<void> => closing.disposeAsync();
  if (!isShared) return { deps: {}, close };
  try {
    const state = await openState(config);
    closing.defer(() => state.close());
    const accepting = config.accept
      ? { accepting: acceptingInto(config, open, { key: settlementKey(config), state }) }
      : {};
    if (!hasOperators) return { deps: { attempts: state.attempts, ...accepting }, close };
    const backend = await openBackend(config, log);
    closing.defer(() => backend.close());
    const queue = await openWorkQueue(backend, (message) => log({ level: "warn", message }));
    closing.defer(() => queue.close());
    const checks = [{ name: "queue", isRequired: false, look: () => backend.healthy().then(() => undefined) }];
    return {
      deps: { attempts: state.attempts, checks, ...accepting, ...adminOf(config, { open, state, queue }) },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}
