// A PostgreSQL and a Redis of local binaries, on free ports and in folders of their own.
import { type ChildProcess, spawn, type SpawnOptions, spawnSync } from "node:child_process";
import { once } from "node:events";
import { accessSync, chownSync, closeSync, constants, mkdirSync, openSync, readdirSync, readFileSync } from "node:fs";
import { createServer } from "node:net";
import { delimiter, join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "pg";

export const serverNames = ["postgres", "redis"] as const;
export type ServerName = (typeof serverNames)[number];

/** A server of this process, stopped so far. Whoever starts it stops it. */
export interface LocalServer {
  readonly address: string;
  /** Resolves once it answers. */
  start(signal?: AbortSignal): Promise<void>;
  /** Ends it without waiting for its clients. What PostgreSQL holds is there after the next start; a Redis is empty. */
  stop(): Promise<void>;
}

const startsWithinMs = 60_000;
const stopsWithinMs = 10_000;

/** The folder among these that has all of these programs. */
export function inFolders(folders: readonly string[], ...names: readonly string[]): string | undefined {
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

/** Folders of the path. */
export function searchPath(): readonly string[] {
  return (process.env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
}

/** Where the programs of a server are on this machine; undefined where they are not. */
export function programsOf(name: ServerName): string | undefined {
  if (name === "redis") return inFolders(searchPath(), "redis-server");
  return inFolders([...searchPath(), ...debianFolders()], "initdb", "postgres");
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

export function isRoot(): boolean {
  return process.getuid?.() === 0;
}

interface Place {
  readonly folder: string;
  readonly log: string;
  /** PostgreSQL refuses to run as root. */
  readonly user: { readonly uid?: number; readonly gid?: number };
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

/** A folder in which a server's user may write; the folder around it has to let that user through. */
function placeFor(name: ServerName, parent: string): Place {
  const user = serverUser();
  const folder = join(parent, name);
  mkdirSync(folder);
  for (const each of [parent, folder])
    if (user.uid !== undefined && user.gid !== undefined) chownSync(each, user.uid, user.gid);
  return { folder, log: join(folder, "log"), user };
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  if (address === null || typeof address === "string") throw new Error("the system gives no free port");
  return address.port;
}

/** Runs a program of a server, its output in a file. */
function program(path: string, args: readonly string[], { folder, log, user }: Place): ChildProcess {
  const output = openSync(log, "a");
  // In a group of its own, so that Ctrl-C ends whoever uses the server first and the server after it.
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

export interface Asking {
  /** What it is called where it cannot be used. */
  readonly what?: string;
  /** Why it never will answer. */
  readonly fault?: () => string | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** Resolves when a server answers. */
export async function answers(name: ServerName, address: string, asking: Asking = {}): Promise<void> {
  const { what = name, fault, signal } = asking;
  const until = Date.now() + startsWithinMs;
  for (;;) {
    try {
      await (name === "postgres" ? askPostgres : askRedis)(address);
      return;
    } catch (cause) {
      if (signal?.aborted) throw new Error(`interrupted before ${what} answered`, { cause });
      const why = fault?.() ?? (Date.now() > until ? "it does not answer" : undefined);
      // The cause may quote an address with its password.
      if (why !== undefined) throw new Error(`${what} cannot be used: ${why}`, { cause });
    }
    await pause(50);
  }
}

interface Program {
  readonly path: string;
  readonly args: readonly string[];
  readonly address: string;
}

async function postgresProgram(place: Place): Promise<Program> {
  const programs = programsOf("postgres") ?? "";
  const data = join(place.folder, "data");
  const initdb = ["-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
  const made = program(join(programs, "initdb"), initdb, place);
  await ended(made);
  if (made.exitCode !== 0) throw new Error(`initdb failed: ${readFileSync(place.log, "utf8").slice(-2000)}`);
  const port = await freePort();
  const settings = ["fsync=off", "max_connections=200", "unix_socket_directories="];
  const listen = ["-D", data, "-h", "127.0.0.1", "-p", String(port)];
  const args = [...listen, ...settings.flatMap((setting) => ["-c", setting])];
  return { path: join(programs, "postgres"), args, address: `postgres://postgres@127.0.0.1:${port}/postgres` };
}

async function redisProgram({ folder }: Place): Promise<Program> {
  const port = await freePort();
  const listen = ["--bind", "127.0.0.1", "--port", String(port), "--dir", folder];
  const settings = ["--save", "", "--appendonly", "no", "--databases", "64", "--maxmemory-policy", "noeviction"];
  const path = join(programsOf("redis") ?? "", "redis-server");
  return { path, args: [...listen, ...settings], address: `redis://127.0.0.1:${port}` };
}

/** Prepares a server whose programs are on this machine. @param parent - a folder that is empty or has another server */
export async function localServer(name: ServerName, parent: string): Promise<LocalServer> {
  const place = placeFor(name, parent);
  const { path, args, address } = await (name === "postgres" ? postgresProgram : redisProgram)(place);
  let server: ChildProcess | undefined;
  return {
    address,
    async start(signal) {
      const started = (server = program(path, args, place));
      const fault = (): string | undefined =>
        hasEnded(started) ? `it ended: ${readFileSync(place.log, "utf8").slice(-2000)}` : undefined;
      await answers(name, address, { fault, signal });
    },
    async stop() {
      // SIGINT lets PostgreSQL end without waiting for its clients.
      if (server) await stop(server, name === "postgres" ? "SIGINT" : "SIGTERM");
    },
  };
}
