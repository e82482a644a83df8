import { join } from "node:path";
import { type JobBackend, openJobBackend } from "./adapters/job-backend.ts";
import type { RedisConnection } from "./adapters/redis-queue.ts";
import { webhookSender } from "./adapters/webhook-sender.ts";
import {
  closeDeps,
  type OpenLedger,
  openLedger,
  requireConsent,
  requireOrigin,
  trustIn,
  writeTrust,
} from "./compose.ts";
import { fast } from "./compose-judging.ts";
import { checkChainConfig, type OpenChain, openChain, type Report, type Witnesses } from "./compose-chain.ts";
import { openProving, pinnedPublishers, type Proving } from "./compose-proof.ts";
import { readSecret, requireOne, type SettlementKey, settlementKey } from "./compose-keys.ts";
import { openState, type OpenState, stateUrl } from "./compose-state.ts";
import { readWebhooks } from "./compose-webhooks.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";
import { isJsonObject, parseJson } from "./core/json.ts";
import { ledgerOrigin } from "./core/settlement-info.ts";
import type { Chain, ChainStatus, Log } from "./ports.ts";
import { balanceOf, balanceText } from "./settle/balance.ts";
import { signInterim } from "./settle/interim-checkpoint.ts";
import { nextTryMs, noticeDelivery } from "./settle/deliver-notices.ts";
import { noticeOf } from "./settle/notices.ts";
import type { ProveMonthDeps } from "./settle/prove-month.ts";
import type { PublishDeps } from "./settle/publish-month.ts";
import type { MonthFact, SettleAnchorDeps } from "./settle/settle-months.ts";
import { watchedChain } from "./settle/watched-chain.ts";
import { version } from "./version.ts";

/** Time between two looks at a transaction under way, milliseconds; a public network closes a ledger every 3 to 4 seconds. */
const lookMs = { local: 100, elsewhere: 3000 } as const;
/** Time between two looks for validators' signatures, milliseconds: they come within seconds, or with a later ledger. */
const proveMs = { local: 200, elsewhere: 10_000 } as const;

/** Everything a settlement node works with, open. What it does is for its shells to say. */
export interface OpenNode {
  readonly open: OpenLedger;
  readonly key: SettlementKey;
  readonly state: OpenState;
  readonly backend: JobBackend;
  readonly settle: SettleAnchorDeps;
  readonly publish: PublishDeps;
  readonly lookMs: number;
  readonly proveMs: number;
  /** Undefined while the chain was never reached, and where nobody publishes who its validators are. */
  readonly prove: () => ProveMonthDeps | undefined;
  /** Tells webhooks what they have not been told. Resolves to the time until the next try, where one failed. */
  deliver(): Promise<number | undefined>;
  /** Looks at account and fee, and resolves to what a human should know. */
  lookAtChain(): Promise<readonly string[]>;
  /** Signs interim checkpoints of what is open; resolves to their sizes by origin. */
  signCheckpoints(): Promise<ReadonlyMap<string, number>>;
  /** Index of the newest validated ledger, asked now. */
  validatedIndex(): Promise<number>;
  /** What was last seen of the chain. */
  lastChainStatus(): ChainStatus | undefined;
  close(): Promise<void>;
}

/** A chain that is reached when it is first needed: a node starts while the network is down, and goes on when it is back. */
interface ChainOnDemand extends Chain {
  close(): Promise<void>;
}

function chainOnDemand({ network }: Config, open: () => Promise<OpenChain>): ChainOnDemand {
  let opening: Promise<OpenChain> | undefined;
  const opened = async (): Promise<Chain> => {
    const current = (opening ??= open());
    try {
      return (await current).chain;
    } catch (error) {
      if (opening === current) opening = undefined;
      throw error;
    }
  };
  return {
    network,
    status: async () => (await opened()).status(),
    history: async (claim) => (await opened()).history(claim),
    sign: async (memos, sequence) => (await opened()).sign(memos, sequence),
    submit: async (anchor) => (await opened()).submit(anchor),
    outcome: async (anchor) => (await opened()).outcome(anchor),
    capture: async (ledgerIndex) => (await opened()).capture(ledgerIndex),
    async close() {
      const chain = await opening?.catch(() => undefined);
      await chain?.close();
    },
  };
}

/** Address or options of the Redis of the configuration. @throws SettlementError `CONFIG_INVALID`; no message holds any of it */
function redisConnection(config: Config): RedisConnection {
  requireOne(config.redis, config.redisFile, "SETTLEMENT_REDIS", "--redis-file");
  const text =
    config.redis ??
    (config.redisFile === undefined ? undefined : readSecret(config.redisFile, "Redis address", "--redis-file"));
  if (text === undefined)
    throw new SettlementError(
      "CONFIG_INVALID",
      "--queue redis needs its address: give --redis-file, or SETTLEMENT_REDIS",
    );
  if (/^rediss?:\/\//.test(text)) return text;
  try {
    const options = parseJson(text);
    if (isJsonObject(options)) return options;
  } catch {
    // Whatever is wrong with it, its text is a secret.
  }
  throw new SettlementError(
    "CONFIG_INVALID",
    "the Redis address must be redis://… or rediss://…, or a JSON object of ioredis options",
  );
}

/** The queue of the configuration. @throws SettlementError `CONFIG_INVALID`, `QUEUE_UNAVAILABLE` */
export async function openBackend(config: Config, log: Log): Promise<JobBackend> {
  const onNotice = (message: string): void => log({ level: "warn", message });
  switch (config.queue) {
    case "redis":
      return openJobBackend({ kind: "redis", connection: redisConnection(config), onNotice });
    case "postgres": {
      const url = stateUrl(config);
      if (url === undefined)
        throw new SettlementError("CONFIG_INVALID", "--queue postgres needs --state-url-file, or SETTLEMENT_STATE_URL");
      return openJobBackend({ kind: "postgres", url, onNotice });
    }
    default:
      return openJobBackend({ kind: "embedded", folder: join(config.data, "queue"), onNotice });
  }
}

interface Parts {
  readonly config: Config;
  readonly log: Log;
  readonly open: OpenLedger;
  readonly key: SettlementKey;
  readonly state: OpenState;
  readonly chain: ChainOnDemand;
}

function settleDeps({ config, open, key, state, chain }: Parts): SettleAnchorDeps {
  return {
    network: config.network,
    clock: Date.now,
    partitions: state.partitions,
    close: closeDeps(open, key, state.heads, config),
    tell: (fact: MonthFact) => state.notices.record(noticeOf(fact, Date.now())),
    anchor: {
      chain: watchedChain(chain, state.looks, Date.now),
      attempts: state.attempts,
      ledger: open.ledger,
      archive: open.archive,
      key,
      ...fast,
    },
  };
}

/** Pins this node's key and account beside its state, for those who believe it: its operator first. */
async function pinOwn(
  { config, open, key }: Parts,
  { account }: ChainStatus,
  witnesses: Witnesses | undefined,
): Promise<void> {
  const { settlement } = await open.ledger.snapshot();
  const publishers = pinnedPublishers(config, witnesses ?? {});
  const own = { network: config.network, account };
  if (settlement) writeTrust(config, trustIn(settlement.host, key, own, publishers));
}

/** The chain, and the validators that are listened to before it is handed out. */
interface Reached {
  readonly chain: ChainOnDemand;
  readonly proving: () => Proving | undefined;
  readonly witnesses: () => Witnesses | undefined;
}

function reachOnDemand(config: Config, log: Log, { archive }: OpenLedger, state: OpenState): Reached {
  let proving: Proving | undefined;
  let witnesses: Witnesses | undefined;
  const report: Report = (message, standing) => log({ level: "warn", message, ...standing });
  const chain = chainOnDemand(config, async () => {
    const reached = await openChain(config, report, state.seenLedgers);
    witnesses = reached.witnesses;
    const parts = { archive, chain: reached.chain, evidence: state.evidence, log };
    const listening = await openProving(config, witnesses, parts);
    proving = listening;
    const close = async (): Promise<void> => {
      await listening?.close();
      await reached.close();
    };
    return { ...reached, close };
  });
  return { chain, proving: () => proving, witnesses: () => witnesses };
}

/** Tells webhooks what they have not been told, and the log how that went. */
function delivery(config: Config, log: Log, { notices }: OpenState): OpenNode["deliver"] {
  const send = webhookSender({ userAgent: `repomesh-settlement/${version}` });
  const deliver = noticeDelivery({ notices, endpoints: readWebhooks(config), send, clock: Date.now });
  return async () => {
    const reports = await deliver();
    for (const { endpoint, delivered, fault, isGivenUp = false, isGone = false } of reports) {
      if (delivered > 0) log({ level: "info", message: "webhook told", endpoint, notices: delivered });
      if (fault !== undefined) log({ level: "warn", message: "webhook not told", endpoint, fault, isGivenUp, isGone });
    }
    return nextTryMs(reports, Date.now());
  };
}

/**
 * Opens the ledger, the state and the queue; the chain follows when it is needed.
 *
 * @throws SettlementError `CONFIG_INVALID`, `MAINNET_NOT_CONFIRMED`, `LEDGER_NOT_FOUND`, `STATE_UNAVAILABLE`, `QUEUE_UNAVAILABLE`
 */
export async function openNode(config: Config, log: Log): Promise<OpenNode> {
  requireConsent(config);
  checkChainConfig(config);
  readWebhooks(config);
  const key = settlementKey(config);
  const open = await openLedger(config.ledger, ({ path, line, droppedBytes }) =>
    log({ level: "warn", message: "the ledger ends in a torn append, which is left out", path, line, droppedBytes }),
  );
  await requireOrigin(open, config);
  const state = await openState(config);
  try {
    return nodeOf({ config, log, open, key, state }, await openBackend(config, log));
  } catch (error) {
    await state.close();
    throw error;
  }
}

function nodeOf(opened: Omit<Parts, "chain">, backend: JobBackend): OpenNode {
  const { config, log, open, key, state } = opened;
  const { chain, proving, witnesses } = reachOnDemand(config, log, open, state);
  const parts: Parts = { ...opened, chain };
  const pace = config.network === "local" ? "local" : "elsewhere";
  const settle = settleDeps(parts);
  let last: ChainStatus | undefined;
  return {
    open,
    key,
    state,
    backend,
    settle,
    publish: {
      ledger: open.ledger,
      archive: open.archive,
      key,
      publishers: () => pinnedPublishers(config, witnesses() ?? {}),
      newSecondRoot: settle.close.newSecondRoot,
      ...fast,
    },
    lookMs: lookMs[pace],
    proveMs: proveMs[pace],
    prove: () => proving()?.deps,
    deliver: delivery(config, log, state),
    async lookAtChain() {
      last = await chain.status();
      await pinOwn(parts, last, witnesses());
      const balance = balanceOf(last, config.lowBalance);
      return balance.isLow ? [balanceText(balance)] : [];
    },
    validatedIndex: async () => (await chain.status()).validatedIndex,
    signCheckpoints: async () => {
      const { judge, ledger, archive, heads, sha256 } = settle.close;
      const signed = await signInterim({ ledger, archive, heads, key, sha256, judge, network: config.network });
      return new Map(signed.map(({ origin, size }) => [origin, size]));
    },
    lastChainStatus: () => last,
    async close() {
      await backend.close();
      await chain.close();
      await state.close();
    },
  };
}

/** Origin of the ledger log; undefined before the ledger has its name. */
export async function originOf({ ledger }: OpenLedger): Promise<string | undefined> {
  const { settlement } = await ledger.snapshot();
  return settlement && ledgerOrigin(settlement.host);
}
