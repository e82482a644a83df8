import { mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nodeFileSystem } from "../../src/adapters/file-system.ts";
import { folderLock } from "../../src/adapters/folder-lock.ts";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { formatPartition } from "../../src/core/partition-file.ts";
import { jsonlEvent, jsonOf, monthlyEvent } from "../support/made-events.ts";
import { outcome, temporaryFolder } from "../support/temporary-folder.ts";

const [one, two, three] = ["one", "two", "three"].map((mark) => monthlyEvent(mark));
const file = "2026-03.json";

function array(...events: readonly (typeof one)[]): string {
  return formatPartition(
    "array",
    events.flatMap((event) => (event ? [jsonOf(event)] : [])),
  );
}

function ledgerOf(files: Readonly<Record<string, string>>): string {
  const folder = temporaryFolder();
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return folder;
}

describe("the version of a ledger folder", () => {
  const files = {
    [file]: array(one),
    "2026-02.json": array(two),
    "settlement.json": "{}",
    "nodes/org/repo/node.json": "{}",
    "anchors/2026-02/manifest.json": "{}",
  };
  test.for([
    { name: "an event file", path: file },
    { name: "an event file of a closed month", path: "2026-02.json" },
    { name: "another month", path: "2026-04.json" },
    { name: "a list", path: "events/events.jsonl" },
    { name: "settlement.json", path: "settlement.json" },
    { name: "a node", path: "nodes/org/repo/node.json" },
    { name: "another node", path: "nodes/org/other/node.json" },
    { name: "a closed month", path: "anchors/2026-03/manifest.json" },
    { name: "a manifest", path: "anchors/2026-02/manifest.json" },
    { name: "a file beside it", path: "../policy.json" },
  ])("is another one when $name is written, and when it goes", async ({ path }) => {
    const folder = join(
      ledgerOf(Object.fromEntries(Object.entries(files).map(([each, text]) => [`ledger/${each}`, text]))),
      "ledger",
    );
    const ledger = ledgerFolder(folder, { settledMs: 0, beside: [join(folder, "../policy.json")] });
    const before = await ledger.version();
    mkdirSync(join(folder, path, ".."), { recursive: true });
    writeFileSync(join(folder, `${path}.new`), "[]");
    renameSync(join(folder, `${path}.new`), join(folder, path));
    const after = await ledger.version();
    expect(after).not.toBe(before);
    rmSync(join(folder, path));
    expect(await ledger.version()).not.toBe(after);
  });

  test("is the same whoever looks and whenever what is settled was looked at", async () => {
    const folder = ledgerOf(files);
    const [always, once] = [ledgerFolder(folder, { settledMs: 0 }), ledgerFolder(folder, { settledMs: 1e9 })];
    expect(await once.version()).toBe(await always.version());
    writeFileSync(join(folder, "anchors/2026-02/other"), "");
    mkdirSync(join(folder, "anchors/2026-03"));
    writeFileSync(join(folder, "anchors/2026-03/manifest.json"), "{}");
    expect(await once.version()).toBe(await always.version());
    expect(await ledgerFolder(folder).version()).toBe(await always.version());
  });

  test("takes no link for a folder, and sees the link", async () => {
    const folder = ledgerOf(files);
    const ledger = ledgerFolder(folder, { settledMs: 0 });
    const before = await ledger.version();
    symlinkSync(folder, join(folder, "nodes/loop"));
    const after = await ledger.version();
    expect(after).not.toBe(before);
    writeFileSync(join(folder, "notes.txt"), "not of the ledger, and below the link");
    expect(await ledger.version()).toBe(after);
  });

  test("nowhere there is none", async () => {
    expect(await outcome(ledgerFolder(join(temporaryFolder(), "nothing")).version())).toBe("LEDGER_NOT_FOUND");
  });
});

describe("extending a file that somebody else replaces", () => {
  test("while it is written: nothing is taken for written", async () => {
    const folder = ledgerOf({ [file]: array(one) });
    const ledger = ledgerFolder(folder, {
      settledMs: 0,
      fs: {
        ...nodeFileSystem,
        open: async (path, how) => {
          const opened = await nodeFileSystem.open(path, how);
          if (how === "update") {
            writeFileSync(join(folder, "pulled"), array(one, two));
            renameSync(join(folder, "pulled"), join(folder, file));
          }
          return opened;
        },
      },
    });
    const version = await ledger.version();
    expect(await outcome(ledger.extend(version, "2026-03", three ? [three] : []))).toBe("LEDGER_CHANGED");
    expect(await readFile(join(folder, file), "utf8")).toBe(array(one, two));
  });
});

describe("extending a ledger that was read by somebody else", () => {
  const [first, second] = [jsonlEvent("one"), jsonlEvent("two")];
  test.for([
    { name: "months", files: { [file]: array(one) }, event: two, path: file, whole: array(one, two) },
    {
      name: "months of jsonl events",
      files: { [file]: array(first) },
      event: second,
      path: file,
      whole: array(first, second),
    },
    {
      name: "months and an empty list",
      files: { [file]: array(one), "events/events.jsonl": "" },
      event: two,
      path: file,
      whole: array(one, two),
    },
    {
      name: "a list",
      files: { "events/events.jsonl": `${jsonOf(first)}\n` },
      event: second,
      path: "events/events.jsonl",
      whole: `${jsonOf(first)}\n${jsonOf(second)}\n`,
    },
    { name: "nothing, by a month", files: { "settlement.json": "{}" }, event: one, path: file, whole: array(one) },
    {
      name: "nothing, by a list",
      files: { "settlement.json": "{}" },
      event: first,
      path: "events/events.jsonl",
      whole: `${jsonOf(first)}\n`,
    },
  ])("of $name", async ({ files, event, path, whole }) => {
    const folder = ledgerOf(files);
    const ledger = ledgerFolder(folder);
    await ledger.extend(await ledger.version(), "2026-03", event ? [event] : []);
    expect(await readFile(join(folder, path), "utf8")).toBe(whole);
  });
});

describe("mending", () => {
  test.for([
    { name: "a month", path: file, torn: array(one, two).slice(0, -50), whole: array(one) },
    {
      name: "a list",
      path: "events/events.jsonl",
      torn: `${jsonOf(jsonlEvent("one"))}\n${jsonOf(jsonlEvent("two")).slice(0, 90)}`,
      whole: `${jsonOf(jsonlEvent("one"))}\n`,
    },
    { name: "nothing where nothing is torn", path: file, torn: array(one), whole: array(one) },
  ])("cuts back $name", async ({ path, torn, whole }) => {
    const folder = ledgerOf({ [path]: torn });
    await ledgerFolder(folder).mend();
    expect(await readFile(join(folder, path), "utf8")).toBe(whole);
  });
});

describe("the lock of a folder", () => {
  test("keeps others out that have it open too, and goes with its holder", async () => {
    const path = join(temporaryFolder(), ".lock");
    const [ours, theirs, impatient] = [folderLock(path, 60_000), folderLock(path, 60_000), folderLock(path, 0)];
    const { promise, resolve } = Promise.withResolvers<void>();
    const steps: string[] = [];
    const held = ours(async () => {
      await promise;
      steps.push("ours");
    });
    const next = theirs(async () => void steps.push("theirs"));
    expect(await outcome(impatient(async () => undefined))).toBe("LEDGER_IN_USE");
    resolve();
    await Promise.all([held, next]);
    expect(steps).toEqual(["ours", "theirs"]);
    expect(await outcome(impatient(async () => undefined))).toBe("ok");
  });

  test("cannot be where there is no folder", async () => {
    const path = join(temporaryFolder(), "nothing", ".lock");
    expect(await outcome(folderLock(path, 0)(async () => undefined))).toBe("LEDGER_WRITE_FAILED");
  });
});
