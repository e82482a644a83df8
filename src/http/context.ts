import type { VerifySignature } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import type { Sha256 } from "../core/hash.ts";
import type { NetworkName } from "../core/network.ts";
import type { Trust } from "../core/trust.ts";
import type { Archive, Attempt, Attempts, Clock, Ledger } from "../ports.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "../settle/ledger-view.ts";
import { monthProver, type MonthProver } from "../settle/prove-inclusion.ts";
import type { AdminDeps } from "./admin-acts.ts";
import { checkedLog, type CheckedLog } from "./log-tree.ts";
import type { NodeCheck } from "./node-check.ts";
import { recentlyUsed, viewCache } from "./view-cache.ts";

/** A fixed message with fields beside it. */
export type HttpLogEntry =
  | {
      readonly level: "info";
      readonly message: "request";
      readonly requestId: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
      readonly durationMs: number;
      /** Of the problem that was answered. */
      readonly code?: string;
    }
  /** The ledger, its archive or the state cannot be read, or contradict themselves. */
  | { readonly level: "error"; readonly message: "own data failed"; readonly error: SettlementError }
  /** A bug. */
  | {
      readonly level: "error";
      readonly message: "request failed";
      readonly requestId: string;
      readonly error: unknown;
    }
  /** A neighbour stopped to answer, or answers again. */
  | { readonly level: "warn"; readonly message: "check fails"; readonly check: string; readonly error: unknown }
  | { readonly level: "info"; readonly message: "check passes again"; readonly check: string }
  /** Somebody without a token asked for what operators may, so many times since this was said last. */
  | { readonly level: "warn"; readonly message: "admin requests refused"; readonly count: number }
  | ({ readonly level: "info"; readonly message: "admin act"; readonly detail: string; readonly outcome: string } & Act)
  | ({ readonly level: "error"; readonly message: "audit log failed"; readonly error: unknown } & Act);

type Act = { readonly actor: string; readonly act: string };

/** A request that was answered. */
export interface AnsweredRequest {
  /** Path of the route with names for its parameters; `none` where no route was meant. */
  readonly route: string;
  readonly status: number;
  readonly durationMs: number;
}

export interface HttpDeps {
  readonly ledger: Ledger;
  readonly archive: Archive;
  readonly attempts: Pick<Attempts, "list">;
  /** What posted bundles are judged by. */
  readonly trust: Trust;
  /** The network that witnesses this ledger. */
  readonly network: NetworkName;
  readonly verify: VerifySignature;
  readonly sha256: Sha256;
  /** Of the program. */
  readonly version: string;
  readonly log: (entry: HttpLogEntry) => void;
  /** Further reasons, as texts for everybody, why this node should get no traffic now; none when it is ready. */
  readonly notReady?: () => Promise<readonly string[]>;
  /** What else the node depends on, such as its queue. */
  readonly checks?: readonly NodeCheck[];
  /** Text format of Prometheus; without it there is no `/metrics`. */
  readonly metrics?: () => Promise<string>;
  /** Hears of every request that was answered. */
  readonly onRequest?: (request: AnsweredRequest) => void;
  /** What operators may do; without it there are no routes for it. */
  readonly admin?: AdminDeps;
  /** The system's clock when left out. */
  readonly clock?: Clock;
  /** Age above which the ledger is read again, milliseconds; 1000 when left out. */
  readonly viewMaxAgeMs?: number;
}

/** What routes work with. Whatever fails here is a fault of our own data and never of the request. */
export interface Context {
  readonly deps: HttpDeps;
  view(): Promise<LedgerView>;
  /** @throws SettlementError `PARTITION_NOT_CLOSED`, `LEDGER_REFUTED` */
  prover(partition: PartitionView): Promise<MonthProver>;
  /** @throws SettlementError `LEDGER_REFUTED`, `PARTITION_NOT_CLOSED` when there is no closed month */
  ledgerLog(view: LedgerView): Promise<CheckedLog>;
  /** @throws SettlementError `LEDGER_REFUTED`, `PARTITION_NOT_CLOSED` */
  monthLog(partition: PartitionView): Promise<CheckedLog>;
  file(partition: PartitionView, name: string): Promise<Uint8Array | undefined>;
  attempts(): Promise<readonly Attempt[]>;
}

/** Trees kept in memory, about 100 bytes an event each. */
const keptMonths = 4;

export function makeContext(deps: HttpDeps): Context {
  const { archive, sha256, clock = Date.now, viewMaxAgeMs = 1000 } = deps;
  const ours = ownData(deps.log);
  const view = viewCache(() => readLedgerView(deps), clock, viewMaxAgeMs);
  const provers = recentlyUsed<MonthProver>(keptMonths);
  const logs = recentlyUsed<CheckedLog>(keptMonths);
  return {
    deps,
    view: () => ours(view),
    prover(partition) {
      const { month, manifest, receipt, xpop } = partition;
      const witness = xpop ? "proven" : receipt ? "anchored" : "closed";
      const name = `${month} ${manifest?.manifestHash} ${witness}`;
      return ours(() => provers(name, () => monthProver(partition, deps)));
    },
    ledgerLog(ledger) {
      const closed = ledger.partitions.filter(({ manifest }) => manifest !== undefined);
      const last = closed.at(-1)?.evidence;
      return ours(() =>
        logs(`ledger ${last?.l}`, async () =>
          checkedLog(closed, last && { origin: last.o, size: last.s, root: last.l }, sha256),
        ),
      );
    },
    monthLog(partition) {
      const { month, manifest, evidence } = partition;
      const head = manifest &&
        evidence && { origin: `${evidence.o}/${month}`, size: manifest.count, root: manifest.root };
      return ours(() => logs(`${month} ${manifest?.root}`, async () => checkedLog([partition], head, sha256)));
    },
    file: ({ month }, name) => ours(() => archive.read(month, name)),
    attempts: () => ours(() => deps.attempts.list()),
  };
}

/**
 * Tells the client of a fault in our own data without blaming the request and without paths or addresses of this
 * machine, which the messages of ports may hold; they go to the log.
 */
function ownData(log: HttpDeps["log"]): <T>(read: () => Promise<T>) => Promise<T> {
  return async (read) => {
    try {
      return await read();
    } catch (error) {
      if (!(error instanceof SettlementError) || error.code === "PARTITION_NOT_CLOSED") throw error;
      log({ level: "error", message: "own data failed", error });
      throw told(error);
    }
  };
}

function told(error: SettlementError): SettlementError {
  const { kind, code, message } = error;
  if (kind === "refuted") return new SettlementError("LEDGER_REFUTED", message, { cause: error });
  if (kind === "unavailable" || kind === "uncertain") {
    return new SettlementError(code, "the server cannot read its data now; ask again later", { cause: error });
  }
  const detail = `the ledger of the server cannot be served (${code}); its operator has to repair it`;
  return new SettlementError("LEDGER_UNREADABLE", detail, { cause: error });
}
