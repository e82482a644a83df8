import { describe, expect, test } from "vitest";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { publicKeyOf } from "../../src/core/ed25519.ts";
import { didKey } from "../../src/core/identity-did.ts";
import { sshPublicKeyLine } from "../../src/core/identity-ssh.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { Finding } from "../../src/validate/finding.ts";
import { judgeCommits } from "../../src/validate/judge-commits.ts";
import {
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  nativeEvent,
  nodeJson,
  nowUnixMs,
  pemOf,
  releasePayload,
  seedOf,
  textIn,
  withEvents,
  withJson,
  withoutFile,
} from "../support/build-ledger.ts";
import { idOf, type MadeCommit, memoryRange } from "./commit-range.ts";

const march = "2026-03.json";
const widget = "nodes/acme/widget/node.json";
const old = monthlyFiles();
const base: MadeCommit = { name: "base", parents: [], files: old };

async function judged(
  commits: readonly MadeCommit[],
  from: MadeCommit = base,
  older: readonly MadeCommit[] = [],
): Promise<readonly Finding[]> {
  return judgeCommits(memoryRange(from, older, commits), { nowUnixMs, verify: nodeVerify, sha256: nodeSha256 });
}

async function codes(...given: Parameters<typeof judged>): Promise<string[]> {
  return (await judged(...given)).map(({ code, node }) => `${code} ${node}`);
}

const described = (files: Files, text: string): Files =>
  withJson(files, widget, (node) => ({ ...node, description: text }));
const released = (files: Files, node: string, version: string): Files =>
  withEvents(files, march, (events) => [
    ...events,
    nativeEvent("ReleasePublished", node, "2026-03-19T10:00:00Z", releasePayload(node, version)),
  ]);
const withNode = (files: Files, node: Json): Files => ({
  ...files,
  [`nodes/${textIn(node["id"])}/node.json`]: JSON.stringify(node),
});
const withKeys = (files: Files, ...keys: readonly JsonObject[]): Files =>
  withJson(files, widget, (node) => ({ ...node, maintainers: keys }));
const keyNamed = (name: string, more: JsonObject = {}): JsonObject => ({ name, publicKey: pemOf(name), ...more });

const one = (files: Files, signer?: string, more: Partial<MadeCommit> = {}): MadeCommit[] => [
  { name: "one", parents: ["base"], files, ...(signer === undefined ? {} : { signer }), ...more },
];

describe("a commit that changes a node", () => {
  test("is signed by a key of the node", async () => {
    expect(await codes(one(described(old, "x"), "acme/widget"))).toEqual([]);
    expect(await codes(one(released(old, "acme/widget", "3.0.0"), "acme/widget"))).toEqual([]);
  });

  test("names commit, node and file where it is not signed", async () => {
    expect(await judged(one(described(old, "x")))).toEqual([
      expect.objectContaining({
        code: "COMMIT_UNSIGNED",
        severity: "error",
        commit: idOf("one"),
        node: "acme/widget",
        file: widget,
      }),
    ]);
    const [finding] = await judged(one(released(old, "acme/widget", "3.0.0")));
    expect(finding).toMatchObject({ code: "COMMIT_UNSIGNED", node: "acme/widget", file: march });
  });

  test("is not signed by another node, nor once for two nodes", async () => {
    expect(await codes(one(described(old, "x"), "acme/gadget"))).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/widget"]);
    const both = released(released(old, "acme/widget", "3.0.0"), "acme/gadget", "3.0.0");
    expect(await codes(one(both, "acme/widget"))).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/gadget"]);
  });

  test("whatever other file of the node's folder it changes, or removes", async () => {
    const schema = { ...old, "nodes/acme/widget/schemas/api.v1.json": "{}" };
    expect(await codes(one(schema))).toEqual(["COMMIT_UNSIGNED acme/widget"]);
    expect(await codes(one(withoutFile(old, widget)))).toEqual(["COMMIT_UNSIGNED acme/widget"]);
    expect(await codes(one(withoutFile(old, widget), "acme/widget"))).toEqual([]);
  });

  test("is not looked at where it changes something else, or only how events are formatted", async () => {
    expect(await codes(one({ ...old, "README.md": "x", "settlement.json": "{}" }))).toEqual([]);
    const spaced = JSON.stringify(JSON.parse(old[march] ?? "[]"), null, 2);
    expect(await codes(one({ ...old, [march]: spaced }))).toEqual([]);
  });

  test("may be in the repository that holds the ledger", async () => {
    const inFolder = (files: Files): Files =>
      Object.fromEntries(Object.entries(files).map(([path, text]) => [`ledger/${path}`, text]));
    const from = { ...base, files: inFolder(old) };
    expect(await judged(one(inFolder(described(old, "x"))), from)).toEqual([
      expect.objectContaining({ code: "COMMIT_UNSIGNED", file: `ledger/${widget}`, node: "acme/widget" }),
    ]);
    expect(await codes(one(inFolder(described(old, "x")), "acme/widget"), from)).toEqual([]);
    await expect(judged(one(inFolder(old)))).rejects.toMatchObject({ code: "LEDGER_AMBIGUOUS" });
  });

  test("may name its key in any form", async () => {
    const publicKey = publicKeyOf(seedOf("acme/widget"));
    for (const text of [sshPublicKeyLine(publicKey, "a b"), didKey(publicKey), didKey(publicKey).slice(8)]) {
      const files = withKeys(old, { name: "w", publicKey: text });
      expect(await codes(one(described(files, "x"), "acme/widget"), { ...base, files })).toEqual([]);
    }
  });
});

describe("the signature", () => {
  const files = described(old, "x");
  test.for<[string, Partial<MadeCommit>]>([
    ["over another message", { tamper: (object) => object.replace("\n\none\n", "\n\ntwo\n") }],
    ["over another tree", { tamper: (object) => object.replace(/^tree ./, "tree 0") }],
    ["for another purpose", { namespace: "file" }],
    ["of PGP", { tamper: (object) => object.replaceAll("SSH SIGNATURE", "PGP SIGNATURE") }],
    ["twice", { tamper: (object) => object.replace(/gpgsig (?:.*\n )*.*\n/, (header) => header + header) }],
  ])("%s is none", async ([, more]) => {
    expect(await codes(one(files, "acme/widget", more))).toEqual(["COMMIT_SIGNATURE_INVALID acme/widget"]);
  });

  test("of a commit whose parents are not at hand is no verdict", async () => {
    const tamper = (object: string): string => object.replace(/^parent .*\n/m, "");
    await expect(judged(one(files, "acme/widget", { tamper }))).rejects.toMatchObject({ code: "LEDGER_UNREADABLE" });
  });
});

describe("a new node", () => {
  const node = nodeJson("acme/new", "compute");
  test("signs with its own key, and nobody else does", async () => {
    expect(await codes(one(withNode(old, node), "acme/new"))).toEqual([]);
    expect(await codes(one(withNode(old, node), "acme/widget"))).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/new"]);
  });

  test("may be brought in by a governance node of the base", async () => {
    const governed = withNode(old, nodeJson("acme/council", "governance"));
    expect(await codes(one(withNode(governed, node), "acme/council"), { ...base, files: governed })).toEqual([]);
    const changed = described(governed, "x");
    expect(await codes(one(changed, "acme/council"), { ...base, files: governed })).toEqual([
      "COMMIT_SIGNER_NOT_PERMITTED acme/widget",
    ]);
    const commits: MadeCommit[] = [
      { name: "one", parents: ["base"], files: governed, signer: "acme/council" },
      { name: "two", parents: ["one"], files: withNode(governed, node), signer: "acme/council" },
    ];
    expect(await codes(commits)).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/new"]);
  });

  test("is not one because an earlier commit removed the old one", async () => {
    const commits: MadeCommit[] = [
      { name: "one", parents: ["base"], files: withoutFile(old, widget), signer: "acme/widget" },
      { name: "two", parents: ["one"], files: withKeys(old, keyNamed("thief")), signer: "thief" },
    ];
    expect(await codes(commits)).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/widget"]);
  });
});

describe("keys", () => {
  test("that a commit adds sign the next one, not itself", async () => {
    const added = withKeys(old, keyNamed("acme/widget"), keyNamed("second"));
    expect(await codes(one(added, "second"))).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/widget"]);
    const next = (signer: string): MadeCommit[] => [
      { name: "one", parents: ["base"], files: added, signer: "acme/widget" },
      { name: "two", parents: ["one"], files: described(added, "x"), signer },
    ];
    expect(await codes(next("second"))).toEqual([]);
  });

  test.for<[string, JsonObject]>([
    ["are not valid any more", { validUntil: "2026-03-01T00:00:00Z" }],
    ["are not valid yet", { validFrom: "2026-04-01T00:00:00Z" }],
    ["were revoked", { revokedAt: "2026-03-01T00:00:00Z", revocationReason: "rotation" }],
    ["were compromised", { revokedAt: "2026-03-25T00:00:00Z", revocationReason: "compromise" }],
  ])("that %s sign nothing", async ([, window]) => {
    const files = withKeys(old, keyNamed("acme/widget", window));
    expect(await codes(one(described(files, "x"), "acme/widget"), { ...base, files })).toEqual([
      "COMMIT_SIGNER_NOT_PERMITTED acme/widget",
    ]);
  });

  test("that an earlier commit of the change has closed sign nothing", async () => {
    const closed = withKeys(old, keyNamed("acme/widget", { validUntil: "2026-03-01T00:00:00Z" }), keyNamed("second"));
    const next = (signer: string): MadeCommit[] => [
      { name: "one", parents: ["base"], files: closed, signer: "acme/widget" },
      { name: "two", parents: ["one"], files: described(closed, "x"), signer },
    ];
    expect(await codes(next("acme/widget"))).toEqual(["COMMIT_SIGNER_NOT_PERMITTED acme/widget"]);
    expect(await codes(next("second"))).toEqual([]);
  });

  test("are valid at the time of the commit and now", async () => {
    const at = (time: string): number => Date.parse(time) / 1000;
    const signed = async (window: JsonObject, timeUnixS: number): Promise<string[]> => {
      const files = withKeys(old, keyNamed("acme/widget", window));
      return codes(one(described(files, "x"), "acme/widget", { timeUnixS }), { ...base, files });
    };
    const [from, until] = [{ validFrom: "2026-03-10T00:00:00Z" }, { validUntil: "2026-03-10T00:00:00Z" }];
    expect(await signed(from, at("2026-03-11T00:00:00Z"))).toEqual([]);
    expect(await signed(from, at("2026-03-09T00:00:00Z"))).toHaveLength(1);
    expect(await signed(until, at("2026-03-09T00:00:00Z"))).toHaveLength(1);
  });

  test("that the base has got since are those of commits that follow on older ones", async () => {
    const fork: MadeCommit = { name: "fork", parents: [], files: old };
    const files = withKeys(old, keyNamed("acme/widget"), keyNamed("second"));
    const grown: MadeCommit[] = [{ name: "one", parents: ["fork"], files: described(old, "x"), signer: "second" }];
    expect(await codes(grown, { name: "base", parents: ["fork"], files }, [fork])).toEqual([]);
  });

  test("that the base has revoked or dropped sign nothing, from however old a commit the change grows", async () => {
    const fork: MadeCommit = { name: "fork", parents: [], files: old };
    const grown: MadeCommit[] = [
      { name: "one", parents: ["fork"], files: described(old, "x"), signer: "acme/widget" },
      { name: "two", parents: ["one"], files: described(old, "y"), signer: "acme/widget" },
    ];
    const tips = [
      withKeys(old, keyNamed("acme/widget", { revokedAt: "2026-03-01T00:00:00Z" }), keyNamed("second")),
      withKeys(old, keyNamed("second")),
    ];
    for (const files of tips) {
      expect(await codes(grown, { name: "base", parents: ["fork"], files }, [fork])).toEqual([
        "COMMIT_SIGNER_NOT_PERMITTED acme/widget",
        "COMMIT_SIGNER_NOT_PERMITTED acme/widget",
      ]);
    }
  });
});

describe("a merge", () => {
  const left: MadeCommit = { name: "left", parents: ["base"], files: described(old, "x"), signer: "acme/widget" };
  const main: MadeCommit = {
    name: "main",
    parents: ["base"],
    files: released(old, "acme/gadget", "3.0.0"),
    signer: "acme/gadget",
  };
  const merged = (files: Files): MadeCommit[] => [left, main, { name: "merge", parents: ["left", "main"], files }];

  test("that brings nothing of its own needs no signature", async () => {
    expect(await codes(merged(described(main.files, "x")))).toEqual([]);
  });

  test("answers for what none of its parents has", async () => {
    expect(await codes(merged(described(main.files, "y")))).toEqual(["COMMIT_UNSIGNED acme/widget"]);
    const more = released(described(main.files, "x"), "acme/widget", "3.0.0");
    expect(await codes(merged(more))).toEqual(["COMMIT_UNSIGNED acme/widget"]);
  });
});

test("jsonl: the node of an event is the one that signed it", async () => {
  const files = jsonlFiles();
  const attestation = jsonlEvent(
    jsonlContent("AttestationPublished", "acme/widget", "9.0.0", "2026-03-19T10:00:00Z", {
      attestations: [{ type: "license.audit", uri: "https://example.org" }],
    }),
    "audit/one",
  );
  const added = withEvents(files, linesPath, (events) => [...events, attestation]);
  const from = { ...base, files };
  expect(await codes(one(added), from)).toEqual(["COMMIT_UNSIGNED audit/one"]);
  expect(await codes(one(added, "audit/one"), from)).toEqual([]);
  expect(await codes(one(added, "acme/widget"), from)).toEqual(["COMMIT_SIGNER_NOT_PERMITTED audit/one"]);
});

test("what is not committed is signed by nobody", async () => {
  const range = { ...memoryRange(base, [], []), uncommitted: () => Promise.resolve([widget, march, "README.md"]) };
  const findings = await judgeCommits(range, { nowUnixMs, verify: nodeVerify, sha256: nodeSha256 });
  expect(findings.map(({ code, file }) => [code, file])).toEqual([
    ["COMMIT_MISSING", widget],
    ["COMMIT_MISSING", march],
  ]);
});
