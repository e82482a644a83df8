import { join } from "node:path";
import { folderLock } from "../../adapters/folder-lock.ts";
import { openClone } from "../../adapters/git-clone.ts";
import { gitRemote, type GitRemote, pushCommit } from "../../adapters/git-remote.ts";
import { requireConsent } from "../../compose.ts";
import { checkChainConfig } from "../../compose-chain.ts";
import { readSecret, requireOne } from "../../compose-keys.ts";
import { SettlementError } from "../../core/error.ts";
import { type Receipt, receiptFacts, receiptJson } from "../../core/receipt.ts";
import type { ClosedPartition } from "../../settle/close-partition.ts";
import { writeReport } from "../../validate/format-report.ts";
import { version } from "../../version.ts";
import type { CommandSpec, Context } from "../command.ts";
import { columns, harmless, styled } from "../io.ts";
import { accountSettings, anchoringSettings } from "./anchor.ts";
import { anchorDue, closeDue, keepPublished } from "../sync/settle-due.ts";
import { acceptedRef, hasClone, type Syncing, takeOver, type TakenOver } from "../sync/take-over.ts";

/** Time to wait for another sync of the same clone, milliseconds. */
const lockWaitMs = 1000;

/** What a remote of a clone may be called, and no address is. */
const remoteName = /^[A-Za-z0-9_.-]+$/;

/** What a shell says of a program that was interrupted. */
const interrupted = 130;

/** What a sync has done. */
interface Outcome {
  readonly taken: TakenOver;
  readonly closed: readonly ClosedPartition[];
  readonly receipts: readonly Receipt[];
  /** The commit that was pushed, if there was anything to push. */
  readonly pushed: string | undefined;
}

/** The secret for an https remote; a token for every remote that needs none would go to whoever is named. */
function tokenOf({ config, io }: Context): string | undefined {
  const given = io.env["SETTLEMENT_GIT_TOKEN"] || undefined;
  requireOne(given, config.gitTokenFile, "SETTLEMENT_GIT_TOKEN", "--git-token-file");
  return (
    given ??
    (config.gitTokenFile === undefined ? undefined : readSecret(config.gitTokenFile, "git token", "--git-token-file"))
  );
}

/** @param named - address that the clone has under the name of `--remote`, if it has one */
function remoteOf(context: Context, named: string | undefined): GitRemote {
  const { remote, gitUser, gitTimeout } = context.config;
  if (named === undefined && remoteName.test(remote)) {
    throw new SettlementError(
      "GIT_REMOTE_MALFORMED",
      `the clone has no remote ${remote}; give the address of the ledger's repository with --remote (a path has a slash in it, ./${remote})`,
    );
  }
  return gitRemote(named ?? remote, { token: tokenOf(context), user: gitUser, timeoutMs: gitTimeout * 1000 });
}

/** Pushes what the remote does not have. @returns false where somebody else pushed meanwhile */
async function push(syncing: Syncing): Promise<{ readonly isIn: boolean; readonly commit?: string }> {
  const { clone, remote, branches } = syncing;
  await keepPublished(clone);
  const head = await clone.commit("HEAD");
  const there = await clone.commit(acceptedRef(branches.push));
  if (head === undefined || head === there) return { isIn: true };
  if (there === undefined && (await clone.isAncestor(head, acceptedRef(branches.pull)))) return { isIn: true };
  if (!(await pushCommit(clone.dir, remote, head, branches.push))) return { isIn: false };
  await clone.point(acceptedRef(branches.push), head);
  return { isIn: true, commit: head };
}

/**
 * Pulls, closes, pushes, anchors, pushes. A closed month is pushed before it is anchored: what is witnessed for ever is
 * what everybody can see, and a node that loses its clone between the two finds it again.
 */
async function syncOnce(syncing: Syncing): Promise<Outcome> {
  const { context, clone, remote, branches } = syncing;
  const closed: ClosedPartition[] = [];
  const receipts: Receipt[] = [];
  let pushed: string | undefined;
  await keepPublished(clone);
  for (let tries = 0; tries < Math.max(1, context.config.pushTries); tries++) {
    context.io.stop.throwIfAborted();
    const taken = await takeOver(syncing);
    if (taken.state === "refused") return { taken, closed, receipts, pushed };
    closed.push(...(await closeDue(context, clone)));
    const first = await push(syncing);
    pushed = first.commit ?? pushed;
    if (!first.isIn) continue;
    receipts.push(...(await anchorDue(context, clone)));
    const last = await push(syncing);
    pushed = last.commit ?? pushed;
    if (last.isIn) return { taken, closed, receipts, pushed };
  }
  throw new SettlementError(
    "GIT_PUSH_OUTRUN",
    `others pushed to ${branches.push} of ${remote.shown} each time before this node could; what was closed stays in the clone, run the same command again`,
  );
}

function shortened(commit: string | undefined): string {
  return commit?.slice(0, 12) ?? "the beginning";
}

function text({ io }: Context, { branches, remote }: Syncing, outcome: Outcome): string {
  const { taken, closed, receipts, pushed } = outcome;
  const news =
    taken.from === taken.to
      ? `nothing new since ${shortened(taken.to)}`
      : `${shortened(taken.from)} to ${shortened(taken.to)}`;
  const anchored = receipts.map((receipt) => {
    const { transactionHash, ledgerIndex } = receiptFacts(receipt);
    return `${receipt.month} by ${transactionHash} in ledger ${ledgerIndex}`;
  });
  const rows: [string, string][] = [
    ["pulled", `${branches.pull}: ${news}, valid`],
    ...closed.map(({ manifest }): [string, string] => [
      "closed",
      `${manifest.partitionId}, ${manifest.count} events, root ${manifest.root}`,
    ]),
    ...anchored.map((line): [string, string] => ["anchored", line]),
    ["pushed", pushed === undefined ? "nothing; it has everything" : `${branches.push}: ${shortened(pushed)}`],
  ];
  return `${styled(io, "green", "✓")} ${harmless(remote.shown)}\n${columns(rows)}`;
}

function refusal(syncing: Syncing, taken: TakenOver & { readonly state: "refused" }): number {
  const { context, clone, remote, branches } = syncing;
  const { io, format } = context;
  const { report, from, to } = taken;
  const errors = report.findings.filter(({ severity }) => severity === "error");
  const [first] = errors;
  const message =
    `the change of ${branches.pull} of ${remote.shown} from ${shortened(from)} to ${shortened(to)} breaks the rules of the ledger (${errors.length} faults); ` +
    `nothing was taken over, closed or signed. First: ${first?.code ?? ""} ${first?.file ?? ""}. Revert it with a new commit; git -C ${clone.dir} show ${shortened(to)} shows it`;
  const code = "GIT_CHANGE_REFUSED";
  if (format === "json") {
    io.out(
      `${JSON.stringify({ error: { code, kind: "refuted", message }, from: from ?? null, to, findings: report.findings })}\n`,
    );
  } else {
    io.out(writeReport(report, "text", { isTerminal: io.isTerminal, version }));
    io.err(`${styled(io, "red", code)}: ${harmless(message)}\n`);
  }
  return 1;
}

function shown(syncing: Syncing, outcome: Outcome): number {
  const { context, remote } = syncing;
  const { taken, closed, receipts, pushed } = outcome;
  if (taken.state === "refused") return refusal(syncing, taken);
  const { from = null, to } = taken;
  const json = { remote: remote.shown, from, to, closed, receipts: receipts.map(receiptJson), pushed: pushed ?? null };
  context.io.out(context.format === "json" ? `${JSON.stringify(json)}\n` : text(context, syncing, outcome));
  return 0;
}

export const sync: CommandSpec = {
  name: "sync",
  usage: "[DIR]",
  about:
    "Feed a network by git: pull the ledger's repository, judge what came in, close and anchor what is due, and push what was published. DIR is the working clone, in the data folder without it. Once; run it from cron as often as you like.",
  settings: [
    "remote",
    "branch",
    "pushBranch",
    "base",
    "commits",
    "commitName",
    "commitEmail",
    "gitTokenFile",
    "gitUser",
    "gitTimeout",
    "pushTries",
    "data",
    ...accountSettings,
    "origin",
    "policy",
    "grace",
    "ahead",
    "behind",
    ...anchoringSettings,
    "once",
    "format",
  ],
  examples: [
    "sync --remote https://github.com/network-org/network --commits --base 3f1c9ab2",
    "sync --remote git@example.org:network.git --push-branch settled --network testnet --seed-file account.seed --key-file settlement.pem",
  ],
  async run(context, [given]) {
    const { config } = context;
    requireConsent(config);
    checkChainConfig(config);
    const dir = given ?? join(config.data, "clone");
    const branches = { pull: config.branch, push: config.pushBranch ?? config.branch };
    // An address that is none is told before a folder is made for it.
    const isName = remoteName.test(config.remote) && hasClone(dir);
    const early = isName ? undefined : remoteOf(context, undefined);
    const clone = await openClone(dir, branches.pull, { name: config.commitName, email: config.commitEmail });
    const remote = early ?? remoteOf(context, await clone.setting(`remote.${config.remote}.url`));
    const alone = folderLock(join(clone.gitDir, "settlement-sync.lock"), lockWaitMs);
    try {
      return await alone(async () => {
        await clone.recover();
        const syncing: Syncing = { context, clone, remote, branches };
        return shown(syncing, await syncOnce(syncing));
      });
    } catch (error) {
      if (!context.io.stop.aborted || error instanceof SettlementError) throw error;
      context.io.err("stopped before the end; nothing is lost, the next sync goes on\n");
      return interrupted;
    }
  },
};
