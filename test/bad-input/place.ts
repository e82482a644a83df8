import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  cpSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { cli } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";

type Json = Record<string, unknown>;

/** A folder with a ledger of one anchored and three open months, the keys of its node, a trust file and a proof. */
export interface Place {
  readonly root: string;
  readonly ledger: string;
  readonly data: string;
  readonly trust: string;
  readonly proof: string;
  /** Paths are relative to the root. */
  text(path: string): string;
  put(path: string, content: string | Uint8Array): void;
  /** Replaces a text that has to be there. */
  swap(path: string, from: string | RegExp, to: string): void;
  /** Changes a JSON file by its value. */
  edit(path: string, change: (value: Json) => void): void;
  /** Cuts a file to this many bytes; negative counts from its end. */
  cut(path: string, bytes: number): void;
  drop(path: string): void;
  folder(path: string): void;
  link(path: string, target: string): void;
  pipe(path: string): void;
}

export function placeAt(root: string): Place {
  const at = (path: string): string => join(root, path);
  const text = (path: string): string => readFileSync(at(path), "utf8");
  const put = (path: string, content: string | Uint8Array): void => {
    mkdirSync(dirname(at(path)), { recursive: true });
    writeFileSync(at(path), content);
  };
  const clear = (path: string): void => {
    rmSync(at(path), { recursive: true, force: true });
    mkdirSync(dirname(at(path)), { recursive: true });
  };
  return {
    root,
    ledger: at("ledger"),
    data: at("data"),
    trust: at("data/trust.json"),
    proof: at("release.proof.json"),
    text,
    put,
    swap(path, from, to) {
      const before = text(path);
      const after = before.replace(from, () => to);
      if (after === before) throw new Error(`${path} does not hold ${String(from)}`);
      put(path, after);
    },
    edit(path, change) {
      const value = JSON.parse(text(path)) as Json;
      change(value);
      put(path, `${JSON.stringify(value, null, 2)}\n`);
    },
    cut: (path, bytes) => truncateSync(at(path), bytes < 0 ? lstatSync(at(path)).size + bytes : bytes),
    drop: (path) => rmSync(at(path), { recursive: true }),
    folder(path) {
      clear(path);
      mkdirSync(at(path));
    },
    link(path, target) {
      clear(path);
      symlinkSync(target, at(path));
    },
    pipe(path) {
      clear(path);
      execFileSync("sh", ["-c", 'mkfifo "$0"', at(path)]);
    },
  };
}

/** Everything below a folder: of files the hash of their bytes, of links where they lead. */
export function everythingIn(root: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const entry of readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    found.set(path.slice(root.length + 1), contentOf(path));
  }
  return found;
}

function contentOf(path: string): string {
  const facts = lstatSync(path);
  if (facts.isFile()) return `${facts.mode} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`;
  return facts.isSymbolicLink() ? `link to ${readlinkSync(path)}` : String(facts.mode);
}

async function well(args: readonly string[]): Promise<void> {
  const { code, err } = await cli(args);
  if (code !== 0) throw new Error(`settlement ${args.join(" ")}: exit ${code}\n${err}`);
}

/** Release of the anchored month whose proof lies in a place. */
export const release = "tidewater-labs/tidegauge@1.4.0";

/** Makes a place to copy: the sample ledger, its first month closed, anchored on a local network, and proven. */
export async function makePlace(): Promise<Place> {
  const place = placeAt(mkdtempSync(join(tmpdir(), "settlement-bad-input-")));
  cpSync(sampleFolder, place.ledger, { recursive: true });
  const at = ["--ledger", place.ledger, "--data", place.data];
  await well(["close", "2026-08", "--origin", "test.example", ...at]);
  await well(["anchor", "2026-08", ...at]);
  await well(["prove", release, "-o", place.proof, "--ledger", place.ledger]);
  // The database of attempts and the ledgers of the local network are large, and only some cases need new ones.
  place.drop("data/state");
  place.drop("data/localnet");
  return place;
}
