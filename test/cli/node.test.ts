import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { folderOf } from "../support/accepting.ts";
import {
  closedMonthlyFiles,
  type Files,
  type Json,
  jsonlFiles,
  monthlyFiles,
  nodeJson,
  pemOf,
  withoutFile,
} from "../support/build-ledger.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";
import { json, nodeOfTwo, now, put, refusals } from "./joining.ts";

let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function run(...args: readonly string[]): Promise<CliResult> {
  return cli(args, { SETTLEMENT_NOW: now });
}

function keysOf(node: Json): Json[] {
  return node["maintainers"] as Json[];
}

/** Manifests that no ledger takes, with the code that says why. */
const bad: readonly (readonly [string, Json | string, string])[] = [
  ["no JSON", "{", "JSON_MALFORMED"],
  ["a member twice", '{"id":"a/b","id":"a/b"}', "JSON_DUPLICATE_KEY"],
  ["a list", "[]", "NODE_ID_MALFORMED"],
  ["an id that climbs", { ...nodeJson("a/b", "compute"), id: "../.." }, "NODE_ID_MALFORMED"],
  ["no keys", { ...nodeJson("a/b", "compute"), maintainers: [] }, "NODE_MALFORMED"],
  ["an unknown member", { ...nodeJson("a/b", "compute"), nodeId: "a/b" }, "NODE_MALFORMED"],
  ["a kind that is none", { ...nodeJson("a/b", "compute"), kind: "king" }, "NODE_MALFORMED"],
  ["no capability", { ...nodeJson("a/b", "compute"), provides: [] }, "NODE_MALFORMED"],
  ["a key that is none", nodeJson("a/b", "compute", {}, { publicKey: "x".repeat(40) }), "NODE_MALFORMED"],
  [
    "an address as key",
    nodeJson("a/b", "compute", {}, { publicKey: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" }),
    "PUBLIC_KEY_MALFORMED",
  ],
  ["a key id twice", nodeOfTwo("a/b", "compute", "c/d", { keyId: "spare-1" }), "NODE_KEY_ID_DUPLICATE"],
  ["a time that is none", nodeJson("a/b", "compute", {}, { validUntil: "tomorrow" }), "KEY_WINDOW_MALFORMED"],
  ["a reason without a time", nodeJson("a/b", "compute", {}, { revocationReason: "rotation" }), "KEY_WINDOW_MALFORMED"],
];

describe("settlement node check", () => {
  test.for(bad)("says what is wrong with %s", async ([, node, code]) => {
    const result = await run("node", "check", put(folder, "node.json", node));
    expect(result.code).toBe(1);
    expect(refusals(result.out)).toContain(code);
    const asJson = await run("node", "check", join(folder, "node.json"), "--format", "json");
    expect((JSON.parse(asJson.out) as { answers: Json[] }).answers.map((each) => each["code"])).toContain(code);
  });

  test("shows what each key is good for, and what nobody provides", async () => {
    const ledger = folderOf(monthlyFiles());
    const before = await textsIn(ledger);
    const node = nodeOfTwo("acme/gear", "compute", "x/y", { validUntil: "2026-03-01T00:00:00Z" });
    const file = put(folder, "node.json", { ...node, consumes: ["attestor.results.v1", "time.machine.v1"] });
    const { code, out } = await run("node", "check", file, "--ledger", ledger, "--format", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      id: "acme/gear",
      accepted: true,
      keys: [
        { keyId: "acme-gear-1", state: "expired" },
        { keyId: "spare-1", state: "valid" },
      ],
      unmet: ["time.machine.v1"],
    });
    expect((await run("node", "check", file, "--ledger", ledger)).out).toContain("nobody provides time.machine.v1");
    expect(await textsIn(ledger)).toEqual(before);
  });

  test("finds a node of the ledger by its id, and says so where there is none", async () => {
    const ledger = folderOf(jsonlFiles());
    const { code, out } = await run("node", "check", "acme/widget", "--ledger", ledger);
    expect([code, out]).toEqual([0, expect.stringContaining("acme/widget: the ledger takes it")]);
    expect((await run("node", "check", "no/body", "--ledger", ledger)).err).toMatch(/^NODE_NOT_FOUND/);
  });

  test("warns of a key that another node has, and of one that may sign no more", async () => {
    const ledger = folderOf(monthlyFiles());
    const window = { validUntil: "2026-01-01T00:00:00Z" };
    const shared = nodeJson("zoo/gear", "compute", {}, { publicKey: pemOf("acme/widget"), ...window });
    const { code, out } = await run("node", "check", put(folder, "node.json", shared), "--ledger", ledger);
    expect(code).toBe(0);
    expect(out).toMatch(/^WARNING {2}NODE_KEY_SHARED: /m);
    expect(out).toMatch(/^WARNING {2}none of its keys may sign any more$/m);
  });
});

describe("settlement node add", () => {
  test.for(bad)("refuses %s, and writes nothing", async ([, node, code]) => {
    const ledger = folderOf(monthlyFiles());
    const before = await textsIn(ledger);
    const result = await run("node", "add", put(folder, "node.json", node), "--ledger", ledger);
    expect(result.code).toBe(1);
    expect(refusals(result.out)).toContain(code);
    expect(await textsIn(ledger)).toEqual(before);
  });

  test.for([
    ["monthly", monthlyFiles, ""],
    ["closed", closedMonthlyFiles, ""],
    ["jsonl", jsonlFiles, "ledger/"],
  ] as const)("puts a new node into a %s ledger, byte for byte, once", async ([, files, prefix]) => {
    const ledger = folderOf(await files());
    const file = put(folder, "node.json", nodeJson("zoo/gear", "compute"));
    const first = await run("node", "add", file, "--ledger", ledger);
    expect(first).toMatchObject({ code: 0, out: "✓ nodes/zoo/gear/node.json was added\n", err: "" });
    expect(readFileSync(join(ledger, `${prefix}nodes/zoo/gear/node.json`), "utf8")).toBe(readFileSync(file, "utf8"));
    expect((await run("node", "add", file, "--ledger", ledger)).out).toContain("as it stands");
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test("begins a ledger in an empty folder, and in no other", async () => {
    const file = put(folder, "node.json", nodeJson("zoo/gear", "compute"));
    const empty = join(folder, "network");
    mkdirSync(join(empty, ".git"), { recursive: true });
    const { code, err } = await run("node", "add", file, "--ledger", empty);
    expect(code).toBe(0);
    expect(err).toContain("a ledger begins there");
    expect((await run("validate", "--ledger", empty)).code).toBe(0);
    const other = join(folder, "other");
    put(other, "README.md", "# Something else\n");
    expect((await run("node", "add", file, "--ledger", other)).err).toMatch(/^LEDGER_NOT_FOUND/);
    expect((await run("node", "add", file, "--ledger", join(folder, "nowhere"))).err).toMatch(/^LEDGER_NOT_FOUND/);
    expect(Object.keys(await textsIn(other))).toEqual(["README.md"]);
  });

  const changes: readonly (readonly [string, (node: Json) => Json, readonly string[]])[] = [
    ["a new key", (node) => ({ ...node, maintainers: [...keysOf(node), ...keysOf(nodeJson("x/y", "compute"))] }), []],
    ["a tag", (node) => ({ ...node, tags: ["new"] }), []],
    [
      "the key that signed its events",
      (node) => ({ ...node, maintainers: keysOf(nodeJson("x/y", "compute")) }),
      ["KEY_REMOVED", "SIGNATURE_INVALID"],
    ],
    [
      "its window, so that what it signed is no more",
      (node) => ({ ...node, maintainers: [{ ...keysOf(node)[0], validUntil: "2026-02-01T00:00:00Z" }] }),
      ["KEY_NOT_VALID"],
    ],
    ["its kind", (node) => ({ ...node, kind: "oracle" }), ["EVENT_KIND_NOT_ALLOWED"]],
  ];
  test.for(changes)("changes a node that is there, judged as a change: %s", async ([, change, codes]) => {
    const ledger = folderOf(monthlyFiles());
    const path = "nodes/acme/widget/node.json";
    const before = readFileSync(join(ledger, path), "utf8");
    const file = put(folder, "node.json", change(json(ledger, path)));
    const { code, out } = await run("node", "add", file, "--ledger", ledger);
    expect(code).toBe(codes.length === 0 ? 0 : 1);
    for (const each of codes) expect(refusals(out)).toContain(each);
    expect(readFileSync(join(ledger, path), "utf8") === before).toBe(codes.length > 0);
  });

  test("a revocation is for ever", async () => {
    const revoked = { revokedAt: "2026-03-19T00:00:00Z", revocationReason: "retirement" };
    const files = {
      ...monthlyFiles(),
      "nodes/zoo/gear/node.json": JSON.stringify(nodeJson("zoo/gear", "compute", {}, revoked)),
    };
    const file = put(folder, "node.json", nodeJson("zoo/gear", "compute"));
    const { code, out } = await run("node", "add", file, "--ledger", folderOf(files));
    expect([code, refusals(out)]).toEqual([1, ["KEY_REVOCATION_LIFTED"]]);
  });

  test("nothing is added to a ledger that breaks its rules, and the fault is its own", async () => {
    const files: Files = withoutFile(monthlyFiles(), "nodes/watch/tower/node.json");
    const ledger = folderOf(files);
    const { code, err } = await run(
      "node",
      "add",
      put(folder, "node.json", nodeJson("zoo/gear", "compute")),
      "--ledger",
      ledger,
    );
    expect(code).toBe(3);
    expect(err).toMatch(/^ACCEPTANCE_STOPPED: the ledger breaks its rules .*SIGNER_NOT_REGISTERED/);
    // What mends it is taken.
    const tower = put(folder, "tower.json", nodeJson("watch/tower", "oracle"));
    expect((await run("node", "add", tower, "--ledger", ledger)).code).toBe(0);
  });

  test("a file in the place of the node's folder is not replaced", async () => {
    const ledger = folderOf(monthlyFiles());
    writeFileSync(join(ledger, "nodes/zoo"), "a file\n");
    const { code, err } = await run(
      "node",
      "add",
      put(folder, "node.json", nodeJson("zoo/gear", "compute")),
      "--ledger",
      ledger,
    );
    expect(code).not.toBe(0);
    expect(err).toMatch(/^LEDGER_FILE_NOT_PLAIN/);
    expect(readFileSync(join(ledger, "nodes/zoo"), "utf8")).toBe("a file\n");
  });
});
