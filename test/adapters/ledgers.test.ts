import * as fc from "fast-check";
import { cpSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { createLedger, ledgerFolder, type LedgerRecovery, openLedgerRoot } from "../../src/adapters/ledger-folder.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import type { LedgerEvent } from "../../src/core/ledger-event.ts";
import { formatPartition } from "../../src/core/partition-file.ts";
import type { SettlementInfo } from "../../src/core/settlement-info.ts";
import { type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { ledgerContract } from "../support/ledger-contract.ts";
import { jsonlEvent, jsonOf, monthlyEvent } from "../support/made-events.ts";
import { hasShared, sharedPath } from "../support/shared.ts";
import { failure, outcome, temporaryFolder, textsIn } from "../support/temporary-folder.ts";

const settlement: SettlementInfo = { v: 1, host: "ledger.example.org", network: "local", key: "k", accounts: [] };

async function emptyLedger(): Promise<string> {
  const folder = join(temporaryFolder(), "ledger");
  await createLedger(folder, settlement);
  return folder;
}

/** A ledger of these files. */
function ledgerOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

ledgerContract("a folder", async () => {
  const folder = await emptyLedger();
  return { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
});

ledgerContract("memory", async () => {
  const archive = memoryArchive();
  return { ledger: memoryLedger({}, archive), archive };
});

const [one, two, three] = ["one", "two", "three"].map((mark) => monthlyEvent(mark)) as [
  LedgerEvent,
  LedgerEvent,
  LedgerEvent,
];
const lines = ["one", "two", "three"].map((mark) => jsonlEvent(mark)) as [LedgerEvent, LedgerEvent, LedgerEvent];
const file = "2026-03.json";

function array(...events: readonly LedgerEvent[]): string {
  return formatPartition("array", events.map(jsonOf));
}

describe("a ledger in a folder", () => {
  test("is made on purpose and only then", async () => {
    const folder = await emptyLedger();
    expect((await ledgerFolder(folder).snapshot()).settlement).toEqual(settlement);
    await createLedger(folder, settlement);
    expect(await outcome(createLedger(folder, { ...settlement, host: "other" }))).toBe("LEDGER_ALREADY_EXISTS");
    for (const nothing of [temporaryFolder(), join(folder, "nothing"), join(folder, "settlement.json")]) {
      expect(await outcome(ledgerFolder(nothing).snapshot())).toBe("LEDGER_NOT_FOUND");
      expect(await outcome(ledgerFolder(nothing).append("2026-03", [one]))).toBe("LEDGER_NOT_FOUND");
    }
  });

  test("writes one event a line, the comma leading", async () => {
    const folder = await emptyLedger();
    const ledger = ledgerFolder(folder);
    await ledger.append("2026-03", [one]);
    await ledger.append("2026-03", [two, three]);
    expect(await readFile(join(folder, file), "utf8")).toBe(
      `[\n${jsonOf(one)}\n,${jsonOf(two)}\n,${jsonOf(three)}\n]\n`,
    );
  });

  test("appends in place with one fsync a batch", async () => {
    const folder = await emptyLedger();
    await ledgerFolder(folder).append("2026-03", [one]);
    const fs = faultyFileSystem({ step: "open create", errno: "none may be made" });
    let syncs = 0;
    const ledger = ledgerFolder(folder, {
      fs: {
        ...fs,
        open: async (path, how) => {
          const opened = await fs.open(path, how);
          return {
            ...opened,
            sync: () => {
              syncs++;
              return opened.sync();
            },
          };
        },
      },
    });
    await ledger.append("2026-03", [two, three]);
    expect([fs.isDone(), syncs]).toEqual([false, 1]);
  });

  test("is appended to in any formatting", async () => {
    const folder = ledgerOf({ [file]: JSON.stringify([one.json, two.json], undefined, 2) });
    await ledgerFolder(folder).append("2026-03", [three]);
    await ledgerFolder(folder).append("2026-03", [monthlyEvent("four")]);
    expect(JSON.parse(await readFile(join(folder, file), "utf8"))).toHaveLength(4);
  });

  test("sees what somebody else appended in between", async () => {
    const folder = await emptyLedger();
    const [ours, theirs] = [ledgerFolder(folder), ledgerFolder(folder)];
    await ours.append("2026-03", [one]);
    await ours.append("2026-03", [two]);
    await theirs.append("2026-03", [three]);
    await ours.append("2026-03", [monthlyEvent("four")]);
    const { files } = await ours.snapshot();
    expect(files.get("2026-03")?.map(({ id }) => id)).toEqual([one.id, two.id, three.id, monthlyEvent("four").id]);
  });

  test("may hold jsonl events by month", async () => {
    const [first, second] = lines;
    const folder = ledgerOf({ [file]: array(first) });
    await ledgerFolder(folder).append("2026-03", [second]);
    const { dialect, files } = await ledgerFolder(folder).snapshot();
    expect([dialect, files.get("2026-03")?.length]).toEqual(["jsonl", 2]);
  });

  test("ignores files that the format does not name", async () => {
    const folder = ledgerOf({
      [file]: array(one),
      "2026-13.json": "x",
      "2026-03.json.bak": "x",
      "notes/2026-04.json": "x",
      "events/other.jsonl": "x",
      "nodes/node.json": "x",
      "nodes/org/repo/extra/node.json": "x",
      "nodes/org/repo/profile.json": "x",
      ".settlement.json.1f.tmp": "x",
    });
    const { files, nodes, settlement } = await ledgerFolder(folder).snapshot();
    expect([[...files.keys()], nodes, settlement]).toEqual([[file.slice(0, 7)], [], undefined]);
  });

  const altered = JSON.stringify({ ...one.json, nodeId: "org/other" });
  test.each([
    ["an empty object", { [file]: "{}" }, "PARTITION_MALFORMED", /^2026-03\.json: line 1: a partition is a JSON array/],
    [
      "an altered event",
      { [file]: `[\n${jsonOf(two)}\n,${altered}\n]\n` },
      "EVENT_ID_MISMATCH",
      /^2026-03\.json line 3, event 1: .*id says/,
    ],
    ["an event that is none", { [file]: "[1]" }, "PARTITION_MALFORMED", /^2026-03\.json line 1, event 0/],
    [
      "a broken event",
      { [file]: '[\n{"id":}\n]\n' },
      "PARTITION_MALFORMED",
      /^2026-03\.json line 2, event 0: JSON line 1/,
    ],
    ["bytes before the array", { [file]: `\ufeff${array(one)}` }, "PARTITION_MALFORMED", /2026-03\.json/],
    [
      "a truncated foreign file",
      { [file]: JSON.stringify([one.json]).slice(0, -5) },
      "PARTITION_MALFORMED",
      /not closed/,
    ],
    ["a bad line", { "events/events.jsonl": "{}\n" }, "PARTITION_MALFORMED", /^events\/events\.jsonl line 1, event 0/],
    [
      "a blank line",
      { "events/events.jsonl": `${jsonOf(lines[0])}\n\n${jsonOf(lines[1])}\n` },
      "PARTITION_MALFORMED",
      /line 2: a blank line/,
    ],
    [
      "both forms",
      { [file]: array(one), "events/events.jsonl": `${jsonOf(lines[0])}\n` },
      "LEDGER_MIXED_DIALECTS",
      /2026-03\.json/,
    ],
    ["both dialects in one file", { [file]: array(one, lines[0]) }, "LEDGER_MIXED_DIALECTS", /2026-03\.json/],
    [
      "both dialects in two files",
      { [file]: array(one), "2026-04.json": array(lines[0]) },
      "LEDGER_MIXED_DIALECTS",
      /2026-04\.json/,
    ],
    [
      "a node that is no JSON",
      { "nodes/org/repo/node.json": "{" },
      "JSON_MALFORMED",
      /^nodes\/org\/repo\/node\.json: /,
    ],
    ["a node that is none", { "nodes/org/repo/node.json": "[]" }, "NODE_MALFORMED", /^nodes\/org\/repo\/node\.json: /],
    [
      "a settlement.json of another version",
      { "settlement.json": '{"v":2}' },
      "FORMAT_VERSION_UNKNOWN",
      /^settlement\.json: /,
    ],
  ] as const)("with %s is refused", async (_, files, code, message) => {
    const folder = ledgerOf(files);
    const error = await failure(ledgerFolder(folder).snapshot());
    expect(error?.code).toBe(code);
    expect(error?.message).toMatch(message);
    expect(await outcome(ledgerFolder(folder).append("2026-03", [one]))).toBe(code);
    expect(await textsIn(folder)).toEqual(files);
  });

  test.each([
    [file, "folder"],
    [file, "link"],
    ["events/events.jsonl", "folder"],
    ["events/events.jsonl", "link"],
    ["settlement.json", "folder"],
    ["settlement.json", "link"],
    ["nodes/org/repo/node.json", "folder"],
    ["nodes/org/repo/node.json", "link"],
  ] as const)("with %s being a %s is refused", async (path, kind) => {
    const folder = ledgerOf({ elsewhere: array(one), "nodes/x": "" });
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    if (kind === "folder") mkdirSync(join(folder, path));
    else symlinkSync(join(folder, "elsewhere"), join(folder, path));
    const error = await failure(ledgerFolder(folder).snapshot());
    expect([error?.code, error?.message]).toEqual([
      "LEDGER_FILE_NOT_PLAIN",
      expect.stringContaining(`${path} is a ${kind}`),
    ]);
    expect(await outcome(ledgerFolder(folder).append("2026-03", [two]))).toBe("LEDGER_FILE_NOT_PLAIN");
    expect(await readFile(join(folder, "elsewhere"), "utf8")).toBe(array(one));
  });
});

describe.skipIf(!hasShared)("a real ledger", () => {
  test("is read from its folder and grows by lines", async () => {
    const folder = temporaryFolder();
    cpSync(sharedPath("repomesh-ledger/ledger"), folder, { recursive: true });
    const before = await readFile(join(folder, "events/events.jsonl"), "utf8");
    const { dialect, files, nodes } = await ledgerFolder(folder).snapshot();
    expect([dialect, files.get("")?.length, nodes.length]).toEqual(["jsonl", 76, 6]);
    await ledgerFolder(folder).append("2026-07", [lines[0]]);
    expect(await readFile(join(folder, "events/events.jsonl"), "utf8")).toBe(`${before}${jsonOf(lines[0])}\n`);
  });

  test("is found in its repository", async () => {
    expect(await openLedgerRoot(folderTree(sharedPath("repomesh-ledger")))).toEqual({ prefix: "ledger" });
    expect(await openLedgerRoot(folderTree(sharedPath("repomesh-ledger/ledger")))).toEqual({ prefix: "" });
  });
});

test.each<Fault>([
  { step: "make folder", errno: "EACCES" },
  { step: "sync folder", errno: "EIO" },
  { step: "open create", errno: "EROFS" },
  { step: "write", errno: "ENOSPC", written: 3 },
  { step: "sync", errno: "EIO" },
  { step: "link", errno: "ENOSPC" },
])("no ledger is made when $step fails with $errno", async (fault) => {
  const folder = join(temporaryFolder(), "deep", "ledger");
  const error = await failure(createLedger(folder, settlement, faultyFileSystem(fault)));
  expect(error?.code).toBe("LEDGER_WRITE_FAILED");
  expect(error?.message).not.toMatch(/secret|settlement-test/);
  expect(await outcome(ledgerFolder(folder).snapshot())).toBe("LEDGER_NOT_FOUND");
  await createLedger(folder, settlement);
  expect(Object.keys(await textsIn(folder))).toEqual(["settlement.json"]);
});

describe("where the ledger is", () => {
  test.each([
    [["2026-03.json"], ""],
    [["events/events.jsonl"], ""],
    [["nodes/a/b/node.json"], ""],
    [["settlement.json"], ""],
    [["ledger/2026-03.json", "README.md"], "ledger"],
    [["ledger/settlement.json", "settlement.json"], "ledger"],
    [["ledger/nodes/a/b/node.json", "settlement.json"], "ledger"],
    [["2026-03.json", "ledger/settlement.json"], ""],
    [["2026-03.json", "ledger/2026-03.json"], "LEDGER_AMBIGUOUS"],
    [["nodes/a/b/node.json", "ledger/events/events.jsonl"], "LEDGER_AMBIGUOUS"],
    [["README.md", "ledger/README.md"], "LEDGER_NOT_FOUND"],
    [["other/2026-03.json", "2026-13.json"], "LEDGER_NOT_FOUND"],
    [[], "LEDGER_NOT_FOUND"],
  ] as const)("%j: %s", async (paths, expected) => {
    const tree = memoryTree(Object.fromEntries(paths.map((path) => [path, ""])));
    const found = openLedgerRoot(tree);
    const code = await outcome(found);
    expect(code === "ok" ? (await found).prefix : code).toBe(expected);
  });
});

const faults: readonly (Fault & { readonly code?: string })[] = [
  { step: "open update", errno: "EACCES" },
  { step: "open update", errno: "EROFS" },
  { step: "write", errno: "ENOSPC" },
  { step: "write", errno: "ENOSPC", written: 7 },
  { step: "write", errno: "ENOSPC", written: 9, call: 2 },
  { step: "write", errno: "EIO", written: 1 },
  { step: "sync", errno: "EIO" },
  { step: "read", errno: "EIO", code: "LEDGER_UNREADABLE" },
  { step: "names", errno: "EACCES", code: "LEDGER_UNREADABLE" },
];

describe("when an append fails nothing of it is kept", () => {
  const other = (step: Fault["step"]): boolean => step === "open update";
  test.each([
    ...faults.map((fault) => ({ ...fault, before: "our form", files: { [file]: array(one) } })),
    ...faults
      .map((fault) => ({ ...fault, before: "nothing", files: { "settlement.json": JSON.stringify(settlement) } }))
      .filter(({ step }) => !other(step)),
    ...faults
      .map((fault) => ({ ...fault, before: "another form", files: { [file]: JSON.stringify([one.json]) } }))
      .filter(({ step }) => !other(step)),
    ...(["open create", "rename"] as const).flatMap((step) => [
      { step, errno: "ENOSPC", before: "nothing", files: { "settlement.json": JSON.stringify(settlement) } },
      { step, errno: "EACCES", before: "another form", files: { [file]: JSON.stringify([one.json]) } },
    ]),
    {
      step: "sync folder" as const,
      errno: "EIO",
      before: "nothing",
      files: { "settlement.json": JSON.stringify(settlement) },
    },
    {
      step: "sync folder" as const,
      errno: "EIO",
      before: "another form",
      files: { [file]: JSON.stringify([one.json]) },
    },
  ] as readonly (Fault & {
    readonly code?: string;
    readonly before: string;
    readonly files: Record<string, string>;
  })[])(
    "$before: $step fails with $errno ($written of call $call)",
    async ({ files, code = "LEDGER_WRITE_FAILED", ...fault }) => {
      const folder = ledgerOf(files);
      const fs = faultyFileSystem(fault);
      const ledger = ledgerFolder(folder, { fs });
      const error = await failure(ledger.append("2026-03", [two, three]));
      expect([fs.isDone(), error?.code]).toEqual([true, code]);
      expect(error?.message).not.toMatch(/secret|settlement-test/);
      expect(await textsIn(folder)).toEqual(files);
      await ledger.append("2026-03", [two]);
      const held = (await ledgerFolder(folder).snapshot()).files.get("2026-03") ?? [];
      expect(held.map(({ id }) => id)).toEqual("settlement.json" in files ? [two.id] : [one.id, two.id]);
    },
  );
});

test("an append whose end cannot be put back says so, and the next one repairs it", async () => {
  const folder = ledgerOf({ [file]: array(one) });
  const dying = ledgerFolder(folder, {
    fs: faultyFileSystem({ step: "write", errno: "EIO", written: 40, isCrash: true }),
  });
  const error = await failure(dying.append("2026-03", [two]));
  expect(error?.message).toMatch(
    /^2026-03\.json could not be written, and its end could not be put back; .*check the disk/,
  );
  const told: LedgerRecovery[] = [];
  const next = ledgerFolder(folder, { onRecovery: (recovery) => told.push(recovery) });
  await next.append("2026-03", [three]);
  expect(await textsIn(folder)).toEqual({ [file]: array(one, three) });
  expect(told.map(({ path, line, isRepaired }) => ({ path, line, isRepaired }))).toEqual([
    { path: file, line: 3, isRepaired: false },
    { path: file, line: 3, isRepaired: true },
  ]);
});

describe("after a crash in an append", () => {
  const allFaults = fc.record({
    step: fc.constantFrom(
      "write" as const,
      "sync" as const,
      "truncate" as const,
      "rename" as const,
      "sync folder" as const,
    ),
    call: fc.integer({ min: 1, max: 12 }),
    written: fc.nat(600),
  });

  test.each(["monthly", "jsonl"] as const)(
    "%s: every event that was acknowledged is there, then whole events of the batch",
    async (dialect) => {
      const [first, ...rest] = dialect === "monthly" ? [one, two, three] : lines;
      const name = dialect === "monthly" ? file : "events/events.jsonl";
      await fc.assert(
        fc.asyncProperty(allFaults, fc.boolean(), async (fault, isOurForm) => {
          const folder = await emptyLedger();
          await ledgerFolder(folder).append("2026-03", [first]);
          if (!isOurForm && dialect === "monthly")
            writeFileSync(join(folder, name), JSON.stringify([first.json], undefined, 1));
          const dying = ledgerFolder(folder, { fs: faultyFileSystem({ ...fault, errno: "EIO", isCrash: true }) });
          const acknowledged = [first.id];
          for (const event of rest) {
            const isKept = await dying.append("2026-03", [event]).then(
              () => true,
              () => false,
            );
            if (!isKept) break;
            acknowledged.push(event.id);
          }
          const told: LedgerRecovery[] = [];
          const next = ledgerFolder(folder, { onRecovery: (recovery) => told.push(recovery) });
          const idsIn = async (): Promise<string[]> =>
            [...(await next.snapshot()).files.values()].flat().map(({ id }) => id);
          const found = await idsIn();
          expect(found).toEqual([first, ...rest].map(({ id }) => id).slice(0, found.length));
          expect(found.slice(0, acknowledged.length)).toEqual(acknowledged);
          const wasTorn = told.length > 0;
          const last = dialect === "monthly" ? monthlyEvent("last") : jsonlEvent("last");
          await next.append("2026-03", [last]);
          expect(await idsIn()).toEqual([...found, last.id]);
          expect(told.filter(({ isRepaired }) => isRepaired)).toHaveLength(wasTorn ? 1 : 0);
          expect(told.every(({ path }) => path === name)).toBe(true);
        }),
        { numRuns: 60 },
      );
    },
  );
});
