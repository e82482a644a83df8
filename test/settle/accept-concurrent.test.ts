import { describe, expect, test } from "vitest";
import { acceptor } from "../../src/settle/accept-events.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  type Json,
  jsonlContent,
  jsonlEvent,
  nativeEvent,
  releasePayload,
} from "../support/build-ledger.ts";
import { closeMonths, expectKept, promisesOf } from "../support/promises-kept.ts";
import { allIds } from "../support/prove.ts";

const lastHour = Date.parse("2026-03-31T23:50:00Z");
const callers = 200;

const timeOf = (at: number): string => (at % 3 === 0 ? "2026-04-01T00:01:00Z" : "2026-03-31T23:40:00Z");

describe.for([
  {
    dialect: "monthly",
    files: closedMonthlyFiles,
    before: 10,
    make: (at: number): Json =>
      nativeEvent("ReleasePublished", "acme/widget", timeOf(at), releasePayload("acme/widget", `7.0.${at}`)),
  },
  {
    dialect: "jsonl",
    files: closedJsonlFiles,
    before: 6,
    make: (at: number): Json =>
      jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", `7.0.${at}`, timeOf(at)), "acme/widget"),
  },
])("$dialect: 200 callers at once", ({ files, before, make }) => {
  test("nothing is lost, nothing doubled, and every promise is kept by the closed months", async () => {
    const deps = acceptingInto(folderOf(await files()), () => lastHour);
    const door = acceptor(deps);
    const events = Array.from({ length: callers }, (_, at) => make(at));
    let appends = 0;
    const counting = {
      ...deps.ledger,
      extend: (...given: Parameters<typeof deps.ledger.extend>) => (appends++, deps.ledger.extend(...given)),
    };
    const crowded = acceptor({ ...deps, ledger: counting });
    // Each hands in an event of its own and one that its neighbour hands in too.
    const answers = await Promise.all(
      events.map(async (event, at) => promisesOf(await crowded.accept([event, events[(at + 1) % callers] ?? {}]))),
    );
    for (const [at, [own]] of answers.entries()) expect(own).toEqual(answers.at(at - 1)?.[1]);
    expect(appends).toBeLessThan(callers / 2);

    const view = await readLedgerView(deps);
    const ids = await allIds(view, deps);
    expect(ids).toHaveLength(before + callers);
    expect(new Set(ids).size).toBe(ids.length);
    const promises = answers.flatMap(([own]) => (own ? [own] : []));
    await expectKept(promises, deps);

    expect(promisesOf(await door.accept(events))).toEqual(promises);
    await closeMonths(deps, ["2026-03", "2026-04"], Date.parse("2026-05-02T00:00:00Z"));
    await expectKept(promises, deps);
    const closed = await readLedgerView(deps);
    expect(await allIds(closed, deps)).toEqual(ids);
  });

  test("a month that is closed meanwhile takes what was accepted, and nothing more", async () => {
    let clock = lastHour;
    const deps = acceptingInto(folderOf(await files()), () => clock);
    const door = acceptor(deps);
    const closeAt = Date.parse("2026-04-01T00:20:00Z");
    let answered = 0;
    const some = Promise.withResolvers<void>();
    const answers = Array.from({ length: callers }, async (_, at) => {
      const [verdict] = await door.accept([make(at)]);
      if (++answered === 20) some.resolve();
      return verdict ? [verdict] : [];
    });
    // The clock goes on while a part of the callers still waits for an answer.
    await some.promise;
    clock = closeAt;
    await closeMonths(deps, ["2026-03"], closeAt);
    const verdicts = (await Promise.all(answers)).flat();
    const held = verdicts.filter(({ state }) => state !== "refused");
    const codes = verdicts.map((each) => (each.state === "refused" ? each.code : ""));
    expect(codes.filter((code) => !["", "EVENT_LATE", "MONTH_CLOSING"].includes(code))).toEqual([]);
    expect(held.length).toBeGreaterThanOrEqual(20);
    await expectKept(promisesOf(held), deps);
    const again = await door.accept(verdicts.map((_, at) => make(at)));
    expect(again.filter(({ state }) => state === "known")).toEqual(held.map((each) => ({ ...each, state: "known" })));
    await closeMonths(deps, ["2026-04"], Date.parse("2026-05-02T00:00:00Z"));
    await expectKept(promisesOf(again.filter(({ state }) => state !== "refused")), deps);
  });
});
