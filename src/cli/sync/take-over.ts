import { existsSync } from "node:fs";
import { join } from "node:path";
import { userCacheFolder } from "../../adapters/cache-folder.ts";
import type { GitClone } from "../../adapters/git-clone.ts";
import { gitHistory } from "../../adapters/git-history.ts";
import { fetchBranch, type GitRemote } from "../../adapters/git-remote.ts";
import { gitTree, isGitRef } from "../../adapters/git-tree.ts";
import { nodeSha256, nodeVerify } from "../../adapters/node-crypto.ts";
import { fast, policyBytes } from "../../compose-judging.ts";
import { SettlementError } from "../../core/error.ts";
import { type Report, withFindings } from "../../validate/finding.ts";
import { judgeCommits } from "../../validate/judge-commits.ts";
import { validateLedger } from "../../validate/validate-ledger.ts";
import { knownFrom } from "../../validate-judge.ts";
import { threadPool } from "../../validate-pool.ts";
import type { Context } from "../command.ts";

/** What one sync works on. */
export interface Syncing {
  readonly context: Context;
  readonly clone: GitClone;
  readonly remote: GitRemote;
  /** Events come in by the first; closed months go out by the second, which may be the same. */
  readonly branches: { readonly pull: string; readonly push: string };
}

/** What came in: taken over, or refused with the reasons. */
export type TakenOver =
  | { readonly state: "taken"; readonly from: string | undefined; readonly to: string }
  | { readonly state: "refused"; readonly from: string | undefined; readonly to: string; readonly report: Report };

const fetchedRef = (branch: string): string => `refs/settlement/fetched/${branch}`;

/** The commit of a branch of the remote that this node last had and found good. */
export const acceptedRef = (branch: string): string => `refs/settlement/accepted/${branch}`;

/**
 * Pulls, and makes what came in the work tree's when it follows on what was there, and every rule of the ledger allows it.
 * Until then no file of it is written anywhere but into the object store of the clone.
 *
 * @throws SettlementError `GIT_HISTORY_REWRITTEN`, `GIT_REF_UNKNOWN`, `GIT_MERGE_CONFLICT`, `GIT_REMOTE_UNREACHABLE`, `CONFIG_INVALID`
 */
export async function takeOver(syncing: Syncing): Promise<TakenOver> {
  const { clone, remote, branches } = syncing;
  const from = await startOf(syncing);
  const { pull, push } = branches;
  const incoming = await fetched(syncing, pull, from);
  if (incoming === undefined) {
    throw new SettlementError(
      "GIT_REF_UNKNOWN",
      `${remote.shown} has no branch ${pull}; name the one that events come in by with --branch`,
    );
  }
  const published = push === pull ? undefined : await publishedOn(syncing, push);
  const before = await clone.commit("HEAD");
  let to = before ?? incoming;
  for (const theirs of published === undefined ? [incoming] : [published, incoming]) {
    to = await joined(syncing, to, theirs);
  }
  const isKnown = to === before && from === incoming;
  const report = isKnown ? undefined : await judged(syncing, from, { to, incoming });
  if (report?.valid === false) return { state: "refused", from, to: incoming, report };
  if (to !== before) await clone.moveTo(to);
  await clone.point(acceptedRef(pull), incoming);
  if (published !== undefined) await clone.point(acceptedRef(push), published);
  return { state: "taken", from, to: incoming };
}

/** The commit that the change starts from: the one this node had, or with a first sync that of `--base`. */
async function startOf({ context, clone, branches }: Syncing): Promise<string | undefined> {
  const accepted = await clone.commit(acceptedRef(branches.pull));
  const { base, commits } = context.config;
  if (accepted !== undefined) return accepted;
  if (base === undefined && commits) {
    throw new SettlementError(
      "CONFIG_INVALID",
      "this clone has no commit yet that was found good, so --commits needs --base: the id of the last commit that you have checked",
    );
  }
  if (base !== undefined && !isGitRef(base)) {
    throw new SettlementError("GIT_REF_MALFORMED", "--base is no commit; give the id of the last one you have checked");
  }
  return base;
}

/** The branch that is pushed to. It may be gone: then it was taken into the other, and is begun again. */
async function publishedOn(syncing: Syncing, branch: string): Promise<string | undefined> {
  const { clone, remote } = syncing;
  if (await fetchBranch(clone.dir, remote, branch, fetchedRef(branch))) {
    return fetched(syncing, branch, await clone.commit(acceptedRef(branch)));
  }
  await clone.forget(acceptedRef(branch));
  return undefined;
}

/** Fetches a branch, and stops when it is not what was there and more. */
async function fetched(
  { clone, remote }: Syncing,
  branch: string,
  from: string | undefined,
): Promise<string | undefined> {
  const ref = fetchedRef(branch);
  const to = (await fetchBranch(clone.dir, remote, branch, ref)) ? await clone.commit(ref) : undefined;
  if (from === undefined) return to;
  if ((await clone.commit(from)) === undefined) {
    throw new SettlementError(
      "GIT_REF_UNKNOWN",
      `${remote.shown} has no commit ${from}; check the id given with --base`,
    );
  }
  if (to !== undefined && (await clone.isAncestor(from, to))) return to;
  const what = to === undefined ? "is gone" : `is at ${to.slice(0, 12)} now, which does not follow on`;
  throw new SettlementError(
    "GIT_HISTORY_REWRITTEN",
    `branch ${branch} of ${remote.shown} ${what}${to === undefined ? `, and had ${from.slice(0, 12)}` : ` ${from.slice(0, 12)}`}: its history was rewritten. ` +
      `Nothing was taken over or signed, and this clone still has the old commits: push ${from.slice(0, 12)} back and forbid force pushes to the branch. ` +
      "Only if the rewriting was agreed on, sync into a new clone",
  );
}

/** One commit with what this node has and what came in. */
async function joined({ clone, branches }: Syncing, ours: string, theirs: string): Promise<string> {
  if (await clone.isAncestor(theirs, ours)) return ours;
  if (await clone.isAncestor(ours, theirs)) return theirs;
  // Where both are one branch, what was not pushed yet is put on top, and the branch stays a line.
  return clone.join(branches.push === branches.pull ? [theirs] : [ours, theirs], ours, theirs);
}

/** Every rule of the ledger over what it would become, and with `--commits` the signatures of what came in. */
async function judged(
  { context, clone }: Syncing,
  from: string | undefined,
  { to, incoming }: { readonly to: string; readonly incoming: string },
): Promise<Report> {
  const { config, io } = context;
  const policy = policyBytes(config);
  const nowUnixMs = Date.now();
  const cache = userCacheFolder(io.env);
  await using pool = threadPool({ cache });
  const report = await validateLedger(await gitTree(clone.dir, to), {
    ...fast,
    pool,
    ...knownFrom(cache),
    signal: io.stop,
    nowUnixMs,
    windows: { aheadMs: config.ahead * hourMs, behindMs: config.behind * hourMs },
    ...(policy ? { policy } : {}),
    ...(from === undefined ? {} : { base: await gitTree(clone.dir, from) }),
  });
  if (!config.commits || from === undefined) return report;
  const range = await gitHistory(clone.dir, from, incoming);
  return withFindings(report, await judgeCommits(range, { nowUnixMs, policy, verify: nodeVerify, sha256: nodeSha256 }));
}

const hourMs = 3_600_000;

/** Is there a clone already, whose remotes have names? */
export function hasClone(dir: string): boolean {
  return existsSync(join(dir, ".git"));
}
