import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { utf8 } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Json,
  jsonlContent,
  jsonlEvent,
  linesPath,
  monthlyFiles,
  nativeEvent,
  nowUnixMs,
  pemOf,
  releasePayload,
  textIn,
  withJson,
} from "../support/build-ledger.ts";
import { closeMonths, expectKept, promisesOf } from "../support/promises-kept.ts";

const now = (): number => nowUnixMs;
const march = "2026-03.json";

const release = (version: string, timestamp = "2026-03-20T11:00:00Z", signer = "acme/widget"): Json =>
  nativeEvent("ReleasePublished", "acme/widget", timestamp, releasePayload("acme/widget", version), signer);

const line = (version: string, timestamp = "2026-03-20T11:00:00Z"): Json =>
  jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, timestamp), "acme/widget");

/** Another spelling of the same event. */
function rewritten(event: JsonObject): Uint8Array {
  const reversed = (value: unknown): unknown =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .map(([name, each]) => [name, reversed(each)])
            .toReversed(),
        )
      : value;
  return utf8(
    `\n ${JSON.stringify(reversed(event), undefined, 3).replace("ReleasePublished", "Release\\u0050ublished")}\n`,
  );
}

const idsIn = (folder: string, file: string): string[] =>
  eventsIn({ [file]: readFileSync(join(folder, file), "utf8") }, file).map(({ id, signature }) =>
    textIn(id ?? (signature as JsonObject)["canonicalHash"]),
  );

describe.for([
  { dialect: "monthly", files: closedMonthlyFiles, make: release, file: march, open: 5 },
  { dialect: "jsonl", files: closedJsonlFiles, make: line, file: linesPath, open: 1 },
])("$dialect", ({ files, make, file, open }) => {
  test("each event gets its verdict in the order given, and the good ones stand in the ledger in that order", async () => {
    const folder = folderOf(await files());
    const deps = acceptingInto(folder, now);
    const before = idsIn(folder, file);
    const handed = [
      make("5.0.0"),
      { what: "is this" },
      make("5.1.0"),
      utf8("{"),
      rewritten(make("5.2.0")),
      7,
      undefined,
    ];
    const verdicts = await acceptor(deps).accept(handed);
    expect(verdicts.map((each) => (each.state === "refused" ? each.code : each.state))).toEqual([
      "accepted",
      expect.stringMatching(/^EVENT_MALFORMED|LEDGER_MIXED_DIALECTS$/),
      "accepted",
      "JSON_MALFORMED",
      "accepted",
      "EVENT_MALFORMED",
      "JSON_VALUE_UNSUPPORTED",
    ]);
    const good = verdicts.filter(({ state }) => state === "accepted");
    expect(idsIn(folder, file)).toEqual([...before, ...good.map(({ id }) => id)]);
    expect(promisesOf(good).map(({ origin, leafIndex }) => [origin, leafIndex])).toEqual(
      [0, 1, 2].map((at) => ["ledger.test/ledger", 5 + open + at]),
    );
    await expectKept(promisesOf(good), deps);
  });

  test("the same event again, however it is written, gets its first answer, also from the next process", async () => {
    const folder = folderOf(await files());
    const deps = acceptingInto(folder, now);
    const door = acceptor(deps);
    const [first] = await door.accept([make("5.0.0")]);
    await door.accept([make("5.1.0")]);
    const [again, twice] = await door.accept([rewritten(make("5.0.0")), make("5.0.0")]);
    const { heads, promises } = deps;
    const next = acceptor(acceptingInto(folder, () => nowUnixMs + 60_000, { heads, promises }));
    const [later] = await next.accept([make("5.0.0")]);
    for (const each of [again, twice, later]) expect(each).toEqual({ ...first, state: "known" });
    expect(new Set(idsIn(folder, file)).size).toBe(idsIn(folder, file).length);
  });

  test("an event that is handed in twice at once is added once", async () => {
    const folder = folderOf(await files());
    const [one, two] = await acceptor(acceptingInto(folder, now)).accept([make("5.0.0"), rewritten(make("5.0.0"))]);
    expect(two).toEqual({ ...one, state: "known" });
  });

  test("an event that came another way gets a promise when it is handed in", async () => {
    const folder = folderOf(await files());
    const deps = acceptingInto(folder, now);
    const [old = {}] = eventsIn(await files(), file);
    const [verdict, ...others] = await acceptor(deps).accept([old, make("5.0.0")]);
    expect(verdict).toMatchObject({ state: "known", promise: { origin: "ledger.test/ledger" } });
    await expectKept(promisesOf(verdict ? [verdict, ...others] : []), deps);
  });

  test("an event of a later month is promised on its month's log until the older ones are closed", async () => {
    const folder = folderOf(await files());
    const lastMinute = Date.parse("2026-03-31T23:50:00Z");
    const deps = acceptingInto(folder, () => lastMinute);
    const door = acceptor(deps);
    const early = make("6.0.0", "2026-04-01T00:00:01Z");
    const verdicts = await door.accept([
      early,
      make("5.0.0", "2026-03-31T23:49:00Z"),
      make("6.1.0", "2026-04-01T00:00:00Z"),
    ]);
    const promises = promisesOf(verdicts);
    expect(promises.map(({ origin, leafIndex }) => [origin, leafIndex])).toEqual([
      ["ledger.test/ledger/2026-04", 0],
      ["ledger.test/ledger", 5 + open],
      ["ledger.test/ledger/2026-04", 1],
    ]);
    await expectKept(promises, deps);
    await closeMonths(deps, ["2026-03"], Date.parse("2026-04-01T00:20:00Z"));
    const later = { ...deps, clock: () => Date.parse("2026-04-01T00:21:00Z") };
    const [again, fresh] = await acceptor(later).accept([early, make("7.0.0", "2026-04-01T00:20:30Z")]);
    expect(again).toEqual({ ...verdicts[0], state: "known" });
    expect(fresh).toMatchObject({ promise: { origin: "ledger.test/ledger", leafIndex: 5 + open + 3 } });
    await closeMonths(deps, ["2026-04"], Date.parse("2026-05-01T00:20:00Z"));
    await expectKept([...promises, ...promisesOf(fresh ? [fresh] : [])], deps);
  });
});

const at = (time: string): (() => number) => {
  const unixMs = Date.parse(time);
  return () => unixMs;
};

describe("when an event may come", () => {
  const lateLine = (time: string): Json => line("5.0.0", time);
  test.for([
    { name: "now", clock: "2026-03-20T12:00:00Z", time: "2026-03-20T12:00:00Z", says: ["accepted", "accepted"] },
    {
      name: "15 minutes ahead",
      clock: "2026-03-20T12:00:00Z",
      time: "2026-03-20T12:15:00Z",
      says: ["accepted", "accepted"],
    },
    {
      name: "further ahead",
      clock: "2026-03-20T12:00:00Z",
      time: "2026-03-20T12:15:00.001Z",
      says: ["EVENT_FROM_FUTURE", "EVENT_FROM_FUTURE"],
    },
    {
      name: "early in the open month",
      clock: "2026-03-20T12:00:00Z",
      time: "2026-03-01T00:00:00Z",
      says: ["accepted", "accepted"],
    },
    {
      name: "of a closed month",
      clock: "2026-03-20T12:00:00Z",
      time: "2026-02-28T23:59:59Z",
      says: ["EVENT_LATE", "accepted"],
    },
    {
      name: "of the month that is just over",
      clock: "2026-04-01T00:10:00Z",
      time: "2026-03-31T23:59:59Z",
      says: ["accepted", "accepted"],
    },
    {
      name: "of a month that may be closed any moment",
      clock: "2026-04-01T00:20:00Z",
      time: "2026-03-31T23:59:59Z",
      says: ["EVENT_LATE", "MONTH_CLOSING"],
    },
    {
      name: "of a closed month while the next one is being closed",
      clock: "2026-04-01T00:20:00Z",
      time: "2026-02-28T23:59:59Z",
      says: ["EVENT_LATE", "MONTH_CLOSING"],
    },
    {
      name: "of the new month meanwhile",
      clock: "2026-04-01T00:20:00Z",
      time: "2026-04-01T00:00:00Z",
      says: ["accepted", "accepted"],
    },
    {
      name: "years old",
      clock: "2027-06-01T00:00:00Z",
      time: "2026-04-20T00:00:00Z",
      says: ["EVENT_TOO_OLD", "EVENT_TOO_OLD"],
    },
  ])("$name: $says", async ({ clock, time, says }) => {
    const folders = [folderOf(await closedMonthlyFiles()), folderOf(await closedJsonlFiles())];
    const verdicts = await Promise.all(
      folders.map(async (folder, which) => {
        const deps = acceptingInto(folder, at(clock));
        const [verdict] = await acceptor(deps).accept([which === 0 ? release("5.0.0", time) : lateLine(time)]);
        return verdict?.state === "refused" ? verdict.code : verdict?.state;
      }),
    );
    expect(verdicts).toEqual(says);
  });

  test("a clock that jumps keeps events out, and does no other harm", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    let clock = nowUnixMs;
    const deps = acceptingInto(folder, () => clock);
    const door = acceptor(deps);
    const first = await door.accept([release("5.0.0")]);
    clock = Date.parse("2026-05-03T00:00:00Z");
    expect(await door.accept([release("5.1.0"), release("5.0.0")])).toMatchObject([
      { code: "EVENT_LATE" },
      { ...first[0], state: "known" },
    ]);
    clock = Date.parse("2025-05-03T00:00:00Z");
    expect(await door.accept([release("5.1.0"), release("5.0.0")])).toMatchObject([
      { code: "EVENT_FROM_FUTURE" },
      { ...first[0], state: "known" },
    ]);
    clock = nowUnixMs;
    const last = await door.accept([release("5.1.0")]);
    await expectKept(promisesOf([...first, ...last]), deps);
  });

  test("the first event of a ledger begins its log, and nothing comes before it", async () => {
    const { "2026-01.json": _, "2026-02.json": __, "2026-03.json": ___, ...empty } = monthlyFiles();
    const deps = acceptingInto(folderOf(empty), at("2026-04-01T00:05:00Z"));
    const verdicts = await acceptor(deps).accept([
      release("5.0.0", "2026-04-01T00:00:00Z"),
      release("5.1.0", "2026-03-31T23:59:59Z"),
      line("5.2.0", "2026-04-01T00:00:00Z"),
      release("5.3.0", "2026-04-01T00:01:00Z"),
    ]);
    expect(verdicts).toMatchObject([
      { promise: { origin: "ledger.test/ledger", leafIndex: 0 } },
      { code: "EVENT_LATE" },
      { code: "LEDGER_MIXED_DIALECTS" },
      { promise: { origin: "ledger.test/ledger", leafIndex: 1 } },
    ]);
  });
});

describe("the same id with another signature", () => {
  test("is another event: the ledger holds the first, and nothing is answered for the second", async () => {
    const files = withJson(await closedMonthlyFiles(), "nodes/acme/widget/node.json", (node) => {
      const [key = {}] = node["maintainers"] as Json[];
      node["maintainers"] = [key, { ...key, keyId: "acme-widget-2", publicKey: pemOf("second key") }];
    });
    const folder = folderOf(files);
    const door = acceptor(acceptingInto(folder, now));
    const verdicts = await door.accept([
      release("5.0.0"),
      release("5.0.0", undefined, "second key"),
      release("5.0.0", undefined, "stranger"),
    ]);
    expect(verdicts).toMatchObject([
      { state: "accepted" },
      { state: "refused", code: "EVENT_SIGNED_OTHERWISE" },
      { state: "refused", code: "EVENT_SIGNED_OTHERWISE" },
    ]);
    expect(idsIn(folder, march)).toHaveLength(6);
  });

  test("another key id is another signature", async () => {
    const door = acceptor(acceptingInto(folderOf(await closedJsonlFiles()), now));
    const event = line("5.0.0");
    const renamed = { ...event, signature: { ...(event["signature"] as JsonObject), keyId: "other" } };
    expect(await door.accept([event, renamed])).toMatchObject([
      { state: "accepted" },
      { code: "EVENT_SIGNED_OTHERWISE" },
    ]);
  });
});
