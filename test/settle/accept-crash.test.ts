import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { SettlementError } from "../../src/core/error.ts";
import { type AcceptDeps, acceptor } from "../../src/settle/accept-events.ts";
import type { Verdict } from "../../src/settle/accept-promises.ts";
import { type Accepting, acceptingInto, folderOf } from "../support/accepting.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Json,
  jsonlContent,
  jsonlEvent,
  linesPath,
  nativeEvent,
  releasePayload,
  textIn,
} from "../support/build-ledger.ts";
import { expectKept, promisesOf } from "../support/promises-kept.ts";

const lastHour = Date.parse("2026-03-31T23:50:00Z");

/** What happens at one call to the outside: it is not made, or it is made and its answer lost. */
interface Fault {
  readonly call: number;
  readonly when: "before" | "after";
  /** Does every later call fail too, as when the process is gone? */
  readonly isCrash: boolean;
}

/** Ports that fail once, and the names of the calls that were made. */
function faulty(
  deps: AcceptDeps,
  { call, when, isCrash }: Fault,
): { readonly deps: AcceptDeps; readonly calls: string[] } {
  const calls: string[] = [];
  let isGone = false;
  const fail = (): never => {
    isGone = isCrash;
    throw new SettlementError("STATE_UNAVAILABLE", `call ${call} fails ${when} its effect`);
  };
  const wrap =
    <A extends unknown[], R>(name: string, act: (...given: A) => Promise<R>) =>
    async (...given: A): Promise<R> => {
      if (isGone) return fail();
      const isFaulty = calls.push(name) === call;
      if (isFaulty && when === "before") return fail();
      const result = await act(...given);
      return isFaulty || isGone ? fail() : result;
    };
  const { ledger, heads, promises, openDoor } = deps;
  return {
    calls,
    deps: {
      ...deps,
      ledger: {
        ...ledger,
        alone: async (work) => wrap("alone", ledger.alone<unknown>)(work) as ReturnType<typeof work>,
        version: wrap("version", ledger.version),
        extend: wrap("extend", ledger.extend),
        mend: wrap("mend", ledger.mend),
      },
      heads: {
        ready: wrap("ready", heads.ready),
        record: wrap("record", heads.record),
        list: wrap("list", heads.list),
      },
      promises: {
        covering: wrap("covering", promises.covering),
        keep: wrap("keep", promises.keep),
        seal: wrap("seal", promises.seal),
      },
      openDoor: wrap("openDoor", openDoor),
    },
  };
}

/** Answers that were given before a call failed. */
async function answersOf(deps: AcceptDeps, batches: readonly (readonly Json[])[]): Promise<readonly Verdict[]> {
  const door = acceptor(deps);
  const answers: Verdict[] = [];
  for (const batch of batches) {
    try {
      answers.push(...(await door.accept(batch)));
    } catch (error) {
      expect(error).toMatchObject({ code: "STATE_UNAVAILABLE" });
    }
  }
  return answers;
}

const [closedMonthly, closedJsonl] = [await closedMonthlyFiles(), await closedJsonlFiles()];

describe.for([
  {
    dialect: "monthly",
    files: closedMonthly,
    file: "2026-03.json",
    make: (version: string, time: string): Json =>
      nativeEvent("ReleasePublished", "acme/widget", time, releasePayload("acme/widget", version)),
  },
  {
    dialect: "jsonl",
    files: closedJsonl,
    file: linesPath,
    make: (version: string, time: string): Json =>
      jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, time), "acme/widget"),
  },
])("$dialect", ({ files, file, make }) => {
  const before = make("5.0.0", "2026-03-31T23:40:00Z");
  const early = make("5.1.0", "2026-04-01T00:01:00Z");
  const after = make("5.2.0", "2026-03-31T23:45:00Z");
  const batches = [
    [before, early],
    [before, after],
  ];

  const setUp = (): Accepting => acceptingInto(folderOf(files), () => lastHour);

  async function expectWhole(deps: Accepting, answers: readonly Verdict[]): Promise<void> {
    const all = [before, early, after];
    const { ledger, openDoor } = acceptingInto(deps.folder, () => lastHour);
    const verdicts = await acceptor({ ...deps, ledger, openDoor }).accept(all);
    const promises = promisesOf(verdicts);
    for (const promise of promisesOf(answers)) expect(promises).toContainEqual(promise);
    const events = [file, "2026-04.json"].flatMap((path) => {
      try {
        return eventsIn({ [path]: readFileSync(join(deps.folder, path), "utf8") }, path);
      } catch {
        return [];
      }
    });
    const versions = events.map((event) => textIn(event["version"] ?? (event["payload"] as Json)["version"]));
    expect(versions.filter((version) => version.startsWith("5.")).toSorted()).toEqual(["5.0.0", "5.1.0", "5.2.0"]);
    await expectKept([...promises, ...promisesOf(answers)], deps);
  }

  test("without any fault every call is made", async () => {
    const deps = setUp();
    const { deps: counted, calls } = faulty(deps, { call: 0, when: "before", isCrash: false });
    const answers = await answersOf(counted, batches);
    expect(answers.map(({ state }) => state)).toEqual(["accepted", "accepted", "known", "accepted"]);
    expect(calls).toEqual(
      expect.arrayContaining(["alone", "version", "extend", "ready", "record", "list", "covering", "seal", "keep"]),
    );
    await expectWhole(deps, answers);
  });

  test.for([
    { when: "before", isCrash: true },
    { when: "after", isCrash: true },
    { when: "before", isCrash: false },
    { when: "after", isCrash: false },
  ] as const)("a fault $when the effect of any call, crash: $isCrash", async ({ when, isCrash }) => {
    for (let call = 1; ; call++) {
      const deps = setUp();
      const { deps: failing, calls } = faulty(deps, { call, when, isCrash });
      const answers = await answersOf(failing, batches);
      await expectWhole(deps, answers);
      if (calls.length < call) {
        expect(answers).toHaveLength(4);
        expect(call).toBeGreaterThan(15);
        return;
      }
      expect(answers.length, `${calls[call - 1]} failed ${when} its effect`).toBeLessThan(4);
    }
  });
});
