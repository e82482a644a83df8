import { spawn } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { Wallet } from "xrpl";
import { privateKeyPem } from "../../src/core/public-key.ts";
import { writeYearLedger, yearMonths } from "../support/year-ledger.ts";

const main = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url));

/** Names the page uses, and the folders of a machine that stand for them. */
const folders = {
  "/etc/settlement": "etc",
  "/srv/ledger": "ledger",
  "/var/lib/settlement": "data",
  "/backup": "backup",
} as const;

export interface Ran {
  readonly code: number;
  /** Both streams, as a terminal shows them. */
  readonly out: string;
}

/** A host on which the commands of the runbook run as they stand there. */
export interface Machine {
  readonly folder: string;
  readonly account: string;
  readonly url: string;
  /** What a name of the page is here. */
  real(text: string): string;
  /** Runs commands of the page. */
  run(commands: string): Promise<Ran>;
  /** Changes members of the configuration file. */
  configure(change: Readonly<Record<string, unknown>>): void;
  /** Everything the service has logged. */
  log(): string;
  /** Ends the service at once, wherever it is. */
  kill(): Promise<void>;
  remove(): Promise<void>;
}

export interface MachineOptions {
  readonly config: Readonly<Record<string, unknown>>;
  /** How many months the ledger has. */
  readonly months?: number;
  readonly prelude: string;
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address ? address.port : 0;
}

export async function newMachine({ config, months = 2, prelude }: MachineOptions): Promise<Machine> {
  const folder = mkdtempSync(join(tmpdir(), "settlement-runbook-"));
  const port = await freePort();
  const real = (text: string): string => {
    let replaced = text.replaceAll("127.0.0.1:8080", `127.0.0.1:${port}`);
    replaced = replaced.replaceAll("2026-08", yearMonths.at(-1) ?? "").replaceAll("2026-07", yearMonths.at(-2) ?? "");
    for (const [name, own] of Object.entries(folders)) replaced = replaced.replaceAll(name, join(folder, own));
    return replaced;
  };
  for (const own of [...Object.values(folders), "bin"]) mkdirSync(join(folder, own));
  const etc = join(folder, "etc");
  const wallet = Wallet.generate();
  writeFileSync(join(etc, "account.seed"), `${wallet.seed ?? ""}\n`);
  writeFileSync(join(etc, "settlement-key.pem"), privateKeyPem(crypto.getRandomValues(new Uint8Array(32))));
  writeFileSync(join(etc, "admin-tokens"), `alice ${"a".repeat(40)}\n`);
  let settings: Record<string, unknown> = {
    ledger: join(folder, "ledger"),
    data: join(folder, "data"),
    network: "local",
    origin: "runbook.example",
    keyFile: join(etc, "settlement-key.pem"),
    seedFile: join(etc, "account.seed"),
    adminTokensFile: join(etc, "admin-tokens"),
    grace: 0,
    port,
  };
  const configure = (change: Readonly<Record<string, unknown>>): void => {
    settings = { ...settings, ...change };
    writeFileSync(join(etc, "config.json"), JSON.stringify(settings, null, 2));
  };
  configure(config);
  writeYearLedger(join(folder, "ledger"), "node");
  for (const name of readdirSync(join(folder, "ledger"))) {
    const month = name.slice(0, 7);
    if (name.endsWith(".json") && !yearMonths.slice(-months).includes(month)) rmSync(join(folder, "ledger", name));
  }
  writePrograms(folder);
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith("SETTLEMENT_"))),
    PATH: `${join(folder, "bin")}:${process.env["PATH"] ?? ""}`,
  };
  const run = async (commands: string): Promise<Ran> => {
    const child = spawn("sh", ["-eu", "-c", `${real(prelude)}\n${real(commands)}`], {
      env,
      cwd: folder,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let out = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8");
      stream.on("data", (text: string) => {
        out += text;
      });
    }
    const [code] = (await once(child, "close")) as [number];
    return { code, out };
  };
  const log = (): string => {
    try {
      return readFileSync(join(folder, "log"), "utf8");
    } catch {
      return "";
    }
  };
  const kill = async (): Promise<void> => {
    let pid: number;
    try {
      pid = Number(readFileSync(join(folder, "pid"), "utf8"));
    } catch {
      return;
    }
    for (;;) {
      try {
        process.kill(pid, "SIGKILL");
      } catch {
        break;
      }
      await wait(20);
    }
    rmSync(join(folder, "pid"), { force: true });
  };
  return {
    folder,
    account: wallet.classicAddress,
    url: `http://127.0.0.1:${port}`,
    real,
    run,
    configure,
    log,
    kill,
    async remove() {
      await kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** `settlement`, and what a service manager would do with it. */
function writePrograms(folder: string): void {
  const [pid, log, limit] = ["pid", "log", "limit"].map((name) => `'${join(folder, name)}'`);
  const programs = {
    settlement: `exec '${process.execPath}' '${main}' "$@"`,
    systemctl: `
case "$1" in
  start)
    [ ! -f ${limit} ] || ulimit -f "$(cat ${limit})"
    setsid settlement run --config '${join(folder, "etc/config.json")}' >>${log} 2>&1 </dev/null &
    echo $! >${pid} ;;
  stop)
    [ -f ${pid} ] || exit 0
    kill -TERM "$(cat ${pid})" 2>/dev/null || true
    while kill -0 "$(cat ${pid})" 2>/dev/null; do sleep 0.05; done
    rm -f ${pid} ;;
  restart) systemctl stop; systemctl start ;;
  *) echo "systemctl $1?" >&2; exit 64 ;;
esac`,
    journalctl: `tail -n 100 ${log}`,
  };
  for (const [name, text] of Object.entries(programs)) {
    const path = join(folder, "bin", name);
    writeFileSync(path, `#!/bin/sh\n${text}\n`);
    chmodSync(path, 0o700);
  }
}
