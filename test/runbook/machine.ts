import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { expect, onTestFinished } from "vitest";
import { Wallet } from "xrpl";
import { monthOf } from "../../src/core/month.ts";
import { freePort } from "../../scripts/local-servers.ts";
import { privateKeyPem } from "../../src/core/public-key.ts";
import { compiledModules } from "../kills/processes.ts";
import { yearMonths } from "../support/year-ledger.ts";
import { literally, missingFrom, prelude } from "./page.ts";
import { writePrograms } from "./programs.ts";
import { writeMonths } from "./small-ledger.ts";

/** Folders that the page names, and those of a machine that stand for them; longer names come first. */
const folders: readonly (readonly [named: string, own: string])[] = [
  ["/var/lib/settlement-next", "next-data"],
  ["/var/lib/settlement", "data"],
  ["/srv/next-ledger", "next-ledger"],
  ["/srv/ledger", "ledger"],
  ["/etc/settlement", "etc"],
  ["/backup", "backup"],
];

/** The month in question, and the one before: the last two that are over. */
export const [month = "", monthBefore = ""] = yearMonths.slice(-2).toReversed();

const thisMonthUnixMs = Date.parse(`${monthOf(Date.now())}-01T00:00:00Z`);

/** Settings with which the month before is over, and the month in question still takes events. */
export const monthIsOpen = { grace: Math.ceil((Date.now() - thisMonthUnixMs) / 60_000) + 1440 } as const;

export interface MachineOptions {
  readonly config?: Readonly<Record<string, unknown>>;
  /** Other names of the page, and what stands for them. */
  readonly names?: Readonly<Record<string, string>>;
  /** Months of its ledger. */
  readonly months?: readonly string[];
}

interface Ran {
  readonly code: number;
  /** Both streams, as a terminal shows them. */
  readonly output: string;
}

/** A host of a test: what the page calls `settlement`, `systemctl` and so on runs there, in folders of its own. */
export interface Machine {
  readonly folder: string;
  readonly account: string;
  /** A text of the page with the names of this machine in it. */
  real(text: string): string;
  /** Runs commands and expects them to succeed. Resolves to what they print. */
  does(commands: string): Promise<string>;
  /** Runs commands, however they end. */
  tries(commands: string): Promise<Ran>;
  /** Runs commands, `settlement status` by default, until they print what is shown. */
  sees(shown: string, commands?: string): Promise<void>;
  /** Expects an output to be as shown. */
  expectShown(output: string, shown: string): void;
  /** Changes members of `config.json`. */
  configure(change: Readonly<Record<string, unknown>>): void;
  /** Ends the service at once, wherever it is. */
  kill(): Promise<void>;
}

/** Nothing that the page promises takes so long, on whatever machine. */
const patienceMs = 400_000;
/** Options of a test that starts processes. */
export const slow = { timeout: 1_200_000 } as const;
const betweenMs = 300;

/** Keys, tokens and settings, where the page has them. Resolves to the account. */
function writeSettings(etc: string, settings: Readonly<Record<string, unknown>>): string {
  const { seed = "", classicAddress } = Wallet.generate();
  const files = {
    "account.seed": `${seed}\n`,
    "settlement-key.pem": privateKeyPem(crypto.getRandomValues(new Uint8Array(32))),
    "admin-tokens": `alice ${"a".repeat(40)}\n`,
    "config.json": JSON.stringify(settings, null, 2),
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(etc, name), text, { mode: 0o600 });
  return classicAddress;
}

async function runIn(folder: string, commands: string): Promise<Ran> {
  const own = Object.entries(process.env).filter(([name]) => !name.startsWith("SETTLEMENT_"));
  const env = {
    ...Object.fromEntries(own),
    PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
    NODE_COMPILE_CACHE: compiledModules,
  };
  const child = spawn("sh", ["-eu", "-c", commands], { env, cwd: folder, stdio: ["ignore", "pipe", "pipe"] });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8");
    stream.on("data", (text: string) => {
      output += text;
    });
  }
  const [code] = (await once(child, "close")) as [number];
  return { code, output };
}

/** Ends the process that a file names. False when there is none. */
function killNamed(file: string, signal: NodeJS.Signals | 0): boolean {
  try {
    const pid = Number(readFileSync(file, "utf8"));
    // To kill process 0 is to kill one's own group.
    return pid > 0 && process.kill(pid, signal);
  } catch {
    return false;
  }
}

async function killService(folder: string): Promise<void> {
  rmSync(join(folder, "wanted"), { force: true });
  do {
    killNamed(join(folder, "pid"), "SIGKILL");
    await wait(10);
  } while (killNamed(join(folder, "manager"), 0));
}

/** A machine with a ledger of months that are over, for the test that runs. */
export async function newMachine({ config = {}, names = {}, months = [month] }: MachineOptions): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "settlement-runbook-"));
  for (const own of [...folders.map(([, each]) => each), "bin"]) mkdirSync(join(folder, own));
  const port = await freePort();
  const replaced = [
    ...folders.map(([named, own]) => [named, join(folder, own)] as const),
    ["127.0.0.1:8080", `127.0.0.1:${port}`] as const,
    ["2026-08", month] as const,
    ["2026-07", monthBefore] as const,
    ...Object.entries(names),
  ];
  const stands = new Map(replaced);
  // A path of the page may be the end of another one, as in `/backup/latest/etc/settlement-key.pem`.
  const named = new RegExp(`(?<![\\w.-](?=/))(?:${Array.from(stands.keys(), literally).join("|")})`, "g");
  const real = (text: string): string => text.replace(named, (name) => stands.get(name) ?? name);
  let settings: Readonly<Record<string, unknown>> = {
    ledger: real("/srv/ledger"),
    data: real("/var/lib/settlement"),
    network: "local",
    origin: "runbook.example",
    keyFile: real("/etc/settlement/settlement-key.pem"),
    seedFile: real("/etc/settlement/account.seed"),
    adminTokensFile: real("/etc/settlement/admin-tokens"),
    grace: 0,
    port,
    ...config,
  };
  const account = writeSettings(real("/etc/settlement"), settings);
  writeMonths(real("/srv/ledger"), months);
  writePrograms(folder);
  const tries = (commands: string): Promise<Ran> => runIn(folder, `${real(prelude)}\n${real(commands)}`);
  const does = async (commands: string): Promise<string> => {
    const { code, output } = await tries(commands);
    expect(code, `${commands}\n${output}`).toBe(0);
    return output;
  };
  const kill = (): Promise<void> => killService(folder);
  onTestFinished(async () => {
    await kill();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    folder,
    account,
    real,
    does,
    tries,
    kill,
    async sees(shown, commands = "settlement status") {
      const untilMs = Date.now() + patienceMs;
      for (;;) {
        const { output } = await tries(commands);
        const missing = missingFrom(output, real(shown));
        if (missing.length === 0) return;
        if (Date.now() > untilMs)
          expect(missing, `${output}\n${(await tries("journalctl | tail -n 20")).output}`).toEqual([]);
        await wait(betweenMs);
      }
    },
    expectShown: (output, shown) => expect(missingFrom(output, real(shown)), `in ${output}`).toEqual([]),
    configure(change) {
      settings = { ...settings, ...(JSON.parse(real(JSON.stringify(change))) as object) };
      writeFileSync(real("/etc/settlement/config.json"), JSON.stringify(settings, null, 2));
    },
  };
}
