// Plants one bug after the other into a copy of the sources and demands that the simulator finds each. Exit code 1 names
// those that survived: a simulator that finds nothing may be one that sees nothing.
//
//   npm run simulate:planted
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { type Databases, openDatabases } from "../test/simulator/database.ts";
import type { TimedFault } from "../test/simulator/plan.ts";
import { type Ran, runSchedule } from "../test/simulator/run-schedule.ts";

interface Change {
  readonly file: string;
  /** Has to be there exactly once. */
  readonly find: string;
  readonly put: string;
}

interface Planted {
  readonly bug: string;
  readonly changes: readonly Change[];
  /** Faults that show it. */
  readonly only: readonly TimedFault[];
  /** How many schedules have validators; see `planOf`. */
  readonly validators?: number;
}

const anchor = "src/settle/anchor-partition.ts";
const quorum = "src/core/xrpl/quorum.ts";
const submits = "const word = await chain.submit(attempt.anchor);";

const planted: readonly Planted[] = [
  {
    bug: "signs again after a timeout, without a proof of absence",
    changes: [
      {
        file: anchor,
        find: submits,
        put: `if (attempt.state === "submitted") return attempts.advance(attempt, "expired");\n      ${submits}`,
      },
    ],
    only: ["loses submits", "network halts", "outage"],
  },
  {
    bug: "takes tefPAST_SEQ for a failure for good",
    changes: [
      {
        file: anchor,
        find: submits,
        put: `${submits}\n      if (word === "tefPAST_SEQ") return attempts.advance(attempt, "failed", { result: word });`,
      },
    ],
    only: ["doubled submits", "server behind", "breaking connections", "suspended worker"],
  },
  {
    bug: "takes tefPAST_SEQ for a proof of absence",
    changes: [
      {
        file: anchor,
        find: submits,
        put: `${submits}\n      if (word === "tefPAST_SEQ") return attempts.advance(attempt, "expired");`,
      },
    ],
    only: ["doubled submits", "server behind", "breaking connections", "suspended worker"],
  },
  {
    bug: "sends before it stores",
    changes: [
      {
        file: anchor,
        find: "return attempts.prepare(month, manifest.manifestHash, anchor, previous);",
        put: "await chain.submit(anchor);\n  return attempts.prepare(month, manifest.manifestHash, anchor, previous);",
      },
    ],
    only: [],
  },
  {
    bug: "takes validated for success",
    changes: [{ file: anchor, find: 'result === "tesSUCCESS" ? "anchored" : "failed"', put: '"anchored"' }],
    only: ["drained account"],
  },
  {
    bug: "adopts an anchor that failed",
    changes: [
      {
        file: "src/adapters/xrpl-history.ts",
        find: "succeeded(entry) && isOfMonth(claim, closed)",
        put: "isOfMonth(claim, closed)",
      },
    ],
    only: ["drained account", "wiped database"],
  },
  {
    bug: "gives up by its own clock",
    changes: [
      {
        file: "src/adapters/xrpl-chain.ts",
        find: "outcome: (anchor) => outcomeOf(servers, anchor),",
        put: `outcome: async (anchor) => {
      const began = looks.get(anchor.hash) ?? options.clock();
      looks.set(anchor.hash, began);
      const windowMs = (anchor.lastLedgerSequence - anchor.signedAtIndex) * 4000;
      return options.clock() - began > windowMs ? { state: "expired" } : outcomeOf(servers, anchor);
    },`,
      },
      {
        file: "src/adapters/xrpl-chain.ts",
        find: "const servers = xrplServers(options);",
        put: "const servers = xrplServers(options);\n  const looks = new Map<string, number>();",
      },
    ],
    only: ["network halts", "clock jump", "keeps refused submits", "suspended worker"],
  },
  {
    bug: "gives up when a server says txnNotFound",
    changes: [
      {
        file: "src/adapters/xrpl-outcome.ts",
        find: "const survey = await servers.survey();",
        put: `const survey = await servers.survey();
  const said = await ask(survey.lowest.server, "tx", { transaction: anchor.hash, binary: true }, ["txnNotFound"]);
  if (!said) return { state: "expired" };`,
      },
    ],
    only: ["loses submits", "restarted without history", "killed worker"],
  },
  {
    bug: "takes the Sequence from what the server says now",
    changes: [
      {
        file: "src/adapters/xrpl-chain.ts",
        find: "    Sequence: sequence,",
        put: "    Sequence: (await accountAt(lowest.server, signer.account, common.ledgerIndex)).sequence,",
      },
      {
        file: "src/adapters/xrpl-chain.ts",
        find: 'import { agree } from "./xrpl-agreement.ts";',
        put: 'import { accountAt } from "./xrpl-account.ts";\nimport { agree } from "./xrpl-agreement.ts";',
      },
    ],
    only: ["wiped database", "another tool", "suspended worker"],
  },
  {
    bug: "does not look through the account's history",
    changes: [{ file: anchor, find: "if (history.found) return anchored(history.found);", put: "" }],
    only: ["wiped database"],
  },
  {
    bug: "believes one server where others say otherwise",
    changes: [
      {
        file: "src/adapters/xrpl-agreement.ts",
        find: "if (other >= 0 && !remembered) {",
        put: "if (other >= 1000) {",
      },
    ],
    only: ["consistent lies"],
  },
  {
    bug: "calls a month proven without a quorum",
    changes: [
      { file: quorum, find: "return Math.floor((4 * validators + 4) / 5);", put: "return Math.min(1, validators);" },
    ],
    only: ["silent server", "killed worker"],
    validators: 1,
  },
  {
    bug: "proves a month by its own ledger alone",
    changes: [
      {
        file: "src/settle/prove-month.ts",
        find: "const heard = all.filter(({ ledgerIndex }) => ledgerIndex - receipt.header.index <= maxChainLength);",
        put: "const heard = all.filter(({ ledgerIndex }) => ledgerIndex - receipt.header.index < maxChainLength / maxChainLength);",
      },
    ],
    only: ["silent server", "killed worker"],
    validators: 1,
  },
];

/** Schedules in which a bug has to be found. */
const most = 200;
const root = fileURLToPath(new URL("..", import.meta.url));
const parts = ["src", "jobs", "test/simulator", "test/support", "package.json"];

function plant(folder: string, { bug, changes }: Planted): void {
  for (const part of parts) cpSync(join(root, part), join(folder, part), { recursive: true });
  symlinkSync(join(root, "node_modules"), join(folder, "node_modules"));
  for (const { file, find, put } of changes) {
    const text = readFileSync(join(folder, file), "utf8");
    const times = text.split(find).length - 1;
    if (times !== 1) throw new Error(`"${bug}" cannot be planted: ${file} holds ${times} times ${find}`);
    writeFileSync(
      join(folder, file),
      text.replace(find, () => put),
    );
  }
}

/**
 * Runs schedules over a copy of the sources with a bug. Resolves to the first one that breaks a rule, undefined when none does.
 *
 * @throws Error when the sources break it without the bug too: then nothing is shown
 */
async function found(one: Planted, databases: Databases): Promise<Ran | undefined> {
  const folder = mkdtempSync(join(tmpdir(), "simulate-planted-"));
  try {
    plant(folder, one);
    // A copy is other modules: nothing of it is shared with the copy before.
    const copy = (await import(pathToFileURL(join(folder, "test/simulator/run-schedule.ts")).href)) as {
      readonly runSchedule: typeof runSchedule;
    };
    for (let seed = 1; seed <= most; seed++) {
      const ran = await copy.runSchedule(seed, databases, one.only, one.validators);
      if (ran.violations.length === 0) continue;
      const { violations } = await runSchedule(seed, databases, one.only, one.validators);
      if (violations.length === 0) return ran;
      throw new Error(`schedule ${seed} breaks a rule without "${one.bug}" too: ${violations.join("; ")}`);
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const databases = await openDatabases();
const survived: string[] = [];
for (const one of planted) {
  const beganMs = performance.now();
  const ran = await found(one, databases);
  const seconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  const verdict = ran ? `found by schedule ${ran.seed}` : "SURVIVED";
  console.log(`${verdict} in ${seconds} s: ${one.bug}${ran ? ` (${ran.violations[0] ?? ""})` : ""}`);
  if (!ran) survived.push(one.bug);
}
await databases.close();
if (survived.length > 0) {
  console.error(`the simulator does not see: ${survived.join("; ")}`);
  process.exitCode = 1;
}
