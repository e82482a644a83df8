import { userCacheFolder } from "../../adapters/cache-folder.ts";
import { blockTree } from "../../adapters/file-blocks.ts";
import { gitHistory } from "../../adapters/git-history.ts";
import { gitTree } from "../../adapters/git-tree.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { nodeSha256, nodeVerify } from "../../adapters/node-crypto.ts";
import { fast, policyBytes } from "../../compose-judging.ts";
import { placed } from "../../core/placed.ts";
import { SettlementError } from "../../core/error.ts";
import { parseRfc3339 } from "../../core/time.ts";
import type { FileTree } from "../../ports.ts";
import { type Finding, type Report, withFindings } from "../../validate/finding.ts";
import { reportFormats, writeReport } from "../../validate/format-report.ts";
import { type CommitOptions, judgeCommits } from "../../validate/judge-commits.ts";
import { validateLedger, type ValidateOptions } from "../../validate/validate-ledger.ts";
import { knownFrom } from "../../validate-judge.ts";
import { threadPool } from "../../validate-pool.ts";
import { validationProgress } from "../validation-progress.ts";
import type { CommandSpec } from "../command.ts";
import type { Io } from "../io.ts";
import { statSync } from "node:fs";
import { relative } from "node:path";
import { version } from "../../version.ts";

function isFolder(path: string): boolean {
  try {
    return statSync(path).isDirectory();
  } catch {
    return false;
  }
}

/** A folder of that name, or else a commit of the repository the ledger is in. */
async function baseTree(ledger: string, base: string): Promise<FileTree> {
  return isFolder(base) ? folderTree(base) : gitTree(ledger, base);
}

/** The commit that a change is for. @throws SettlementError `CONFIG_INVALID` */
function requireCommit(base: string | undefined): string {
  if (base !== undefined && !isFolder(base)) return base;
  const what = base === undefined ? "needs --base" : `needs a commit as --base, and ${base} is a folder`;
  throw new SettlementError("CONFIG_INVALID", `--commits ${what}: name the branch or commit the change is for`);
}

/** Faults of the commits since the base. */
async function commitFindings(
  ledger: string,
  base: string,
  options: Pick<CommitOptions, "nowUnixMs" | "policy">,
): Promise<readonly Finding[]> {
  return judgeCommits(await gitHistory(ledger, base), { ...options, verify: nodeVerify, sha256: nodeSha256 });
}

/** The way from here to the ledger, so that a forge finds the files its annotations name. */
function prefixOf(ledger: string): string {
  const path = relative(".", ledger).replaceAll("\\", "/");
  return path === "" || path.startsWith("..") ? "" : `${path}/`;
}

const hourMs = 3_600_000;

/** What a shell says of a program that was interrupted. */
const interrupted = 130;

/** Judges on every core, with what earlier runs of this user verified. Undefined when the user stopped it. */
async function judged(ledger: string, io: Io, options: Omit<ValidateOptions, "pool">): Promise<Report | undefined> {
  const cache = userCacheFolder(io.env);
  await using pool = threadPool({ cache });
  await using progress = validationProgress(io);
  const given = { ...fast, pool, ...knownFrom(cache), signal: io.stop, onProgress: progress.show };
  try {
    return await validateLedger(blockTree(ledger), { ...given, ...options });
  } catch (error) {
    if (io.stop.aborted) return undefined;
    throw error;
  }
}

export const validate: CommandSpec = {
  name: "validate",
  about: "Check every rule of a ledger and report every fault in one run. Exit 0 valid, 1 not.",
  settings: ["ledger", "data", "policy", "base", "commits", "now", "ahead", "behind", "full", "format"],
  examples: [
    "validate --ledger my-ledger",
    "validate --base origin/main --format github",
    "validate --base origin/main --commits",
    "validate --ledger my-ledger --now 2026-06-22T12:00:00Z --format json",
  ],
  formats: reportFormats,
  async run({ config, format, io }) {
    const { now, base, ahead, behind } = config;
    if (!statSync(config.ledger, { throwIfNoEntry: false })?.isDirectory()) {
      throw new SettlementError(
        "LEDGER_NOT_FOUND",
        `there is no folder ${config.ledger}; name the ledger with --ledger`,
      );
    }
    const policy = policyBytes(config);
    const nowUnixMs = now === undefined ? Date.now() : placed("--now", () => parseRfc3339(now));
    const since = config.commits ? requireCommit(base) : undefined;
    const report = await judged(config.ledger, io, {
      isFull: config.full,
      nowUnixMs,
      windows: { aheadMs: ahead * hourMs, behindMs: behind * hourMs },
      ...(policy ? { policy } : {}),
      ...(base === undefined ? {} : { base: await baseTree(config.ledger, base) }),
    });
    if (!report) {
      io.err("stopped before the end; there is no verdict\n");
      return interrupted;
    }
    const findings = since === undefined ? [] : await commitFindings(config.ledger, since, { nowUnixMs, policy });
    const whole = withFindings(report, findings);
    const form = reportFormats.find((known) => known === format) ?? "text";
    io.out(writeReport(whole, form, { isTerminal: io.isTerminal, version, pathPrefix: prefixOf(config.ledger) }));
    return whole.valid ? 0 : 1;
  },
};
