import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { archiveFolder } from "./adapters/archive-folder.ts";
import { nodeFileSystem } from "./adapters/file-system.ts";
import { folderTree } from "./adapters/folder-tree.ts";
import { createLedger, ledgerFolder, type LedgerRecovery, openLedgerRoot } from "./adapters/ledger-folder.ts";
import { nodeSha256 } from "./adapters/node-crypto.ts";
import { merkletreejsTree } from "./adapters/second-root.ts";
import type { OpenChain } from "./compose-chain.ts";
import { type SettlementKey } from "./compose-keys.ts";
import { configuredTrust, fast, policyBytes } from "./compose-judging.ts";
import type { Config } from "./config.ts";
import { SettlementError } from "./core/error.ts";
import { formatVkey, makeVkey } from "./core/note.ts";
import { ledgerOrigin, parseHost, type PinnedAccount, type SettlementInfo } from "./core/settlement-info.ts";
import { defaultTrust, type Trust, trustJson } from "./core/trust.ts";
import type { Archive, Attempts, FileTree, SharedLedger, SignedHeads } from "./ports.ts";
import { scanThreads } from "./scan-pool.ts";
import type { AnchorDeps } from "./settle/anchor-partition.ts";
import type { CloseDeps } from "./settle/close-partition.ts";
import { validateLedger } from "./validate/validate-ledger.ts";
import { writeThreads } from "./write-pool.ts";

/** A ledger folder, open for reading and closing. */
export interface OpenLedger {
  /** What was named: the ledger folder, or the repository that holds it. */
  readonly tree: FileTree;
  /** The ledger folder. */
  readonly folder: string;
  /** Its path in the tree: `""`, or `ledger` in the repository that holds it. */
  readonly prefix: string;
  readonly ledger: SharedLedger;
  readonly archive: Archive;
}

/** @throws SettlementError `LEDGER_NOT_FOUND` */
export async function openLedger(dir: string, onRecovery?: (recovery: LedgerRecovery) => void): Promise<OpenLedger> {
  const tree = folderTree(dir);
  const { prefix } = await openLedgerRoot(tree);
  const folder = join(dir, prefix);
  const beside = [join(dir, "verifier.policy.json")];
  const ledger = ledgerFolder(folder, {
    hash: nodeSha256,
    beside,
    openScanPool: scanThreads(),
    ...(onRecovery ? { onRecovery } : {}),
  });
  return { tree, folder, prefix, ledger, archive: archiveFolder(folder, nodeFileSystem, writeThreads()) };
}

/** What the node itself pins when nothing else is configured: the trust file that anchoring leaves in its data folder. */
export function servedTrust(config: Config): Trust {
  const own = trustFile(config);
  return configuredTrust(config.trust === undefined && existsSync(own) ? { ...config, trust: own } : config);
}

/** Trust in one settlement node: its key under its ledger's origin, its account, and who says who its network's validators are. */
export function trustIn(
  host: string,
  key: SettlementKey,
  account: PinnedAccount,
  publishers: Trust["publishers"] = defaultTrust.publishers,
): Trust {
  return { publishers, accounts: [account], logs: [makeVkey(ledgerOrigin(host), key.publicKey)] };
}

/** Path of the trust file that {@link writeTrust} writes. */
export function trustFile({ data }: Config): string {
  return join(data, "trust.json");
}

/** Writes what a verifier pins who believes this node, as a trust file in the data folder. @throws SettlementError `STATE_UNAVAILABLE` */
export function writeTrust(config: Config, trust: Trust): void {
  const json = trustJson(trust);
  try {
    writeFileSync(trustFile(config), `${JSON.stringify(json, null, 2)}\n`);
  } catch (cause) {
    throw new SettlementError("STATE_UNAVAILABLE", "trust.json cannot be written to the data folder", { cause });
  }
}

/** Faults of a ledger, as texts for people; warnings are none. */
async function judge({ tree }: OpenLedger, config: Config, nowUnixMs: number): Promise<string[]> {
  const policy = policyBytes(config);
  const report = await validateLedger(tree, { nowUnixMs, ...fast, ...(policy ? { policy } : {}) });
  return report.findings
    .filter(({ severity }) => severity === "error")
    .map(({ code, file, line, message }) => `${code} ${file}${line === null ? "" : `:${line}`} ${message}`);
}

export function closeDeps(open: OpenLedger, key: SettlementKey, heads: SignedHeads, config: Config): CloseDeps {
  return {
    ledger: open.ledger,
    archive: open.archive,
    heads,
    clock: Date.now,
    key,
    ...fast,
    newSecondRoot: merkletreejsTree,
    judge: () => judge(open, config, Date.now()),
    nameLedger: () => nameLedger(open, key, heads, config),
    graceMs: config.grace * 60_000,
    alone: (work) => open.ledger.alone(work),
  };
}

/** Time between two looks at a transaction under way, milliseconds; a public network closes a ledger every 3 to 4 seconds. */
const lookMs = { local: 100, elsewhere: 1000 } as const;

/**
 * @param stop - gives up waiting; what was sent stays stored
 * @throws SettlementError `MAINNET_NOT_CONFIRMED`
 */
export function anchorDeps(
  open: OpenLedger,
  key: SettlementKey,
  opened: { readonly chain: OpenChain; readonly attempts: Attempts },
  config: Config,
  stop: AbortSignal,
): AnchorDeps {
  const { chain } = opened.chain;
  const betweenMs = chain.network === "local" ? lookMs.local : lookMs.elsewhere;
  return {
    chain,
    attempts: opened.attempts,
    ledger: open.ledger,
    archive: open.archive,
    key,
    ...fast,
    patience: Math.ceil((config.patience * 1000) / betweenMs),
    pause: () =>
      new Promise((resolve, reject) => {
        if (stop.aborted) return reject(interrupted());
        const timer = setTimeout(done, betweenMs);
        stop.addEventListener("abort", done, { once: true });
        function done(): void {
          clearTimeout(timer);
          stop.removeEventListener("abort", done);
          if (stop.aborted) reject(interrupted());
          else resolve();
        }
      }),
  };
}

function interrupted(): SettlementError {
  return new SettlementError(
    "ANCHOR_OUTCOME_UNKNOWN",
    "stopped while a transaction was under way; what was sent is stored, run the same command again",
  );
}

/** Mainnet costs money and needs an explicit word. @throws SettlementError `MAINNET_NOT_CONFIRMED` */
export function requireConsent({ network, yesMainnet }: Config): void {
  if (network === "mainnet" && !yesMainnet) {
    throw new SettlementError(
      "MAINNET_NOT_CONFIRMED",
      "anchoring on mainnet spends real XRP: say so with --yes-mainnet, or look first with --dry-run",
    );
  }
}

/**
 * The name of a ledger; one that has no `settlement.json` yet gets it now.
 *
 * @throws SettlementError `SETTLEMENT_INFO_MISSING` on a public network without `--origin`
 */
async function nameLedger(
  open: OpenLedger,
  key: SettlementKey,
  heads: SignedHeads,
  config: Config,
): Promise<SettlementInfo> {
  const { settlement } = await open.ledger.snapshot();
  if (settlement) return settlement;
  const host = config.origin ?? (config.network === "local" ? "localhost" : undefined);
  if (host === undefined) {
    throw new SettlementError(
      "SETTLEMENT_INFO_MISSING",
      "the ledger has no settlement.json: its logs need a name that lasts, give it with --origin HOST",
    );
  }
  const vkey = formatVkey(makeVkey(ledgerOrigin(parseHost(host)), key.publicKey));
  // Loaded where it is needed: most commands touch no chain.
  const { anchorAccount } = await import("./compose-account.ts");
  const account = anchorAccount(config);
  const accounts = account === undefined ? [] : [{ network: config.network, account }];
  const named: SettlementInfo = { v: 1, host, network: config.network, key: vkey, accounts };
  // A name is for ever: it is not given by a close that could not be remembered.
  await heads.ready();
  await createLedger(open.folder, named);
  return named;
}

/**
 * A ledger that was named otherwise than the operator says is another ledger.
 *
 * @throws SettlementError `CONFIG_INVALID`
 */
export async function requireOrigin({ ledger }: OpenLedger, { origin }: Config): Promise<void> {
  const { settlement } = await ledger.snapshot();
  if (!settlement || origin === undefined || origin === settlement.host) return;
  throw new SettlementError(
    "CONFIG_INVALID",
    `--origin is ${origin}, settlement.json names this ledger ${settlement.host}; nothing was signed`,
  );
}
