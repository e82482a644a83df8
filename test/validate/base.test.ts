import { sampleFolder } from "../support/sample.ts";
import { describe, expect, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { FileTree } from "../../src/ports.ts";
import type { Report } from "../../src/validate/finding.ts";
import { validateLedger, type ValidateOptions } from "../../src/validate/validate-ledger.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  networkManifest,
  nativeEvent,
  nodeJson,
  nowUnixMs,
  pemOf,
  releasePayload,
  settlementJson,
  signAgain,
  withEvents,
  withJson,
  withoutFile,
  textIn,
} from "../support/build-ledger.ts";

type Tree = Parameters<typeof memoryTree>[0];

interface Case {
  readonly name: string;
  readonly alter: (files: Files) => Tree;
  /** Every code that is found. */
  readonly codes: readonly string[];
  /** Where the first of them is. */
  readonly file?: string;
  readonly index?: number | null;
}

const march = "2026-03.json";
const [january, widget] = ["anchors/2026-01/", "nodes/acme/widget/node.json"];

const release = (version: string, timestamp: string, signer = "acme/widget"): Json =>
  nativeEvent("ReleasePublished", "acme/widget", timestamp, releasePayload("acme/widget", version), signer);

const events =
  (path: string, change: (events: Json[]) => readonly JsonObject[]) =>
  (files: Files): Files =>
    withEvents(files, path, change);

const fresh = release("3.0.0", "2026-03-19T10:00:00Z");

function move(files: Files, from: string, to: string): Files {
  return { ...withoutFile(files, from), [to]: files[from] ?? "" };
}

const key =
  (change: (keys: Json[]) => Json[]) =>
  (files: Files): Files =>
    withJson(files, widget, (node) => void (node["maintainers"] = change(node["maintainers"] as Json[])));

const second = { name: "b", keyId: "b-1", publicKey: pemOf("b"), contact: "b" };

const monthly: readonly Case[] = [
  { name: "nothing", alter: (files) => files, codes: [] },
  { name: "an event appended", alter: events(march, (old) => [...old, fresh]), codes: [] },
  { name: "a month begun", alter: (files) => ({ ...files, "2026-04.json": "[]" }), codes: [] },
  {
    name: "a node registered",
    alter: (files) => ({ ...files, "nodes/acme/new/node.json": JSON.stringify(nodeJson("acme/new", "compute")) }),
    codes: [],
  },
  {
    name: "an event altered and signed again",
    alter: events(march, ([first = {}, ...others]) => [
      first,
      ...others.map((event, at) => (at === 1 ? signAgain({ ...event, timestamp: "2026-03-03T11:00:00Z" }) : event)),
    ]),
    codes: ["EVENT_ALTERED"],
    file: march,
    index: 2,
  },
  {
    name: "a signature replaced",
    alter: events(march, (old) =>
      old.map((event, at) => (at === 2 ? { ...event, signature: textIn(old[4]?.["signature"]) } : event)),
    ),
    codes: ["EVENT_ALTERED", "SIGNATURE_INVALID"],
    file: march,
    index: 2,
  },
  {
    name: "the last event removed",
    alter: events(march, (old) => old.slice(0, -1)),
    codes: ["EVENT_REMOVED"],
    file: march,
    index: 4,
  },
  {
    name: "an event in the middle removed",
    alter: events(march, (old) => old.filter((_, at) => at !== 1)),
    codes: ["EVENT_REMOVED"],
    file: march,
    index: 1,
  },
  {
    name: "an event replaced by a new one",
    alter: events(march, (old) => [...old.slice(0, 4), fresh]),
    codes: ["EVENT_ALTERED"],
    file: march,
    index: 4,
  },
  {
    name: "two events swapped",
    alter: events(march, ([a = {}, b = {}, c = {}, ...others]) => [a, c, b, ...others]),
    codes: ["EVENT_REORDERED"],
    file: march,
    index: 2,
  },
  {
    name: "a new event before old ones",
    alter: events(march, (old) => [fresh, ...old]),
    codes: ["EVENT_INSERTED"],
    file: march,
    index: 0,
  },
  {
    name: "an event moved to another month",
    alter: (files) =>
      events("2026-04.json", () => [eventsIn(files, march)[4] ?? {}])(events(march, (old) => old.slice(0, -1))(files)),
    codes: ["EVENT_MOVED", "EVENT_WRONG_MONTH"],
    file: "2026-04.json",
    index: 0,
  },
  {
    name: "the open month written in another way",
    alter: (files) => ({ ...files, [march]: JSON.stringify(eventsIn(files, march), null, 4) }),
    codes: ["MONTH_REFORMATTED"],
    file: march,
    index: 0,
  },
  {
    name: "another order of members, and an event appended",
    alter: events(march, (old) => [
      ...old.map((event) => Object.fromEntries(Object.entries(event).toReversed())),
      fresh,
    ]),
    codes: ["MONTH_REFORMATTED"],
    file: march,
    index: 0,
  },
  {
    name: "a closed month written in another way",
    alter: (files) => ({ ...files, "2026-01.json": JSON.stringify(eventsIn(files, "2026-01.json"), null, 4) }),
    codes: ["MONTH_CLOSED_REWRITTEN"],
    file: "2026-01.json",
    index: null,
  },
  {
    name: "an event added to a closed month",
    alter: events("2026-01.json", (old) => [...old, release("1.0.1", "2026-01-30T10:00:00Z")]),
    codes: ["EVENT_LATE"],
    file: "2026-01.json",
    index: 3,
  },
  {
    name: "a file removed",
    alter: (files) => withoutFile(files, march),
    codes: ["FILE_REMOVED"],
    file: march,
    index: null,
  },
  {
    name: "a file renamed",
    alter: (files) => move(files, march, "2026-04.json"),
    codes: ["FILE_RENAMED", "EVENT_WRONG_MONTH"],
    file: march,
    index: null,
  },
  {
    name: "a file swapped for a link",
    alter: (files) => ({ ...files, [march]: { kind: "link" } }),
    codes: ["LEDGER_FILE_NOT_PLAIN"],
    file: march,
  },
  {
    name: "settlement.json removed",
    alter: (files) => withoutFile(files, "settlement.json"),
    codes: ["FILE_REMOVED", "SETTLEMENT_INFO_MISSING"],
    file: "settlement.json",
  },
  {
    name: "another network after a close",
    alter: (files) => ({ ...files, "settlement.json": JSON.stringify({ ...settlementJson(), network: "testnet" }) }),
    codes: ["SETTLEMENT_INFO_CHANGED", "MANIFEST_NETWORK_MISMATCH"],
  },
  {
    name: "a checkpoint changed",
    alter: (files) => ({ ...files, [`${january}checkpoint`]: files["anchors/2026-02/checkpoint"] ?? "" }),
    codes: ["CLOSED_FILE_CHANGED", "CHECKPOINT_MISMATCH"],
    file: `${january}checkpoint`,
  },
  {
    name: "evidence removed",
    alter: (files) => withoutFile(files, `${january}evidence.json`),
    codes: ["CLOSED_FILE_REMOVED", "MONTH_INCOMPLETE"],
    file: `${january}evidence.json`,
  },
  {
    name: "a close undone",
    alter: (files) => withoutFile(files, ...Object.keys(files).filter((path) => path.startsWith("anchors/2026-02/"))),
    codes: ["CLOSED_FILE_REMOVED"],
  },
  {
    name: "a receipt that changed",
    alter: (files) => ({ ...files, [`${january}nodes.json`]: `${files[`${january}nodes.json`]}\n` }),
    codes: ["CLOSED_FILE_CHANGED"],
    file: `${january}nodes.json`,
  },
  {
    name: "a node removed",
    alter: (files) => withoutFile(files, "nodes/acme/notary/node.json"),
    codes: ["NODE_REMOVED"],
    file: "nodes/acme/notary/node.json",
  },
  {
    name: "a key removed that signed",
    alter: key(() => [second]),
    codes: ["KEY_REMOVED", "SIGNATURE_INVALID"],
    file: widget,
  },
  { name: "a key added", alter: key((keys) => [...keys, second]), codes: [] },
  {
    name: "a key closed",
    alter: key(([first = {}]) => [{ ...first, validUntil: "2026-03-20T00:00:00Z" }, second]),
    codes: [],
  },
  {
    name: "an old event",
    alter: events(march, (old) => [...old, release("3.0.0", "2025-03-10T10:00:00Z")]),
    codes: ["EVENT_WRONG_MONTH", "EVENT_TOO_OLD"],
    file: march,
    index: 5,
  },
  {
    name: "an event of tomorrow",
    alter: events(march, (old) => [...old, release("3.0.0", "2026-03-21T13:00:00Z")]),
    codes: ["EVENT_FROM_FUTURE"],
    file: march,
    index: 5,
  },
  {
    name: "an event by a key that was closed meanwhile",
    alter: (files) =>
      events(march, (old) => [...old, fresh])(
        key(([first = {}]) => [{ ...first, validUntil: "2026-03-20T00:00:00Z" }])(files),
      ),
    codes: ["KEY_NOT_VALID_NOW"],
    file: march,
    index: 5,
  },
];

const jsonlRelease = jsonlEvent(
  jsonlContent("ReleasePublished", "acme/widget", "1.2.0", "2026-03-19T10:00:00Z"),
  "acme/widget",
);
const manifests = "anchor/xrpl/manifests/";
const stale = ["MANIFEST_RANGE_MISMATCH"];
const emptied = [
  ...stale,
  "MANIFEST_ROOT_MISMATCH",
  "MANIFEST_COUNT_MISMATCH",
  "EVIDENCE_MISMATCH",
  "CHECKPOINT_MISMATCH",
];

const jsonl: readonly Case[] = [
  { name: "nothing", alter: (files) => files, codes: [] },
  { name: "an event appended", alter: events(linesPath, (old) => [...old, jsonlRelease]), codes: [] },
  {
    name: "CRLF and no last line break",
    alter: (files) => ({ ...files, [linesPath]: (files[linesPath] ?? "").trimEnd().replaceAll("\n", "\r\n") }),
    codes: [],
  },
  {
    name: "the last event removed",
    alter: events(linesPath, (old) => old.slice(0, -1)),
    codes: ["EVENT_REMOVED", ...stale],
  },
  {
    name: "a new event before old ones",
    alter: events(linesPath, (old) => [...old.slice(0, 5), jsonlRelease, ...old.slice(5)]),
    codes: ["EVENT_INSERTED", ...stale],
  },
  {
    name: "two open events swapped",
    alter: events(linesPath, (old) => [...old.slice(0, 4), old[5] ?? {}, old[4] ?? {}]),
    codes: ["EVENT_REORDERED", "MANIFEST_RANGE_MISMATCH"],
  },
  {
    name: "an open event written in another way",
    alter: (files) => ({
      ...files,
      [linesPath]: (files[linesPath] ?? "").replace('{"type":"PolicyViolation",', '{"type": "PolicyViolation",'),
    }),
    codes: ["MONTH_REFORMATTED"],
    file: linesPath,
    index: 5,
  },
  {
    name: "a closed event written in another way",
    alter: (files) => ({ ...files, [linesPath]: (files[linesPath] ?? "").replace('{"type":', '{"type": ') }),
    codes: ["MONTH_CLOSED_REWRITTEN"],
    file: linesPath,
    index: 0,
  },
  {
    name: "the file renamed",
    alter: (files) => move(files, linesPath, "ledger/events/old.jsonl"),
    codes: ["FILE_RENAMED", "FILE_UNKNOWN", ...emptied],
  },
  {
    name: "the file swapped for a folder",
    alter: (files) => ({ ...withoutFile(files, linesPath), [`${linesPath}/x`]: "" }),
    codes: ["LEDGER_FILE_NOT_PLAIN", "FILE_UNKNOWN", ...emptied],
  },
  {
    name: "a published manifest removed",
    alter: (files) => withoutFile(files, `${manifests}genesis.json`),
    codes: ["FILE_REMOVED"],
    file: `${manifests}genesis.json`,
  },
  {
    name: "a published manifest changed",
    alter: (files) => ({ ...files, [`${manifests}genesis.json`]: files[`${manifests}all.json`] ?? "" }),
    codes: ["NETWORK_MANIFEST_CHANGED"],
  },
  {
    name: "a published manifest that grew",
    alter: (files) => {
      const more = [...eventsIn(files, linesPath), jsonlRelease];
      const root = JSON.parse(files[`${manifests}genesis.json`] ?? "").root;
      return {
        ...withEvents(files, linesPath, () => more),
        [`${manifests}all.json`]: JSON.stringify(networkManifest(more, "all", root)),
      };
    },
    codes: [],
  },
  {
    name: "a published manifest shrunk",
    alter: (files) => ({ ...files, [`${manifests}all.json`]: files[`${manifests}genesis.json`] ?? "" }),
    codes: ["NETWORK_MANIFEST_CHANGED"],
    file: `${manifests}all.json`,
  },
  {
    name: "another dialect",
    alter: (files) => ({
      ...Object.fromEntries(
        Object.entries(files).filter(
          ([path]) => path !== linesPath && !path.startsWith("anchor") && !path.includes("anchors/"),
        ),
      ),
      "ledger/2026-03.json": monthlyFiles()[march] ?? "",
    }),
    codes: ["DIALECT_CHANGED"],
  },
];

function validate(tree: FileTree, base: FileTree, more: Partial<ValidateOptions> = {}): Promise<Report> {
  return validateLedger(tree, { nowUnixMs, verify: nodeVerify, base, ...more });
}

describe.for([
  { dialect: "monthly", cases: monthly, files: closedMonthlyFiles },
  { dialect: "jsonl", cases: jsonl, files: closedJsonlFiles },
])("$dialect", ({ cases, files }) => {
  test.for([...cases])("$name", async ({ name, alter, codes, file, index }) => {
    const before = await files();
    const report = await validate(memoryTree(alter(before)), memoryTree(before));
    const found = [...new Set(report.findings.map(({ code }) => code))];
    if (name === "another dialect") return expect(found).toEqual(expect.arrayContaining([...codes]));
    // Further sides of the same fault, such as versions that now come too late, are told as well.
    expect(found.toSorted()).toEqual([...codes].toSorted());
    if (file !== undefined) {
      const place = index === undefined ? { file } : { file, index };
      expect(report.findings).toContainEqual(expect.objectContaining({ code: codes[0], ...place }));
    }
  });
});

/** The tree with one file executable. */
function executable(files: Files, path: string): FileTree {
  const tree = memoryTree(files);
  return {
    ...tree,
    entries: async (prefix) =>
      (await tree.entries(prefix)).map((entry) => (entry.path === path ? { ...entry, kind: "executable" } : entry)),
  };
}

describe("modes", () => {
  test("a file that becomes executable is refused", async () => {
    const report = await validate(executable(monthlyFiles(), march), memoryTree(monthlyFiles()));
    expect(report.findings.map(({ code }) => code)).toEqual(["FILE_MODE_CHANGED", "FILE_EXECUTABLE"]);
    expect(report.valid).toBe(false);
  });

  test("one that was executable already is only told", async () => {
    const tree = executable(monthlyFiles(), march);
    expect(await validate(tree, tree)).toMatchObject({ valid: true, findings: [{ code: "FILE_EXECUTABLE" }] });
  });
});

describe("history is not judged again", () => {
  test("by the clock, whatever its age", async () => {
    const files = jsonlFiles();
    const report = await validate(memoryTree(files), memoryTree(files), {
      nowUnixMs: Date.parse("2020-01-01T00:00:00Z"),
    });
    expect(report.findings).toEqual([]);
  });

  test("by its age without an earlier state", async () => {
    const report = await validateLedger(memoryTree(monthlyFiles()), {
      nowUnixMs: Date.parse("2046-01-01T00:00:00Z"),
      verify: nodeVerify,
    });
    expect(report.findings).toEqual([]);
  });

  test("but for its signatures, which an earlier state proves nothing of", async () => {
    const before = monthlyFiles();
    const after = events(march, (old) => [...old, fresh])(before);
    expect((await validate(memoryTree(after), memoryTree(before))).signaturesChecked).toBe(11);
  });

  test("windows are as configured", async () => {
    const before = monthlyFiles();
    const after = memoryTree(events(march, (old) => [...old, fresh])(before));
    const codes = async (windows: ValidateOptions["windows"] & object): Promise<string[]> =>
      (await validate(after, memoryTree(before), { windows })).findings.map(({ code }) => code);
    expect(await codes({ behindMs: 3_600_000 })).toEqual(["EVENT_TOO_OLD"]);
    expect(await codes({ aheadMs: -172_800_000 })).toEqual(["EVENT_FROM_FUTURE"]);
    expect(await codes({})).toEqual([]);
  });
});

test("a ledger folder and the repository that holds it compare", async () => {
  const files = monthlyFiles();
  const inside = Object.fromEntries(Object.entries(files).map(([path, text]) => [`ledger/${path}`, text]));
  expect((await validate(memoryTree(inside), memoryTree(files))).findings).toEqual([]);
});

test("a revocation that is taken back is refused", async () => {
  const files = monthlyFiles();
  const revoked = key(([first = {}]) => [
    { ...first, revokedAt: "2026-03-19T00:00:00Z", revocationReason: "retirement" },
  ])(files);
  const report = await validate(memoryTree(files), memoryTree(revoked));
  expect(report.findings.map(({ code }) => code)).toEqual(["KEY_REVOCATION_LIFTED"]);
});

test("a key that never signed may be removed, and is missed", async () => {
  const files = monthlyFiles();
  const more = key((keys) => [...keys, second])(files);
  const report = await validate(memoryTree(files), memoryTree(more));
  expect(report).toMatchObject({ valid: true, findings: [{ code: "KEY_REMOVED_UNUSED", file: widget }] });
});

test("an event signed by the second key of its node is good beside any earlier state", async () => {
  const ledger = folderTree(sampleFolder);
  const options = { nowUnixMs: Date.parse("2026-11-21T12:00:00Z"), verify: nodeVerify, base: ledger };
  expect((await validateLedger(ledger, options)).findings).toEqual([]);
});
