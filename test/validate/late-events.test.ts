import { beforeAll, describe, expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { idBytes } from "../../src/core/event.ts";
import { tileBuilder } from "../../src/core/tile-builder.ts";
import type { Report } from "../../src/validate/finding.ts";
import { reportFormats, writeReport } from "../../src/validate/format-report.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  linesPath,
  nativeEvent,
  nowUnixMs,
  releasePayload,
  textIn,
  withEvents,
  withJson,
} from "../support/build-ledger.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";

/** The same ledger in either form, January and February closed. */
const forms = [
  {
    form: "a file a month",
    files: closedMonthlyFiles,
    path: "2026-01.json",
    root: "",
    idOf: (event: Json) => textIn(event["id"]),
    late: (version: string) =>
      nativeEvent("ReleasePublished", "acme/widget", "2026-01-20T10:00:00Z", releasePayload("acme/widget", version)),
  },
  {
    form: "one list",
    files: closedJsonlFiles,
    path: linesPath,
    root: "ledger/",
    idOf: (event: Json) => textIn((event["signature"] as Json)["canonicalHash"]),
    late: (version: string) =>
      jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, "2026-01-20T10:00:00Z"), "acme/widget"),
  },
] as const;

interface Ledger {
  readonly files: Files;
  readonly tiles: Readonly<Record<string, Uint8Array>>;
  readonly januaryCount: number;
}

/** A ledger with the tiles of January, which say which events were closed. */
async function ledgerOf({ files, path, root, idOf }: (typeof forms)[number]): Promise<Ledger> {
  const closed = await files();
  const { count } = JSON.parse(closed[`${root}anchors/2026-01/manifest.json`] ?? "") as { readonly count: number };
  const tiles: Record<string, Uint8Array> = {};
  const builder = tileBuilder(({ path: tile, bytes }) => (tiles[`${root}anchors/2026-01/${tile}`] = bytes));
  for (const event of eventsIn(closed, path).slice(0, count)) builder.append(idBytes(idOf(event)));
  builder.finish();
  return { files: closed, tiles, januaryCount: count };
}

function codesOf({ findings }: Report): string[] {
  return findings.map(({ code }) => code);
}

describe.for([...forms])("$form", (own) => {
  const { path, late } = own;
  let ledger: Ledger;
  let inserted: Files;

  beforeAll(async () => {
    ledger = await ledgerOf(own);
    const added = [late("1.0.1"), late("1.0.2")];
    inserted = withEvents(ledger.files, path, ([first = {}, ...others]) => [first, ...added, ...others]);
  });

  const places = [
    { code: "EVENT_LATE", file: path, index: 1, line: own.root === "" ? 3 : 2 },
    { code: "EVENT_LATE", file: path, index: 2, line: own.root === "" ? 4 : 3 },
  ];

  test("what came after the close is told at its own line, and nothing else is", async () => {
    const { files, tiles, januaryCount } = ledger;
    for (const base of [files, { ...files, ...tiles }]) {
      const report = await validateBothWays(memoryTree({ ...base, ...inserted }), {
        nowUnixMs,
        base: memoryTree(base),
      });
      expect(report.findings).toMatchObject(places);
      expect(report.findings[0]?.message).toBe(
        `2026-01 was closed with ${januaryCount} events before this one came; it is not anchored yet`,
      );
    }
  });

  test("without an earlier state the tiles tell, as far as the root bears them out", async () => {
    const { tiles } = ledger;
    const report = await validateBothWays(memoryTree({ ...inserted, ...tiles }), { nowUnixMs });
    expect(report.findings).toMatchObject(places);
    const lying = Object.fromEntries(Object.entries(tiles).map(([name, bytes]) => [name, bytes.toReversed()]));
    const unknown = await validateBothWays(memoryTree({ ...inserted, ...lying }), { nowUnixMs });
    expect(codesOf(unknown)).not.toContain("EVENT_LATE");
    expect(codesOf(unknown)).toContain("MANIFEST_ROOT_MISMATCH");
  });

  test("with nothing that tells which they are, the manifest is told not to fit", async () => {
    const report = await validateBothWays(memoryTree(inserted), { nowUnixMs });
    expect(codesOf(report)).not.toContain("EVENT_LATE");
    expect(codesOf(report)).toContain("MANIFEST_COUNT_MISMATCH");
  });

  test("hides no other fault of the month", async () => {
    const { files, tiles } = ledger;
    const manifest = `${own.root}anchors/2026-01/manifest.json`;
    const altered = withJson({ ...inserted }, manifest, (value) => void (value["prev"] = "00".repeat(32)));
    const report = await validateBothWays(memoryTree({ ...altered, ...tiles }), {
      nowUnixMs,
      base: memoryTree(files),
    });
    expect(codesOf(report)).toEqual(expect.arrayContaining(["EVENT_LATE", "CLOSED_FILE_CHANGED"]));
    const edited = withEvents(inserted, path, ([first = {}, ...others]) => [
      { ...first, timestamp: "2026-01-05T10:00:01Z" },
      ...others,
    ]);
    const both = await validateBothWays(memoryTree({ ...edited, ...tiles }), { nowUnixMs, base: memoryTree(files) });
    expect(codesOf(both)).toEqual(expect.arrayContaining(["EVENT_LATE", "EVENT_ALTERED"]));
  });

  test("each form of the report says month, place and what to do", async () => {
    const report = await validateBothWays(memoryTree(inserted), { nowUnixMs, base: memoryTree(ledger.files) });
    for (const form of reportFormats) {
      const text = writeReport(report, form);
      for (const part of ["EVENT_LATE", "2026-01 was closed with", "sign it again with the present time"]) {
        expect({ form, text }).toMatchObject({ text: expect.stringContaining(part) });
      }
    }
    const [first] = places;
    expect(writeReport(report, "github")).toContain(`::error file=${path},line=${first?.line},title=EVENT_LATE::`);
    const { runs } = JSON.parse(writeReport(report, "sarif")) as {
      readonly runs: readonly { readonly results: readonly unknown[] }[];
    };
    expect(runs[0]?.results[0]).toMatchObject({
      ruleId: "EVENT_LATE",
      locations: [{ physicalLocation: { artifactLocation: { uri: path }, region: { startLine: first?.line } } }],
    });
  });
});

test("without an earlier state and without tiles, what stands after the closed events is late", async () => {
  const [monthly] = forms;
  const files = withEvents(await monthly.files(), monthly.path, (events) => [...events, monthly.late("1.0.1")]);
  const report = await validateBothWays(memoryTree(files), { nowUnixMs });
  expect(report.findings).toMatchObject([{ code: "EVENT_LATE", file: monthly.path, index: 3 }]);
});
