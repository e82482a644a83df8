import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { privateKeyPem } from "../../src/core/public-key.ts";
import { type Json, nodeJson, releasePayload, seedOf } from "../support/build-ledger.ts";

/** The clock of the tests of this folder that join a network. */
export const now = "2026-03-20T12:00:00Z";

/** Writes a file below a folder, JSON unless it is a text. */
export function put(folder: string, name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === "string" ? content : `${JSON.stringify(content, null, 2)}\n`);
  return path;
}

export function read(folder: string, name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

export function json(folder: string, name: string): Json {
  return JSON.parse(read(folder, name)) as Json;
}

/** File with the private key that is made of a name. */
export function keyFile(folder: string, name: string): string {
  return put(folder, `${name.replace("/", "-")}.pem`, privateKeyPem(seedOf(name)));
}

/** Type and payload of a release, and nothing more. */
export function release(repo: string, version: string): Json {
  return { type: "ReleasePublished", payload: releasePayload(repo, version) };
}

/** A node whose two keys are made of its id and of `spare`. */
export function nodeOfTwo(id: string, kind: string, spare = `${id} spare`, more: Json = {}): Json {
  const [own] = nodeJson(id, kind)["maintainers"] as Json[];
  const [other] = nodeJson(spare, kind)["maintainers"] as Json[];
  return nodeJson(id, kind, {
    maintainers: [
      { ...own, ...more },
      { ...other, name: "spare", keyId: "spare-1" },
    ],
  });
}

/** Codes of the refusals that a command printed. */
export function refusals(out: string): readonly string[] {
  return [...out.matchAll(/^REFUSED {2}([A-Z_]+): /gm)].map(([, code = ""]) => code);
}
