// Runs a command with a PostgreSQL and a Redis to test against, and exits as it does:
//
//   node scripts/with-services.ts COMMAND [ARGUMENT ...]
//
// The command finds them in SETTLEMENT_TEST_POSTGRES and SETTLEMENT_TEST_REDIS. A server whose variable is set is used as it
// is; any other is started from local binaries, on a free port in a temporary folder, and stopped afterwards.
import { type ChildProcess, spawn, type SpawnOptions, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  chownSync,
  closeSync,
  constants,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
} from "node:fs";
import { createServer } from "node:net";
import { constants as system, tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "pg";

const variables = { postgres: "SETTLEMENT_TEST_POSTGRES", redis: "SETTLEMENT_TEST_REDIS" } as const;
const packages = { postgres: "postgresql", redis: "redis-server" } as const;
const startsWithinMs = 60_000;
const stopsWithinMs = 10_000;

type Name = keyof typeof variables;

/** What all servers of a run share. */
interface Place {
  readonly folder: string;
  /** PostgreSQL refuses to run as root. */
  readonly user: { readonly uid?: number; readonly gid?: number };
  readonly started: AsyncDisposableStack;
}

/** The first signal that came. It ends the command, or the preparations for it. */
let interruption: NodeJS.Signals | undefined;
let command: ChildProcess | undefined;

function interrupt(signal: NodeJS.Signals): void {
  interruption ??= signal;
  if (command?.pid === undefined || command.exitCode !== null || command.signalCode !== null) return;
  // The command has a process group of its own, so that all of it gets the signal, and gets it once.
  process.kill(-command.pid, signal);
}

function inFolders(folders: readonly string[], ...names: readonly string[]): string | undefined {
  return folders.find((folder) =>
    names.every((name) => {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return true;
      } catch {
        return false;
      }
    }),
  );
}

function folderOf(name: Name | "apt"): string | undefined {
  const path = (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  if (name === "apt") return inFolders(path, "apt-get");
  if (name === "redis") return inFolders(path, "redis-server");
  return inFolders([...path, ...debianFolders()], "initdb", "postgres");
}

/** Debian keeps the server's programs off the path, one folder a version; newest first. */
function debianFolders(): readonly string[] {
  const versions = "/usr/lib/postgresql";
  try {
    const names = readdirSync(versions).toSorted((a, b) => Number(b) - Number(a));
    return names.map((name) => join(versions, name, "bin"));
  } catch {
    return [];
  }
}

function isRoot(): boolean {
  return process.getuid?.() === 0;
}

/** Installs the servers that are not on this machine, where that can be done. */
function requirePrograms(names: readonly Name[]): void {
  const missing = names.filter((name) => folderOf(name) === undefined);
  if (missing.length === 0) return;
  const wanted = missing.map((name) => packages[name]).join(" ");
  const advice = `install ${wanted}, or set ${missing.map((name) => variables[name]).join(" and ")}`;
  const aptFolder = folderOf("apt");
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
  if (!isInstalled || missing.some((name) => folderOf(name) === undefined)) {
    throw new Error(`apt-get could not install ${wanted}: ${advice}`);
  }
}

function serverUser(): Place["user"] {
  if (!isRoot()) return {};
  const idOf = (flag: string, name: string): number | undefined => {
    const { status, stdout } = spawnSync("id", [flag, name], { encoding: "utf8" });
    return status === 0 ? Number(stdout) : undefined;
  };
  for (const name of ["postgres", "nobody"]) {
    const [uid, gid] = [idOf("-u", name), idOf("-g", name)];
    if (uid !== undefined && gid !== undefined) return { uid, gid };
  }
  throw new Error("PostgreSQL refuses to run as root, and there is neither a user postgres nor a user nobody");
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the system gives no free port");
  return address.port;
}

/** Runs a program of a server, its output in a file. */
function program(path: string, args: readonly string[], log: string, { folder, user }: Place): ChildProcess {
  const output = openSync(log, "a");
  // In a group of its own, so that Ctrl-C ends the command first and the server after it.
  const options: SpawnOptions = { cwd: folder, detached: true, stdio: ["ignore", output, output], ...user };
  try {
    return spawn(path, args, options).on("error", () => undefined);
  } finally {
    closeSync(output);
  }
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

async function ended(child: ChildProcess): Promise<void> {
  if (!hasEnded(child)) await once(child, "exit");
}

async function stop(server: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (hasEnded(server)) return;
  const timer = setTimeout(() => server.kill("SIGKILL"), stopsWithinMs);
  server.kill(signal);
  await ended(server);
  clearTimeout(timer);
}

/** Resolves when a server answers. @param fault - why it never will */
async function answers(what: string, ask: () => Promise<unknown>, fault: () => string | undefined): Promise<void> {
  const until = Date.now() + startsWithinMs;
  for (;;) {
    try {
      await ask();
      return;
    } catch (cause) {
      if (interruption !== undefined) throw new Error(`interrupted before ${what} answered`, { cause });
      const why = fault() ?? (Date.now() > until ? "it does not answer" : undefined);
      // The cause may quote an address with its password.
      if (why !== undefined) throw new Error(`${what} cannot be used: ${why}`, { cause });
    }
    await pause(50);
  }
}

async function askPostgres(address: string): Promise<void> {
  const client = new Client({ connectionString: address, connectionTimeoutMillis: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
  } finally {
    await client.end();
  }
}

async function askRedis(address: string): Promise<void> {
  const client = new Redis(address, { lazyConnect: true, retryStrategy: () => null, connectTimeout: 5000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.ping();
  } finally {
    client.disconnect();
  }
}

const ask: Readonly<Record<Name, (address: string) => Promise<void>>> = { postgres: askPostgres, redis: askRedis };

async function startPostgres(place: Place, log: string): Promise<readonly [string, ChildProcess]> {
  const programs = folderOf("postgres") ?? "";
  const data = join(place.folder, "postgres");
  const initdb = ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const made = program(join(programs, "initdb"), initdb, log, place);
  await ended(made);
  if (made.exitCode !== 0) throw new Error(`initdb failed: ${readFileSync(log, "utf8").slice(-2000)}`);
  const port = await freePort();
  const settings = ["fsync=off", "max_connections=200", "unix_socket_directories="];
  const listen = ["-D", data, "-h", "127.0.0.1", "-p", String(port)];
  const args = [...listen, ...settings.flatMap((setting) => ["-c", setting])];
  return [`postgres://postgres@127.0.0.1:${port}/postgres`, program(join(programs, "postgres"), args, log, place)];
}

async function startRedis(place: Place, log: string): Promise<readonly [string, ChildProcess]> {
  const port = await freePort();
  const listen = ["--bind", "127.0.0.1", "--port", String(port), "--dir", place.folder];
  const settings = ["--save", "", "--appendonly", "no", "--databases", "64", "--maxmemory-policy", "noeviction"];
  const path = join(folderOf("redis") ?? "", "redis-server");
  return [`redis://127.0.0.1:${port}`, program(path, [...listen, ...settings], log, place)];
}

/** Starts a server. @returns its address, once it answers */
async function start(name: Name, place: Place): Promise<string> {
  const log = join(place.folder, `${name}.log`);
  const [address, server] = await (name === "postgres" ? startPostgres : startRedis)(place, log);
  // SIGINT lets PostgreSQL end without waiting for its clients.
  place.started.defer(() => stop(server, name === "postgres" ? "SIGINT" : "SIGTERM"));
  await answers(
    name,
    () => ask[name](address),
    () => (hasEnded(server) ? `it ended: ${readFileSync(log, "utf8").slice(-2000)}` : undefined),
  );
  return address;
}

function makePlace(started: AsyncDisposableStack): Place {
  const user = serverUser();
  const folder = mkdtempSync(join(tmpdir(), "settlement-services-"));
  started.defer(() => rmSync(folder, { recursive: true, force: true }));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  return { folder, user, started };
}

async function run(path: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  command = spawn(path, args, { env, stdio: "inherit", detached: true });
  const [code, signal] = (await once(command, "exit")) as [number | null, NodeJS.Signals | null];
  return code ?? 128 + (signal === null ? 0 : system.signals[signal]);
}

async function main([path, ...args]: readonly string[]): Promise<number> {
  if (path === undefined) throw new Error("usage: node scripts/with-services.ts COMMAND [ARGUMENT ...]");
  await using started = new AsyncDisposableStack();
  const names = ["postgres", "redis"] as const;
  const absent = names.filter((name) => !process.env[variables[name]]);
  requirePrograms(absent);
  const place = absent.length === 0 ? undefined : makePlace(started);
  const env = { ...process.env };
  for (const name of names) {
    const given = process.env[variables[name]];
    if (given)
      await answers(
        `the server of ${variables[name]}`,
        () => ask[name](given),
        () => undefined,
      );
    else if (place) env[variables[name]] = await start(name, place);
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
