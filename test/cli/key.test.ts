import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { folderOf } from "../support/accepting.ts";
import {
  eventsIn,
  type Files,
  type Json,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  nodeJson,
  pemOf,
} from "../support/build-ledger.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";
import { json, keyFile, nodeOfTwo, now, put, read, refusals } from "./joining.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function run(...args: readonly string[]): Promise<CliResult> {
  return cli(args, { SETTLEMENT_NOW: now });
}

/** A ledger in which acme/widget has two keys, the second of them called spare-1. */
function ledgerOf(files: Files, more: Json = {}): string {
  const path = files["nodes/acme/widget/node.json"] === undefined ? "ledger/nodes" : "nodes";
  const node = nodeOfTwo("acme/widget", "compute", "acme/widget spare", more);
  return folderOf({ ...files, [`${path}/acme/widget/node.json`]: `${JSON.stringify(node, null, 2)}\n` });
}

/** Lets another key take over from acme-widget-1, or revokes it. */
function change(what: "rotate" | "revoke", ledger: string, ...args: readonly string[]): Promise<CliResult> {
  return run("key", what, "acme/widget", "acme-widget-1", "--ledger", ledger, ...args);
}

function keysIn(dir: string, path: string): readonly Json[] {
  return json(dir, path)["maintainers"] as Json[];
}

function newKey(): string {
  return put(folder, "new.pub", pemOf("acme/widget new"));
}

const own = "nodes/acme/widget/node.json";
const jsonlOwn = `ledger/${own}`;

describe("settlement key rotate", () => {
  test("closes one window and opens the next at the same instant, in a monthly ledger", async () => {
    const ledger = ledgerOf(monthlyFiles());
    const { code, out, err } = await change("rotate", ledger, "--new-key", newKey());
    expect([code, err]).toEqual([0, ""]);
    expect(out).toMatch(/^✓ acme-widget-1 hands over to acme-widget-[0-9a-f]{8} at 2026-03-20T12:00:00Z$/m);
    const [old, spare, taking] = keysIn(ledger, own);
    expect(old).toMatchObject({ keyId: "acme-widget-1", validUntil: now });
    expect(spare).not.toHaveProperty("validUntil");
    expect(taking).toMatchObject({
      name: "acme-widget",
      publicKey: pemOf("acme/widget new"),
      contact: "ops@example.org",
      validFrom: now,
    });
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test("is an event too in a jsonl ledger, which the ledger takes with the manifest that shows it", async () => {
    const ledger = ledgerOf(jsonlFiles());
    const key = keyFile(folder, "acme/widget");
    const at = ["--at", "2026-03-21T00:00:00Z"];
    const { code } = await change("rotate", ledger, "--key-file", key, "--new-key", newKey(), ...at);
    expect(code).toBe(0);
    const event = eventsIn({ [linesPath]: read(ledger, linesPath) }, linesPath).at(-1);
    expect(event).toMatchObject({
      type: "KeyRotation",
      repo: "acme/widget",
      timestamp: now,
      key: { action: "rotate", retiringKeyId: "acme-widget-1", effectiveAt: "2026-03-21T00:00:00Z" },
      signature: { keyId: "acme-widget-1" },
    });
    expect(keysIn(ledger, jsonlOwn)[0]).toMatchObject({ validUntil: "2026-03-21T00:00:00Z" });
    expect((await run("validate", "--ledger", ledger, "--base", folderOf(jsonlFiles()))).code).toBe(0);
  });

  test("makes the new key where git keeps nothing, and takes it back when it is not needed", async () => {
    const ledger = ledgerOf(monthlyFiles());
    const out = join(folder, "second.pem");
    const { code, out: said } = await change("rotate", ledger, "--out", out, "--format", "json");
    expect([code, JSON.parse(said)]).toEqual([0, expect.objectContaining({ files: [out], event: null, keysLeft: 2 })]);
    expect(readFileSync(out, "utf8")).toMatch(/^-----BEGIN PRIVATE KEY-----/);
    const third = join(folder, "third.pem");
    const again = await change("rotate", ledger, "--out", third);
    expect(again.err).toMatch(/^KEY_CHANGE_CONFLICT: acme-widget-1 is valid until/);
    expect(existsSync(third)).toBe(false);
  });

  test("of a manifest in a file changes that, and gives the event for the ledger", async () => {
    const file = put(folder, "node.json", nodeOfTwo("acme/widget", "compute"));
    const output = join(folder, "rotation.json");
    const args = ["key", "rotate", file, "acme-widget-1", "--new-key", newKey(), "--dialect", "jsonl"];
    const { code } = await run(...args, "--key-file", keyFile(folder, "acme/widget spare"), "-o", output);
    expect(code).toBe(0);
    expect(parseNodeManifest(json(folder, "node.json")).maintainers).toHaveLength(3);
    expect(json(folder, "rotation.json")).toMatchObject({ type: "KeyRotation", signature: { keyId: "spare-1" } });
    const ledger = ledgerOf(jsonlFiles());
    expect((await run("node", "add", file, "--ledger", ledger)).code).toBe(0);
    expect(await run("event", "append", output, "--ledger", ledger)).toMatchObject({ code: 0 });
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test.for<[string, readonly string[], RegExp]>([
    [
      "a key that is not there",
      ["nobody-1", "--new-key", "NEW"],
      /^KEY_NOT_FOUND: acme\/widget has no key "nobody-1"; it has acme-widget-1, spare-1/,
    ],
    ["no new key", ["acme-widget-1"], /^CONFIG_INVALID: key rotate needs the key that takes over/],
    ["two new keys", ["acme-widget-1", "--new-key", "NEW", "--out", "OUT"], /^CONFIG_INVALID: key rotate needs/],
    [
      "a key that the node has",
      ["acme-widget-1", "--new-key", "OWN"],
      /^KEY_CHANGE_CONFLICT: the new key is a key of acme\/widget already/,
    ],
    [
      "a time that is over",
      ["acme-widget-1", "--new-key", "NEW", "--at", "2026-03-20T11:00:00Z"],
      /^KEY_CHANGE_CONFLICT: --at .* look forward/,
    ],
    ["a time that is none", ["acme-widget-1", "--new-key", "NEW", "--at", "soon"], /^TIMESTAMP_MALFORMED: --at/],
    [
      "a new key that is none",
      ["acme-widget-1", "--new-key", "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh"],
      /^PUBLIC_KEY_MALFORMED/,
    ],
  ])("refuses %s", async ([, args, message]) => {
    const ledger = ledgerOf(monthlyFiles());
    const before = await textsIn(ledger);
    const words: Record<string, string> = {
      NEW: newKey(),
      OWN: put(folder, "own.pub", pemOf("acme/widget spare")),
      OUT: join(folder, "x.pem"),
    };
    const { code, err } = await run(
      "key",
      "rotate",
      "acme/widget",
      ...args.map((word) => words[word] ?? word),
      "--ledger",
      ledger,
    );
    expect(code).toBe(2);
    expect(err).toMatch(message);
    const { ".writer.lock": _lock, ...after } = await textsIn(ledger);
    expect(after).toEqual(before);
  });

  test.for<[string, string, readonly string[], string]>([
    ["a stranger", "somebody", ["--key-id", "acme-widget-1"], "SIGNATURE_INVALID"],
    ["another node", "audit/one", [], "SIGNER_NOT_PERMITTED"],
  ])("is not signed by %s", async ([, name, more, refused]) => {
    const ledger = ledgerOf(jsonlFiles());
    const before = await textsIn(ledger);
    const key = keyFile(folder, name);
    const { code, out } = await change("rotate", ledger, "--new-key", newKey(), "--key-file", key, ...more);
    expect([code, refusals(out)]).toEqual([1, [refused]]);
    const { "ledger/.writer.lock": _lock, ...after } = await textsIn(ledger);
    expect(after).toEqual(before);
  });
});

const compromise = ["--reason", "compromise", "--invalid-after", "2026-03-10T00:00:00Z"];

describe("settlement key revoke", () => {
  test("writes the revocation into the manifest of a monthly ledger", async () => {
    const ledger = ledgerOf(monthlyFiles());
    const { code } = await change("revoke", ledger, "--reason", "retirement");
    expect(code).toBe(0);
    expect(keysIn(ledger, own)[0]).toMatchObject({ revokedAt: now, revocationReason: "retirement" });
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test("a compromise looks back: what the key signed since is told, and the ledger stays good", async () => {
    const ledger = ledgerOf(jsonlFiles());
    const key = keyFile(folder, "acme/widget spare");
    const since = ["--reason", "compromise", "--invalid-after", "2026-02-01T00:00:00Z"];
    const { code } = await change("revoke", ledger, "--key-file", key, ...since);
    expect(code).toBe(0);
    const event = eventsIn({ [linesPath]: read(ledger, linesPath) }, linesPath).at(-1);
    expect(event).toMatchObject({
      type: "KeyRevocation",
      key: {
        action: "revoke",
        revokedKeyId: "acme-widget-1",
        reason: "compromise",
        invalidAfter: "2026-02-01T00:00:00Z",
      },
      signature: { keyId: "spare-1" },
    });
    const { out, code: valid } = await run("validate", "--ledger", ledger);
    expect(valid).toBe(0);
    expect(out).toContain("KEY_COMPROMISED");
  });

  test("a trusted policy node may revoke a key of another node", async () => {
    const ledger = ledgerOf(jsonlFiles());
    const key = keyFile(folder, "rules/keeper");
    expect(await change("revoke", ledger, ...compromise, "--key-file", key)).toMatchObject({ code: 0 });
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test.for<[string, string, readonly string[], string]>([
    ["itself", "acme/widget", [], "KEY_EVENT_SIGNER"],
    ["another node", "audit/one", [], "SIGNER_NOT_PERMITTED"],
    ["nobody known", "somebody", ["--key-id", "spare-1"], "SIGNATURE_INVALID"],
  ])("a key is not revoked by %s", async ([, name, more, refused]) => {
    const ledger = ledgerOf(jsonlFiles());
    const before = await textsIn(ledger);
    const key = keyFile(folder, name);
    const { code, out } = await change("revoke", ledger, ...compromise, "--key-file", key, ...more);
    expect([code, refusals(out)]).toEqual([1, [refused]]);
    const { "ledger/.writer.lock": _lock, ...after } = await textsIn(ledger);
    expect(after).toEqual(before);
  });

  test("a key that was compromised revokes no other", async () => {
    const ledger = ledgerOf(jsonlFiles());
    const revoke = (key: string, name: string): Promise<CliResult> =>
      run("key", "revoke", "acme/widget", key, "--ledger", ledger, ...compromise, "--key-file", keyFile(folder, name));
    expect((await revoke("acme-widget-1", "rules/keeper")).code).toBe(0);
    const { code, out } = await revoke("spare-1", "acme/widget");
    expect([code, refusals(out)]).toEqual([1, ["KEY_NOT_VALID"]]);
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test("in the monthly dialect a key that is given must be one that may sign the commit", async () => {
    const files = { ...monthlyFiles(), "nodes/acme/law/node.json": JSON.stringify(nodeJson("acme/law", "governance")) };
    const ledger = ledgerOf(files);
    const by = (name: string): Promise<CliResult> =>
      change("revoke", ledger, "--reason", "retirement", "--key-file", keyFile(folder, name));
    expect(refusals((await by("acme/widget")).out)).toEqual(["KEY_EVENT_SIGNER"]);
    expect(refusals((await by("audit/one")).out)).toEqual(["COMMIT_SIGNER_NOT_PERMITTED"]);
    expect((await by("acme/law")).code).toBe(0);
  });

  test("is for ever, and can only become stricter", async () => {
    const ledger = ledgerOf(monthlyFiles());
    const revoke = (...more: readonly string[]): Promise<CliResult> => change("revoke", ledger, ...more);
    expect((await revoke("--reason", "rotation")).code).toBe(0);
    expect((await revoke("--reason", "retirement")).err).toMatch(
      /^KEY_CHANGE_CONFLICT: acme-widget-1 is revoked already/,
    );
    expect((await revoke(...compromise)).code).toBe(0);
    expect((await revoke("--reason", "compromise", "--invalid-after", "2026-03-11T00:00:00Z")).err).toMatch(
      /^KEY_CHANGE_CONFLICT/,
    );
    expect((await revoke("--reason", "compromise", "--invalid-after", "2026-03-01T00:00:00Z")).code).toBe(0);
    expect(keysIn(ledger, own)[0]).toMatchObject({
      revokedAt: now,
      revocationReason: "compromise",
      invalidAfter: "2026-03-01T00:00:00Z",
    });
  });

  test("says when no key is left", async () => {
    const ledger = folderOf(monthlyFiles());
    const { code, err } = await change("revoke", ledger, ...compromise);
    expect(code).toBe(0);
    expect(err).toMatch(/^note: no key of acme\/widget may sign from then on/);
  });

  test.for<[string, readonly string[], RegExp]>([
    ["no reason", [], /^CONFIG_INVALID: key revoke needs --reason/],
    ["a reason that is none", ["--reason", "whim"], /^CONFIG_INVALID: --reason must be/],
    ["a compromise since nobody knows when", ["--reason", "compromise"], /^CONFIG_INVALID: --invalid-after/],
    [
      "a retirement that looks back",
      ["--reason", "retirement", "--invalid-after", now],
      /^CONFIG_INVALID: --invalid-after/,
    ],
    [
      "a compromise to come",
      ["--reason", "compromise", "--invalid-after", "2026-04-01T00:00:00Z"],
      /^CONFIG_INVALID: .*future/,
    ],
    ["a compromise at a time", [...compromise, "--at", "2026-04-01T00:00:00Z"], /^CONFIG_INVALID: .*leave --at out/],
  ])("refuses %s", async ([, args, message]) => {
    const { code, err } = await change("revoke", ledgerOf(monthlyFiles()), ...args);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });

  test("a manifest that is not a file can be changed nowhere", async () => {
    const { code, err } = await run("key", "revoke", "-", "k-1", "--reason", "rotation");
    expect([code, err]).toEqual([2, expect.stringMatching(/^CONFIG_INVALID: the manifest is changed in its place/)]);
  });

  test("what a manifest calls its keys does not steer the terminal", async () => {
    const [key = {}] = nodeJson("acme/widget", "compute")["maintainers"] as Json[];
    const { keyId: _id, ...nameless }: Json = { ...key, name: "ada\u001b[2J\u202e" };
    const path = put(folder, "node.json", nodeJson("acme/widget", "compute", { maintainers: [nameless] }));
    const { code, err } = await run("key", "revoke", path, "k-1", "--reason", "rotation");
    expect([code, err]).toEqual([2, expect.stringMatching(/^KEY_NOT_FOUND: .*ada\\u\{1b\}\[2J\\u\{202e\}/)]);
  });

  test("a node that is not there has no keys", async () => {
    const { err } = await run(
      "key",
      "revoke",
      "no/body",
      "k-1",
      "--ledger",
      ledgerOf(monthlyFiles()),
      "--reason",
      "rotation",
    );
    expect(err).toMatch(/^NODE_NOT_FOUND/);
  });
});
