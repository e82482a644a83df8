import { gitTree } from "../../adapters/git-tree.ts";
import { folderTree } from "../../adapters/folder-tree.ts";
import { fast, policyBytes } from "../../compose.ts";
import { SettlementError } from "../../core/error.ts";
import { parseRfc3339 } from "../../core/time.ts";
import type { FileTree } from "../../ports.ts";
import { isReportFormat, reportFormats, writeReport } from "../../validate/format-report.ts";
import { validateLedger } from "../../validate/validate-ledger.ts";
import { type CommandSpec, type Flags, formatOf } from "../command.ts";
import { statSync } from "node:fs";
import { version } from "../../version.ts";

function text(flags: Flags, name: string): string | undefined {
  const value = flags[name];
  return typeof value === "string" ? value : undefined;
}

/** A folder of that name, or else a commit of the repository the ledger is in. */
async function baseTree(ledger: string, base: string): Promise<FileTree> {
  if (statSync(base, { throwIfNoEntry: false })?.isDirectory()) return folderTree(base);
  return gitTree(ledger, base);
}

const hourMs = 3_600_000;

function hours(flags: Flags, name: string, flag: string): number | undefined {
  const raw = text(flags, name);
  if (raw === undefined) return undefined;
  if (!/^\d{1,6}$/.test(raw)) throw new SettlementError("CONFIG_INVALID", `${flag} takes a whole number of hours`);
  return Number(raw) * hourMs;
}

export const validate: CommandSpec = {
  name: "validate",
  about: "Check every rule of a ledger and report every fault in one run. Exit 0 valid, 1 not.",
  settings: ["ledger", "policy"],
  flags: [
    ["--base <GITREF|DIR>", "check that the ledger only appends to this earlier state of it"],
    ["--now <TIME>", "the clock to judge by, RFC 3339 (default: now)"],
    ["--ahead <HOURS>", "how far in the future a new event may be (default 1)"],
    ["--behind <HOURS>", "how old a new event may be (default 8760, a year)"],
    ["--full", "verify every signature, those of anchored months too"],
    ["--format <FORMAT>", `${reportFormats.join(", ")} (default text)`],
  ],
  examples: [
    "validate --ledger my-ledger",
    "validate --base origin/main --format github",
    "validate --ledger my-ledger --now 2026-06-22T12:00:00Z --format json",
  ],
  async run({ config, flags, io }) {
    const format = formatOf(flags);
    if (!isReportFormat(format))
      throw new SettlementError("CONFIG_INVALID", `--format takes ${reportFormats.join(", ")}`);
    const [now, base] = [text(flags, "now"), text(flags, "base")];
    const [aheadMs, behindMs] = [hours(flags, "ahead", "--ahead"), hours(flags, "behind", "--behind")];
    const policy = policyBytes(config);
    const report = await validateLedger(folderTree(config.ledger), {
      nowUnixMs: now === undefined ? Date.now() : parseRfc3339(now),
      verify: fast.verify,
      full: flags["full"] === true,
      windows: { ...(aheadMs === undefined ? {} : { aheadMs }), ...(behindMs === undefined ? {} : { behindMs }) },
      ...(policy ? { policy } : {}),
      ...(base === undefined ? {} : { base: await baseTree(config.ledger, base) }),
    });
    io.out(writeReport(report, format, { isTerminal: io.isTerminal, version }));
    return report.valid ? 0 : 1;
  },
};
