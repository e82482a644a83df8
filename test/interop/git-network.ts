import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Files, nativeEvent, nodeJson, partition, releasePayload } from "../support/build-ledger.ts";
import { type Repository, repository } from "./ssh.ts";

function monthBefore(unixMs: number): Date {
  const date = new Date(unixMs);
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - 1, 10, 12));
}

function timestampOf(date: Date): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}

/** The month that is over by the clock of this machine and was not closed yet. */
export const lastMonth: string = monthBefore(Date.now()).toISOString().slice(0, 7);

/** A time in the last month, so many hours after its tenth noon. */
export function lastMonthAt(hours: number): string {
  return timestampOf(new Date(monthBefore(Date.now()).getTime() + hours * 3_600_000));
}

export function justNow(): string {
  return timestampOf(new Date());
}

export function release(version: string, timestamp: string, node = "acme/widget", signer = node) {
  return nativeEvent("ReleasePublished", node, timestamp, releasePayload(node, version), signer);
}

/** A ledger whose last month is over and open. */
export function dueFiles(): Files {
  const manifests = ["acme/widget", "acme/gadget"].map((id) => [
    `nodes/${id}/node.json`,
    `${JSON.stringify(nodeJson(id, "compute"), null, 2)}\n`,
  ]);
  return {
    ...(Object.fromEntries(manifests) as Files),
    [`${lastMonth}.json`]: partition([
      release("1.0.0", lastMonthAt(0)),
      release("0.1.0", lastMonthAt(1), "acme/gadget"),
    ]),
  };
}

export interface GitNetwork {
  /** A bare repository, as a forge keeps one. */
  readonly bare: string;
  /** The clone of somebody who writes to it. */
  readonly writer: Repository;
}

/** A network in a bare repository, its ledger on `main`. */
export function gitNetwork(folder: string, files: Files): GitNetwork {
  const bare = join(folder, "network.git");
  const writer = repository(join(folder, "writer"));
  writer.git("init", "-q", "--bare", "-b", "main", bare);
  writer.git("remote", "add", "origin", bare);
  write(writer.dir, files);
  writer.commit("Begin");
  writer.git("push", "-q", "origin", "main");
  return { bare, writer };
}

function write(dir: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}
