import { describe, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import type { Report } from "../../src/validate/finding.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import {
  type Files,
  type Json,
  monthlyFiles,
  nativeEvent,
  nodeJson,
  nowUnixMs,
  partition,
  pemOf,
  releasePayload,
  signAgain,
  withEvents,
  withJson,
  withoutFile,
} from "../support/build-ledger.ts";

type Tree = Parameters<typeof memoryTree>[0];

interface Case {
  readonly name: string;
  readonly alter: (files: Files) => Tree;
  /** The finding that must be there. */
  readonly code: string;
  readonly file: string;
  readonly line?: number;
  readonly index?: number;
  /** Codes that come with it, because one fault can have several sides. */
  readonly with?: readonly string[];
}

function validate(tree: Tree): Promise<Report> {
  return validateLedger(memoryTree(tree), { nowUnixMs, verify: nodeVerify });
}

const march = "2026-03.json";
const widget = "nodes/acme/widget/node.json";

/** One event of a file replaced. */
const event =
  (path: string, index: number, change: (event: Json) => Json) =>
  (files: Files): Files =>
    withEvents(files, path, (events) => events.map((each, at) => (at === index ? change(each) : each)));

/** One event of March with another payload, signed again. */
const payload = (index: number, change: (payload: Json) => JsonObject): ((files: Files) => Files) =>
  event(march, index, (old) => signAgain({ ...old, payload: change(old["payload"] as Json) }));

const appended =
  (...more: readonly JsonObject[]) =>
  (files: Files): Files =>
    withEvents(files, march, (events) => [...events, ...more]);

const text =
  (path: string, change: (text: string) => string) =>
  (files: Files): Files => ({ ...files, [path]: change(files[path] ?? "") });

const json =
  (path: string, change: (value: Json) => JsonValue | void) =>
  (files: Files): Files =>
    withJson(files, path, change);

const key =
  (change: (key: Json) => void) =>
  (files: Files): Files =>
    withJson(files, widget, (node) => {
      change((node["maintainers"] as Json[])[0] ?? {});
    });

const release = (version: string, timestamp: string, node = "acme/widget", signer = node): Json =>
  nativeEvent("ReleasePublished", node, timestamp, releasePayload("acme/widget", version), signer);

const forms: readonly Case[] = [
  { name: "no JSON", alter: text(march, () => "hello"), code: "PARTITION_MALFORMED", file: march, line: 1 },
  {
    name: "an object instead of an array",
    alter: text(march, () => "{}\n"),
    code: "PARTITION_MALFORMED",
    file: march,
    line: 1,
  },
  {
    name: "torn in the last event",
    alter: text(march, (all) => all.slice(0, -40)),
    code: "PARTITION_TORN",
    file: march,
    line: 6,
  },
  {
    name: "a comma too many",
    alter: text(march, (all) => all.replace("\n]", ",\n]")),
    code: "PARTITION_MALFORMED",
    file: march,
    line: 7,
  },
  {
    name: "bytes that are no UTF-8",
    alter: (files) => ({ ...files, [march]: Uint8Array.of(0x5b, 0xff, 0x5d) }),
    code: "UTF8_MALFORMED",
    file: march,
  },
  {
    name: "an event that is a number",
    alter: text(march, () => "[\n7\n]\n"),
    code: "EVENT_MALFORMED",
    file: march,
    line: 2,
    index: 0,
    with: [],
  },
  {
    name: "an event that is no JSON",
    alter: text(march, (all) => all.replace('"severity":"low"', '"severity":low')),
    code: "JSON_MALFORMED",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "a key twice",
    alter: text(march, (all) => all.replace('"severity":"low"', '"severity":"low","severity":"low"')),
    code: "JSON_DUPLICATE_KEY",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "half a surrogate pair",
    alter: text(march, (all) => all.replace("the build failed", "\\ud800")),
    code: "JSON_LONE_SURROGATE",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "nested too deep",
    alter: text(march, (all) => all.replace('"low"', "[".repeat(70) + "]".repeat(70))),
    code: "JSON_TOO_DEEP",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "an event of a mebibyte",
    alter: text(march, (all) => all.replace("the build failed", "x".repeat(1_100_000))),
    code: "JSON_TOO_LARGE",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "an unknown member",
    alter: event(march, 2, (old) => ({ ...old, extra: 1 })),
    code: "EVENT_MALFORMED",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "no signature",
    alter: event(march, 2, ({ signature: _, ...old }) => old),
    code: "EVENT_MALFORMED",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "a type nobody knows",
    alter: event(march, 2, (old) => ({ ...old, type: "Rumour" })),
    code: "EVENT_TYPE_UNKNOWN",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "a node id with a path trick",
    alter: event(march, 2, (old) => ({ ...old, nodeId: "../x" })),
    code: "EVENT_MALFORMED",
    file: march,
    index: 2,
  },
  {
    name: "30 February",
    alter: event(march, 2, (old) => signAgain({ ...old, timestamp: "2026-02-30T00:00:00Z" })),
    code: "TIMESTAMP_MALFORMED",
    file: march,
    index: 2,
  },
  {
    name: "a time with an offset",
    alter: event(march, 2, (old) => signAgain({ ...old, timestamp: "2026-03-03T00:00:00+01:00" })),
    code: "TIMESTAMP_MALFORMED",
    file: march,
    index: 2,
  },
  {
    name: "an altered payload",
    alter: text(march, (all) => all.replace("the build failed", "the build passed")),
    code: "EVENT_ID_MISMATCH",
    file: march,
    line: 4,
    index: 2,
  },
  {
    name: "an id in capitals",
    alter: event(march, 2, (old) => ({ ...old, id: String(old["id"]).toUpperCase() })),
    code: "EVENT_MALFORMED",
    file: march,
    index: 2,
  },
  {
    name: "base64 without padding",
    alter: event(march, 2, (old) => ({ ...old, signature: String(old["signature"]).replace("==", "") })),
    code: "EVENT_SIGNATURE_MALFORMED",
    file: march,
    index: 2,
  },
  {
    name: "a payload that is a list",
    alter: event(march, 2, (old) => ({ ...old, payload: [] })),
    code: "EVENT_MALFORMED",
    file: march,
    index: 2,
  },
  {
    name: "events of the other dialect",
    alter: event(march, 2, () => ({ type: "ReleasePublished", repo: "a/b", signature: {} })),
    code: "LEDGER_MIXED_DIALECTS",
    file: march,
    index: 2,
  },
  {
    name: "a jsonl file beside the months",
    alter: (files) => ({ ...files, "events/events.jsonl": "{}\n" }),
    code: "LEDGER_MIXED_DIALECTS",
    file: "events/events.jsonl",
  },
  { name: "nothing that is a ledger", alter: () => ({ "README.md": "hello" }), code: "LEDGER_NOT_FOUND", file: "." },
  {
    name: "two ledgers",
    alter: (files) => ({ ...files, "ledger/2026-03.json": "[]" }),
    code: "LEDGER_AMBIGUOUS",
    file: ".",
    with: ["EVENT_WRONG_MONTH"],
  },
];

const payloads: readonly Case[] = [
  {
    name: "a release without artifacts",
    alter: payload(0, (old) => ({ ...old, artifacts: [] })),
    code: "PAYLOAD_INVALID",
    file: march,
    line: 2,
    index: 0,
    with: ["ATTESTATION_TARGET_UNKNOWN"],
  },
  {
    name: "a short commit",
    alter: payload(0, (old) => ({ ...old, commit: "c0ffee1" })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 0,
    with: ["ATTESTATION_TARGET_UNKNOWN"],
  },
  {
    name: "one artifact name twice",
    alter: payload(0, (old) => ({ ...old, artifacts: [old["artifacts"], old["artifacts"]].flat() as Json[] })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 0,
    with: ["ATTESTATION_TARGET_UNKNOWN"],
  },
  {
    name: "a member the type does not have",
    alter: payload(2, (old) => ({ ...old, mood: "bad" })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 2,
  },
  {
    name: "a severity nobody knows",
    alter: payload(2, (old) => ({ ...old, severity: "awful" })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 2,
  },
  {
    name: "a score above 100",
    alter: payload(3, (old) => ({ ...old, compositeScore: 101 })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 3,
  },
  {
    name: "a check twice",
    alter: payload(3, (old) => ({
      ...old,
      verifierResults: [old["verifierResults"], old["verifierResults"]].flat() as Json[],
    })),
    code: "PAYLOAD_INVALID",
    file: march,
    index: 3,
  },
  {
    name: "a fix that is not available and has a version",
    alter: event("2026-02.json", 1, (old) =>
      signAgain({ ...old, payload: { ...(old["payload"] as Json), fixAvailable: false } }),
    ),
    code: "PAYLOAD_INVALID",
    file: "2026-02.json",
    index: 1,
  },
  {
    name: "a version that comes before the earlier one",
    alter: payload(1, (old) => ({ ...old, toVersion: "1.0.0-rc.1" })),
    code: "VERSION_PAIR_NOT_ASCENDING",
    file: march,
    index: 1,
  },
  {
    name: "a breaking change that breaks nothing",
    alter: payload(1, (old) => ({ ...old, interfaceDiff: { added: [], removed: [], changed: [] } })),
    code: "PAYLOAD_DOUBTFUL",
    file: march,
    index: 1,
  },
  {
    name: "an attestation of nothing",
    alter: payload(3, (old) => ({ ...old, targetEventId: "00".repeat(32) })),
    code: "ATTESTATION_TARGET_UNKNOWN",
    file: march,
    index: 3,
  },
  {
    name: "an attestation before its target",
    alter: (files) => withEvents(files, march, (events) => [events[3] ?? {}, ...events.slice(0, 3), events[4] ?? {}]),
    code: "ATTESTATION_TARGET_UNKNOWN",
    file: march,
    index: 0,
  },
  {
    name: "a release that is no Semantic Version",
    alter: appended(release("v3", "2026-03-10T10:00:00Z")),
    code: "VERSION_NOT_SEMVER",
    file: march,
    index: 5,
  },
  {
    name: "a violation of a repository nobody registered",
    alter: payload(4, (old) => ({ ...old, repo: "acme/ghost" })),
    code: "REPO_NOT_REGISTERED",
    file: march,
    index: 4,
  },
];

const speakers: readonly Case[] = [
  {
    name: "a node nobody registered",
    alter: appended(release("3.0.0", "2026-03-10T10:00:00Z", "acme/ghost")),
    code: "SIGNER_NOT_REGISTERED",
    file: march,
    index: 5,
    with: ["EVENT_REPO_NOT_OWN"],
  },
  {
    name: "the release of another repository",
    alter: appended(release("3.0.0", "2026-03-10T10:00:00Z", "acme/gadget")),
    code: "EVENT_REPO_NOT_OWN",
    file: march,
    index: 5,
  },
  {
    name: "a release by an oracle",
    alter: appended(
      nativeEvent("ReleasePublished", "watch/tower", "2026-03-10T10:00:00Z", releasePayload("watch/tower", "1.0.0")),
    ),
    code: "EVENT_KIND_NOT_ALLOWED",
    file: march,
    index: 5,
  },
  {
    name: "signed by another node's key",
    alter: appended(release("3.0.0", "2026-03-10T10:00:00Z", "acme/widget", "acme/gadget")),
    code: "SIGNATURE_INVALID",
    file: march,
    line: 7,
    index: 5,
  },
  {
    name: "an event twice in a month",
    alter: (files) => withEvents(files, march, (events) => [...events, events[2] ?? {}]),
    code: "EVENT_DUPLICATE_ID",
    file: march,
    index: 5,
  },
  {
    name: "an event twice in two months",
    alter: (files) =>
      appended(release("3.0.0", "2026-03-10T10:00:00Z"))(
        withEvents(files, "2026-02.json", (events) => [...events, release("3.0.0", "2026-03-10T10:00:00Z")]),
      ),
    code: "EVENT_DUPLICATE_ID",
    file: march,
    index: 5,
    with: ["EVENT_WRONG_MONTH"],
  },
  {
    name: "a version released twice",
    alter: appended(release("1.0.0", "2026-03-10T10:00:00Z")),
    code: "RELEASE_DUPLICATE",
    file: march,
    index: 5,
  },
  {
    name: "an event of another month",
    alter: appended(release("3.0.0", "2026-02-10T10:00:00Z")),
    code: "EVENT_WRONG_MONTH",
    file: march,
    index: 5,
  },
  {
    name: "an event of tomorrow",
    alter: appended(release("3.0.0", "2026-03-21T12:00:00Z")),
    code: "EVENT_FROM_FUTURE",
    file: march,
    index: 5,
  },
  {
    name: "a key that was not valid yet",
    alter: key((key) => void (key["validFrom"] = "2026-02-01T00:00:00Z")),
    code: "KEY_NOT_VALID",
    file: "2026-01.json",
    index: 0,
  },
  {
    name: "a key that had expired",
    alter: key((key) => void (key["validUntil"] = "2026-02-01T00:00:00Z")),
    code: "KEY_NOT_VALID",
    file: march,
    index: 0,
  },
  {
    name: "a key that was revoked",
    alter: key((key) => Object.assign(key, { revokedAt: "2026-02-01T00:00:00Z", revocationReason: "retirement" })),
    code: "KEY_NOT_VALID",
    file: march,
    index: 0,
  },
  {
    name: "a key declared compromised later",
    alter: key((key) =>
      Object.assign(key, {
        revokedAt: "2026-03-10T00:00:00Z",
        revocationReason: "compromise",
        invalidAfter: "2026-02-01T00:00:00Z",
      }),
    ),
    code: "KEY_COMPROMISED",
    file: march,
    index: 0,
  },
];

const nodes: readonly Case[] = [
  {
    name: "a manifest that is no JSON",
    alter: text("nodes/acme/notary/node.json", () => "{"),
    code: "JSON_MALFORMED",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a manifest without kind",
    alter: json("nodes/acme/notary/node.json", ({ kind: _, ...node }) => node),
    code: "NODE_MALFORMED",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a manifest with an unknown member",
    alter: json(widget, (node) => void (node["motto"] = "x")),
    code: "NODE_MALFORMED",
    file: widget,
  },
  {
    name: "a manifest in the folder of another node",
    alter: (files) => ({
      ...files,
      "nodes/acme/other/node.json": JSON.stringify(nodeJson("acme/elsewhere", "compute")),
    }),
    code: "NODE_FOLDER_MISMATCH",
    file: "nodes/acme/other/node.json",
  },
  {
    name: "a key that is no Ed25519 key",
    alter: json(
      "nodes/acme/notary/node.json",
      (node) =>
        void Object.assign((node["maintainers"] as Json[])[0] ?? {}, {
          publicKey:
            "-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEXM33obHR/tiCwyNR8yTV8XTzl0fApMQP8XZkHTt2wuSDn9PR+LuUFg8hgIZ8HjOqfkcm2w+4JMgBZROKGPvAfg==\n-----END PUBLIC KEY-----",
        }),
    ),
    code: "PUBLIC_KEY_NOT_ED25519",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "two keys of one name",
    alter: json(
      widget,
      (node) => void (node["maintainers"] as Json[]).push({ name: "b", keyId: "acme-widget-1", publicKey: pemOf("b") }),
    ),
    code: "NODE_KEY_ID_DUPLICATE",
    file: widget,
  },
  {
    name: "a key window without end",
    alter: key((key) => void (key["validUntil"] = "soon")),
    code: "NODE_MALFORMED",
    file: widget,
    with: ["KEY_WINDOW_MALFORMED", "SIGNER_NOT_REGISTERED", "REPO_NOT_REGISTERED"],
  },
  {
    name: "a key that is never valid",
    alter: json(
      "nodes/acme/notary/node.json",
      (node) =>
        void Object.assign((node["maintainers"] as Json[])[0] ?? {}, {
          validFrom: "2026-02-01T00:00:00Z",
          validUntil: "2026-02-01T00:00:00Z",
        }),
    ),
    code: "NODE_KEY_WINDOW_EMPTY",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "two nodes with one key",
    alter: json(
      "nodes/acme/notary/node.json",
      (node) => void Object.assign((node["maintainers"] as Json[])[0] ?? {}, { publicKey: pemOf("acme/gadget") }),
    ),
    code: "NODE_KEY_SHARED",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a settlement.json of another version",
    alter: json("settlement.json", (info) => void (info["v"] = 2)),
    code: "FORMAT_VERSION_UNKNOWN",
    file: "settlement.json",
  },
];

const files: readonly Case[] = [
  {
    name: "a link for a month",
    alter: (files) => ({ ...withoutFile(files, march), [march]: { kind: "link" } }),
    code: "LEDGER_FILE_NOT_PLAIN",
    file: march,
  },
  {
    name: "a folder for a month",
    alter: (files) => ({ ...withoutFile(files, march), [`${march}/x`]: "1" }),
    code: "LEDGER_FILE_NOT_PLAIN",
    file: march,
    with: ["FILE_UNKNOWN"],
  },
  {
    name: "a link for a node",
    alter: (files) => ({ ...files, "nodes/acme/notary/node.json": { kind: "link" } }),
    code: "LEDGER_FILE_NOT_PLAIN",
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a thirteenth month",
    alter: (files) => ({ ...files, "2026-13.json": "[]" }),
    code: "MONTH_MALFORMED",
    file: "2026-13.json",
  },
  {
    name: "a month in capitals",
    alter: (files) => ({ ...files, "2026-03.JSON": "[]" }),
    code: "MONTH_MALFORMED",
    file: "2026-03.JSON",
    with: ["FILE_NAME_CLASH"],
  },
  {
    name: "a folder of no month among the anchors",
    alter: (files) => ({ ...files, "anchors/march/manifest.json": "{}" }),
    code: "MONTH_MALFORMED",
    file: "anchors/march",
  },
  {
    name: "a file nobody knows",
    alter: (files) => ({ ...files, "nodes/acme/widget/run.sh": "x" }),
    code: "FILE_UNKNOWN",
    file: "nodes/acme/widget/run.sh",
  },
  {
    name: "a name that differs in case",
    alter: (files) => ({
      ...files,
      "nodes/acme/Widget/node.json": JSON.stringify(
        nodeJson("acme/Widget", "compute", {}, { keyId: "w-1", publicKey: pemOf("W") }),
      ),
    }),
    code: "FILE_NAME_CLASH",
    file: "nodes/acme/widget",
  },
];

const warnings = new Set([
  "PAYLOAD_DOUBTFUL",
  "VERSION_NOT_SEMVER",
  "REPO_NOT_REGISTERED",
  "KEY_COMPROMISED",
  "NODE_KEY_WINDOW_EMPTY",
  "NODE_KEY_SHARED",
  "FILE_UNKNOWN",
  "FILE_NAME_CLASH",
]);

describe.for(Object.entries({ forms, payloads, speakers, nodes, files }))("%s", ([, cases]) => {
  test.for([...cases])("$name: $code", async ({ alter, code, file, line, index, with: others = [] }) => {
    const report = await validate(alter(monthlyFiles()));
    const found = report.findings.map((each) => ({
      code: each.code,
      file: each.file,
      line: each.line,
      index: each.index,
    }));
    const place = { ...(line === undefined ? {} : { line }), ...(index === undefined ? {} : { index }) };
    expect(found).toContainEqual(expect.objectContaining({ code, file, ...place }));
    // Nothing else is blamed, but for events that hang on the bad one.
    const expected = [code, ...others, "ATTESTATION_TARGET_UNKNOWN"];
    expect(found.filter((each) => !expected.includes(each.code))).toEqual([]);
    expect(report.valid).toBe(found.every((each) => warnings.has(each.code)));
  });
});

test("one run shows every fault", async () => {
  const together = [
    "a type nobody knows",
    "a version that comes before the earlier one",
    "a score above 100",
    "a violation of a repository nobody registered",
    "the release of another repository",
    "an event of tomorrow",
    "a key that is no Ed25519 key",
    "a manifest in the folder of another node",
    "a thirteenth month",
    "a file nobody knows",
  ].map((name) => [...forms, ...payloads, ...speakers, ...nodes, ...files].find((each) => each.name === name));
  const tree = together.reduce<Tree>((tree, each) => each?.alter(tree as Files) ?? tree, monthlyFiles());
  const { findings } = await validate(tree);
  for (const each of together) {
    expect(findings).toContainEqual(expect.objectContaining({ code: each?.code, file: each?.file }));
  }
});

test("an empty month is a good file", async () => {
  const report = await validate({ ...monthlyFiles(), "2026-04.json": partition([]) });
  expect(report.findings).toEqual([]);
});
