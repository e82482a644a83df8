import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { createLedger, ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import type { LedgerEvent } from "../../src/core/ledger-event.ts";
import type { Manifest } from "../../src/core/manifest.ts";
import { partitionsOf } from "../../src/core/membership.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import type { SettlementInfo } from "../../src/core/settlement-info.ts";
import { closePartition, nextToClose } from "../../src/settle/close-partition.ts";
import { type LedgerSource, type LedgerView, readLedgerView } from "../../src/settle/ledger-view.ts";
import { idsOfMonth } from "../../src/settle/month-scan.ts";
import { readPublished } from "../../src/settle/read-closed.ts";
import { jsonlEvent, jsonOf, monthlyEvent } from "../support/made-events.ts";
import { temporaryFolder, testCloseDeps, testKey } from "../support/settle.ts";

const settlement: SettlementInfo = {
  v: 1,
  host: "test.example",
  network: "local",
  key: formatVkey(makeVkey("test.example/ledger", testKey.publicKey)),
  accounts: [],
};
const later = Date.UTC(2027, 0, 1);

/** What the rules of membership say of a ledger that is at hand as a whole. */
async function expectedMonths({ ledger, archive }: LedgerSource): Promise<Record<string, string[]>> {
  const manifests = new Map<string, Manifest>();
  for (const month of await archive.months()) {
    const { manifest } = await readPublished(archive, month);
    if (manifest) manifests.set(month, manifest);
  }
  const { files } = await ledger.snapshot();
  return Object.fromEntries(
    Array.from(partitionsOf(files, manifests), ([month, events]) => [month, events.map(({ id }) => id)]),
  );
}

async function shownMonths({ partitions }: LedgerView): Promise<Record<string, string[]>> {
  const months: Record<string, string[]> = {};
  for (const { month, events } of partitions) {
    months[month] = [];
    for (let leaf = 0; leaf < events.count; leaf++) months[month].push((await events.at(leaf)).id);
  }
  return months;
}

/** Is the ledger shown as it is? Fails where it is not. */
async function isShown(source: LedgerSource): Promise<boolean> {
  const view = await readLedgerView(source);
  const expected = await expectedMonths(source);
  expect(await shownMonths(view)).toEqual(expected);
  for (const [month, ids] of Object.entries(expected)) {
    expect([month, await idsOfMonth(view, month, source.ledger)]).toEqual([month, ids]);
    for (const [leaf, id] of ids.entries()) {
      const found = await view.byMonth.get(month)?.events.find(id);
      // A copy of an event is found where it stood first.
      expect(ids.indexOf(id)).toBe(found);
      expect(found).toBeLessThanOrEqual(leaf);
    }
  }
  return true;
}

const months = ["2026-01", "2026-02", "2026-03", "2026-04"];
const instant = fc
  .tuple(fc.constantFrom(...months), fc.integer({ min: 1, max: 28 }))
  .map(([month, day]) => `${month}-${String(day).padStart(2, "0")}T12:00:00Z`);
/** Rounds of appends; after each the month that is next is closed. */
const rounds = fc.array(fc.array(instant, { maxLength: 6 }), { minLength: 1, maxLength: 5 });

describe("one list", () => {
  test("closed months that have an index, and open ones, hold what the whole list says", async () => {
    await fc.assert(
      fc.asyncProperty(rounds, async (appends) => {
        let list: readonly LedgerEvent[] = [];
        let mark = 0;
        const archive = memoryArchive();
        const source = (): LedgerSource => ({
          ledger: memoryLedger({ settlement, files: new Map([["", list]]), dialect: "jsonl" }),
          archive,
        });
        for (const times of appends) {
          list = [...list, ...times.map((time) => jsonlEvent(`e${mark++}`, time))];
          expect(await isShown(source())).toBe(true);
          const next = nextToClose(await readLedgerView(source()));
          if (next) await closePartition(next.month, "local", testCloseDeps(source(), later));
          expect(await isShown(source())).toBe(true);
        }
      }),
      { numRuns: 60 },
    );
  });
});

/** A ledger folder of one list, its lines ending as they like. */
async function listFolder(): Promise<string> {
  const folder = join(temporaryFolder(), "ledger");
  await createLedger(folder, settlement);
  mkdirSync(join(folder, "events"));
  writeFileSync(join(folder, "events/events.jsonl"), "");
  return folder;
}

function folderSource(folder: string): LedgerSource {
  return { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
}

test.each(["\n", "\r\n"])("a list in a folder, lines ending in %j, with and without its index", async (eol) => {
  const folder = await listFolder();
  const times = ["2026-01-05", "2026-02-01", "2026-01-20", "2026-03-02", "2026-02-11", "2026-01-21", "2026-02-20"];
  const events = times.map((day, at) => jsonlEvent(`é ${at} ${"x".repeat(at * 200)}`, `${day}T00:00:00Z`));
  for (const [at, month] of ["2026-01", "2026-02"].entries()) {
    for (const event of events.slice(at * 4, at * 4 + 4)) {
      appendFileSync(join(folder, "events/events.jsonl"), `${jsonOf(event)}${eol}`);
    }
    expect(await isShown(folderSource(folder))).toBe(true);
    await closePartition(month, "local", testCloseDeps(folderSource(folder), later));
    expect(await isShown(folderSource(folder))).toBe(true);
  }
  rmSync(join(folder, "anchors/2026-01/index"), { recursive: true });
  expect(await isShown(folderSource(folder))).toBe(true);
  rmSync(join(folder, "anchors/2026-02/index"), { recursive: true });
  expect(await isShown(folderSource(folder))).toBe(true);
});

test.each<[name: string, format: (texts: readonly string[]) => string]>([
  ["as this node writes it", (texts) => `[\n${texts.join("\n,")}\n]\n`],
  ["as one line", (texts) => `[${texts.join(",")}]`],
  [
    "pretty",
    (texts) =>
      JSON.stringify(
        texts.map((text) => JSON.parse(text) as unknown),
        null,
        2,
      ),
  ],
  ["with spaces everywhere", (texts) => ` [ \r\n\t${texts.join("\n , ")}\n\n]  `],
])("a month in a file %s", async (_, format) => {
  const folder = join(temporaryFolder(), "ledger");
  await createLedger(folder, settlement);
  const texts = Array.from({ length: 9 }, (_, at) =>
    jsonOf(monthlyEvent(`ü${"日".repeat(at)}`, `2026-01-0${at + 1}T00:00:00Z`)),
  );
  writeFileSync(join(folder, "2026-01.json"), format(texts));
  writeFileSync(join(folder, "2026-02.json"), "[\n]\n");
  expect(await isShown(folderSource(folder))).toBe(true);
  await closePartition("2026-01", "local", testCloseDeps(folderSource(folder), later));
  expect(await isShown(folderSource(folder))).toBe(true);
  rmSync(join(folder, "anchors/2026-01/index"), { recursive: true });
  expect(await isShown(folderSource(folder))).toBe(true);
});

test("a month of many blocks is read in order, and any of its events by its place", async () => {
  const folder = join(temporaryFolder(), "ledger");
  await createLedger(folder, settlement);
  const events = Array.from({ length: 2600 }, (_, at) => monthlyEvent(`${at} ${"y".repeat(at % 700)}`));
  writeFileSync(join(folder, "2026-03.json"), `[\n${events.map(jsonOf).join("\n,")}\n]\n`);
  const source = folderSource(folder);
  const ids = events.map(({ id }) => id);
  expect(await idsOfMonth(await readLedgerView(source), "2026-03", source.ledger)).toEqual(ids);
  await closePartition("2026-03", "local", testCloseDeps(source, later));
  const held = (await readLedgerView(folderSource(folder))).byMonth.get("2026-03")?.events;
  for (const leaf of [0, 1, 511, 512, 1024, 2599]) {
    expect(await held?.find(ids[leaf] ?? "")).toBe(leaf);
    expect((await held?.at(leaf))?.id).toBe(ids[leaf]);
  }
  expect(await held?.find("0".repeat(64))).toBeUndefined();
});

test("a list that lost the last event of a closed month is told to be altered", async () => {
  const events = ["2026-01-05", "2026-01-20", "2026-02-02"].map((day, at) => jsonlEvent(`e${at}`, `${day}T00:00:00Z`));
  const archive = memoryArchive();
  const holding = (list: readonly LedgerEvent[]): LedgerSource => ({
    ledger: memoryLedger({ settlement, files: new Map([["", list]]), dialect: "jsonl" }),
    archive,
  });
  await closePartition("2026-01", "local", testCloseDeps(holding(events), later));
  const lost = holding([events[0], events[2]].flatMap((event) => event ?? []));
  await expect(readLedgerView(lost)).rejects.toMatchObject({ code: "PARTITION_ALTERED" });
});

test("an index that was forged hides no event from what is closed or signed", async () => {
  const folder = await listFolder();
  const days = ["2026-01-05", "2026-02-01", "2026-02-03", "2026-01-20", "2026-02-11"];
  const events = days.map((day, at) => jsonlEvent(`e${at}`, `${day}T00:00:00Z`));
  for (const event of events) appendFileSync(join(folder, "events/events.jsonl"), `${jsonOf(event)}\n`);
  await closePartition("2026-01", "local", testCloseDeps(folderSource(folder), later));
  const facts = join(folder, "anchors/2026-01/index/facts.json");
  const forged = JSON.parse(readFileSync(facts, "utf8")) as Record<string, unknown>;
  // Behind the first two events of February, which came before the last one of January.
  writeFileSync(facts, JSON.stringify({ ...forged, rest: forged["end"] as number }));
  const { manifest } = await closePartition("2026-02", "local", testCloseDeps(folderSource(folder), later));
  expect([manifest.count, manifest.range]).toEqual([3, [events[1]?.id, events[4]?.id]]);
});
