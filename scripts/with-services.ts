// Runs a command with a PostgreSQL and a Redis to test against, and exits as it does:
//
//   node scripts/with-services.ts COMMAND [ARGUMENT ...]
//
// The command finds them in SETTLEMENT_TEST_POSTGRES and SETTLEMENT_TEST_REDIS. A server whose variable is set is used as it
// is; any other is started from local binaries, on a free port in a temporary folder, and stopped afterwards.
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { constants as system, tmpdir } from "node:os";
import { join } from "node:path";
import {
  answers,
  inFolders,
  isRoot,
  localServer,
  programsOf,
  searchPath,
  type ServerName,
  serverNames,
} from "./local-servers.ts";

const variables = { postgres: "SETTLEMENT_TEST_POSTGRES", redis: "SETTLEMENT_TEST_REDIS" } as const;
const packages = { postgres: "postgresql", redis: "redis-server" } as const;

/** The first signal that came. It ends the command, or the preparations for it. */
let interruption: NodeJS.Signals | undefined;
const interrupted = new AbortController();
let command: ChildProcess | undefined;

function interrupt(signal: NodeJS.Signals): void {
  interruption ??= signal;
  interrupted.abort();
  if (command?.pid === undefined || command.exitCode !== null || command.signalCode !== null) return;
  // The command has a process group of its own, so that all of it gets the signal, and gets it once.
  process.kill(-command.pid, signal);
}

/** Installs the servers that are not on this machine, where that can be done. */
function requirePrograms(names: readonly ServerName[]): void {
  const missing = names.filter((name) => programsOf(name) === undefined);
  if (missing.length === 0) return;
  const wanted = missing.map((name) => packages[name]).join(" ");
  const advice = `install ${wanted}, or set ${missing.map((name) => variables[name]).join(" and ")}`;
  const aptFolder = inFolders(searchPath(), "apt-get");
  if (!isRoot() || aptFolder === undefined) {
    throw new Error(`the programs of ${missing.join(" and ")} are not on this machine: ${advice}`);
  }
  const apt = (...args: readonly string[]): boolean => {
    const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
    return spawnSync(join(aptFolder, "apt-get"), args, { env, stdio: ["ignore", 2, 2] }).status === 0;
  };
  const install = ["install", "-y", "--no-install-recommends", ...missing.map((name) => packages[name])];
  // A fresh image has no list of packages.
  const isInstalled = apt(...install) || (apt("update") && apt(...install));
  if (!isInstalled || missing.some((name) => programsOf(name) === undefined)) {
    throw new Error(`apt-get could not install ${wanted}: ${advice}`);
  }
}

/** Starts a server. @returns its address, once it answers */
async function start(name: ServerName, folder: string, started: AsyncDisposableStack): Promise<string> {
  const server = await localServer(name, folder);
  started.defer(() => server.stop());
  await server.start(interrupted.signal);
  return server.address;
}

async function run(path: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  command = spawn(path, args, { env, stdio: "inherit", detached: true });
  const [code, signal] = (await once(command, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : system.signals[signal]);
}

async function main([path, ...args]: readonly string[]): Promise<number> {
  if (path === undefined) throw new Error("usage: node scripts/with-services.ts COMMAND [ARGUMENT ...]");
  await using started = new AsyncDisposableStack();
  requirePrograms(serverNames.filter((name) => !process.env[variables[name]]));
  const folder = mkdtempSync(join(tmpdir(), "settlement-services-"));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  const env = { ...process.env };
  for (const name of serverNames) {
    const given = process.env[variables[name]];
    const asking = { what: `the server of ${variables[name]}`, signal: interrupted.signal };
    if (given) await answers(name, given, asking);
    else env[variables[name]] = await start(name, folder, started);
    if (interruption !== undefined) return 128 + system.signals[interruption];
  }
  return await run(path, args, env);
}

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, interrupt);
try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`with-services: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = interruption === undefined ? 1 : 128 + system.signals[interruption];
}
