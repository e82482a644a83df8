import type { Bundle } from "../core/bundle.ts";
import type { VerifySignature } from "../core/ed25519.ts";
import { type ErrorCode, SettlementError } from "../core/error.ts";
import type { NetworkName } from "../core/network.ts";
import type { Trust } from "../core/trust.ts";
import type { Attempt, Attempts, Clock } from "../ports.ts";
import type { NetworkPlace } from "../settle/network-files.ts";
import { type LedgerView, type PartitionView, readLedgerView } from "../settle/ledger-view.ts";
import type { TreeDeps } from "../settle/month-tree.ts";
import { type EventLeaf, findEvent, monthProver, type MonthProver } from "../settle/prove-inclusion.ts";
import type { AcceptDeps } from "./accept.ts";
import type { AdminDeps } from "./admin-acts.ts";
import { type MonthsNow, monthsNow, type Settling } from "./month-states.ts";
import { type LogConsistency, publishedLedgerLog, type PublishedLog, publishedMonthLog } from "../settle/log-tree.ts";
import type { NodeCheck } from "./node-check.ts";
import { readReleases, type ReleaseReading } from "./release-reading.ts";
import type { UpdateLimits } from "./updates.ts";
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

export interface HttpDeps extends TreeDeps {
  readonly attempts: Pick<Attempts, "list">;
  /** What posted bundles are judged by. */
  readonly trust: Trust;
  /** The network that witnesses this ledger. */
  readonly network: NetworkName;
  readonly verify: VerifySignature;
  /** Where the network of the ledger keeps its policy and its profiles; releases are judged without them when left out. */
  readonly place?: NetworkPlace;
  /** Bytes of a policy to use instead of the network's. */
  readonly policy?: Uint8Array | undefined;
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
  /** Takes events; without it there is no route for it. */
  readonly accepting?: AcceptDeps;
  /** What operators may do; without it there are no routes for it. */
  readonly admin?: AdminDeps;
  /** Says what files do not of how far the months are; files alone say it when left out. */
  readonly settling?: Settling;
  /** Of those who listen to updates. */
  readonly updates?: UpdateLimits;
  /** The system's clock when left out. */
  readonly clock?: Clock;
  /** Age above which the ledger is read again, milliseconds; 1000 when left out. */
  readonly viewMaxAgeMs?: number;
}

/** What routes work with. Whatever fails here is a fault of our own data and never of the request. */
export interface Context {
  readonly deps: HttpDeps;
  view(): Promise<LedgerView>;
  /** How far every month is. */
  months(): Promise<MonthsNow>;
  /** @throws SettlementError `PARTITION_NOT_CLOSED`, `LEDGER_REFUTED` */
  proof(view: LedgerView, leaf: EventLeaf): Promise<Bundle>;
  /** @throws SettlementError `EVENT_NOT_FOUND`, `EVENT_NAME_MALFORMED` */
  find(view: LedgerView, name: string): Promise<EventLeaf>;
  /** @throws SettlementError `PARTITION_NOT_CLOSED` when there is no closed month */
  ledgerLog(view: LedgerView): PublishedLog;
  /** @throws SettlementError `PARTITION_NOT_CLOSED` */
  monthLog(view: LedgerView, partition: PartitionView): PublishedLog;
  /** @throws SettlementError `LEDGER_REFUTED` */
  consistency(log: PublishedLog, oldSize: number, newSize: number): Promise<LogConsistency>;
  file(partition: PartitionView, name: string): Promise<Uint8Array | undefined>;
  attempts(): Promise<readonly Attempt[]>;
  /** What releases are judged by. */
  releases(): Promise<ReleaseReading>;
  /** Whatever fails in this is a fault of our own data. */
  own<T>(read: () => Promise<T>): Promise<T>;
}

/** Months whose nodes and receipts are kept in memory. */
const keptMonths = 16;

export function makeContext(deps: HttpDeps): Context {
  const { archive, clock = Date.now, viewMaxAgeMs = 1000 } = deps;
  const ours = ownData(deps.log);
  const view = viewCache(() => readLedgerView(deps), clock, viewMaxAgeMs);
  const provers = recentlyUsed<MonthProver>(keptMonths);
  const context: Context = {
    deps,
    view: () => ours(view),
    months: () => ours(async () => monthsNow(await view(), deps.settling, clock())),
    proof(ledger, { partition, index }) {
      const { month, manifest, receipt, xpop } = partition;
      const witness = xpop ? "proven" : receipt ? "anchored" : "closed";
      const name = `${month} ${manifest?.manifestHash} ${witness}`;
      return ours(async () => (await provers(name, () => monthProver(ledger, partition, deps))).prove(index));
    },
    find: (ledger, name) => ours(() => findEvent(ledger, name)),
    ledgerLog: (ledger) => publishedLedgerLog(ledger, deps),
    monthLog: (ledger, partition) => publishedMonthLog(ledger, partition, deps),
    consistency: (log, oldSize, newSize) => ours(() => log.consistency(oldSize, newSize)),
    file: ({ month }, name) => ours(() => archive.read(month, name)),
    attempts: () => ours(() => deps.attempts.list()),
    releases: () => ours(releases),
    own: ours,
  };
  // What the ledger says of keys and anchors is read for it, so it is kept longer.
  const releases = viewCache(() => readReleases(deps, context), clock, 10 * viewMaxAgeMs);
  return context;
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
      if (!(error instanceof SettlementError) || ofRequest.has(error.code)) throw error;
      log({ level: "error", message: "own data failed", error });
      throw told(error);
    }
  };
}

/** What is to be said of a request, whatever our own data. */
const ofRequest: ReadonlySet<ErrorCode> = new Set([
  "PARTITION_NOT_CLOSED",
  "EVENT_NOT_FOUND",
  "EVENT_NAME_MALFORMED",
  "NODE_NOT_FOUND",
]);

function told(error: SettlementError): SettlementError {
  const { kind, code, message } = error;
  if (kind === "refuted") return new SettlementError("LEDGER_REFUTED", message, { cause: error });
  if (kind === "unavailable" || kind === "uncertain") {
    return new SettlementError(code, "the server cannot read its data now; ask again later", { cause: error });
  }
  const detail = `the ledger of the server cannot be served (${code}); its operator has to repair it`;
  return new SettlementError("LEDGER_UNREADABLE", detail, { cause: error });
}
