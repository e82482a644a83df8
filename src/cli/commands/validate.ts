import { gitTree } from "../../adapters/git-tree.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { fast, policyBytes } from "../../compose.ts";
import { placed } from "../../core/placed.ts";
import { SettlementError } from "../../core/error.ts";
import { parseRfc3339 } from "../../core/time.ts";
import type { FileTree } from "../../ports.ts";
import { reportFormats, writeReport } from "../../validate/format-report.ts";
import { validateLedger } from "../../validate/validate-ledger.ts";
import type { CommandSpec } from "../command.ts";
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

/** The way from here to the ledger, so that a forge finds the files its annotations name. */
function prefixOf(ledger: string): string {
  const path = relative(".", ledger).replaceAll("\\", "/");
  return path === "" || path.startsWith("..") ? "" : `${path}/`;
}

const hourMs = 3_600_000;

export const validate: CommandSpec = {
  name: "validate",
  about: "Check every rule of a ledger and report every fault in one run. Exit 0 valid, 1 not.",
  settings: ["ledger", "data", "policy", "base", "now", "ahead", "behind", "full", "format"],
  examples: [
    "validate --ledger my-ledger",
    "validate --base origin/main --format github",
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
    const report = await validateLedger(folderTree(config.ledger), {
      nowUnixMs: now === undefined ? Date.now() : placed("--now", () => parseRfc3339(now)),
      verify: fast.verify,
      sha256: fast.sha256,
      windows: { aheadMs: ahead * hourMs, behindMs: behind * hourMs },
      ...(policy ? { policy } : {}),
      ...(base === undefined ? {} : { base: await baseTree(config.ledger, base) }),
    });
    io.out(writeReport(report, format, { isTerminal: io.isTerminal, version, pathPrefix: prefixOf(config.ledger) }));
    return report.valid ? 0 : 1;
  },
};
