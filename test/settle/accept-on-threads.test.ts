import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { SettlementError } from "../../src/core/error.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import type { Verdict } from "../../src/settle/accept-promises.ts";
import { openDoor } from "../../src/validate/door.ts";
import { type VerifyPool, verifyThreads } from "../../src/verify-pool.ts";
import { type Accepting, acceptingInto, doorOptions, folderOf } from "../support/accepting.ts";
import {
  eventsIn,
  type Json,
  monthlyFiles,
  nativeEvent,
  nowUnixMs,
  releasePayload,
  textIn,
} from "../support/build-ledger.ts";
import { expectKept, promisesOf } from "../support/promises-kept.ts";

const march = "2026-03.json";
const perCaller = 150;

/** Events of one caller; every tenth bears the signature of another. */
function eventsOf(caller: number): Json[] {
  const events = Array.from({ length: perCaller }, (_, at) => {
    const payload = releasePayload("acme/widget", `${caller + 20}.0.${at}`);
    return nativeEvent("ReleasePublished", "acme/widget", "2026-03-20T11:00:00Z", payload);
  });
  return events.map((event, at) =>
    at % 10 === 3 ? { ...event, signature: textIn(events[at - 1]?.["signature"]) } : event,
  );
}

const callers = Array.from({ length: 4 }, (_, caller) => eventsOf(caller));

const goodIds = (events: readonly Json[]): string[] =>
  events.flatMap(({ id }, at) => (at % 10 === 3 ? [] : [textIn(id)]));

function onThreads({ verifyAhead, verifiedAtOnce }: VerifyPool): Accepting {
  const folder = folderOf(monthlyFiles());
  return acceptingInto(folder, () => nowUnixMs, {
    openDoor: (previous) => openDoor(folderTree(folder), { ...doorOptions, verifyAhead, verifiedAtOnce }, previous),
  });
}

function idsIn({ ledgerDir }: Accepting): string[] {
  return eventsIn({ [march]: readFileSync(join(ledgerDir, march), "utf8") }, march).map(({ id }) => textIn(id));
}

const said = (verdicts: readonly Verdict[]): unknown[] =>
  verdicts.map((each) => [each.id, each.state === "refused" ? each.code : each.state]);

const due = (events: readonly Json[], state: "accepted" | "known"): unknown[] =>
  events.map(({ id }, at) => [id, at % 10 === 3 ? "SIGNATURE_INVALID" : state]);

function expectHeldOnce(deps: Accepting, before: readonly string[]): void {
  const added = idsIn(deps).slice(before.length);
  expect(added.toSorted()).toEqual(callers.flatMap(goodIds).toSorted());
  // Whoever comes first, the events of each caller stand in the order given.
  for (const events of callers) {
    const own = new Set(goodIds(events));
    expect(added.filter((id) => own.has(id))).toEqual([...own]);
  }
}

const heldOf = (verdicts: readonly Verdict[]): Verdict[] => verdicts.filter(({ state }) => state !== "refused");

test("each event gets its own verdict, and the good ones of each caller stand in the ledger in order", async () => {
  await using pool = verifyThreads({ size: 2, worthThreads: 0 });
  const deps = onThreads(pool);
  const before = idsIn(deps);
  const door = acceptor(deps);
  const answers = await Promise.all(callers.map((events) => door.accept(events)));
  expect(answers.map(said)).toEqual(callers.map((events) => due(events, "accepted")));
  expectHeldOnce(deps, before);
  await expectKept(promisesOf(answers.flatMap(heldOf)), deps);
});

test("a batch that cannot be written fails alone: others are verified meanwhile and come in, and so does it later", async () => {
  await using pool = verifyThreads({ size: 2, worthThreads: 0 });
  const deps = onThreads(pool);
  const before = idsIn(deps);
  const failing = Promise.withResolvers<void>();
  let writes = 0;
  const ledger: Accepting["ledger"] = {
    ...deps.ledger,
    async extend(...given) {
      if (++writes > 1) return deps.ledger.extend(...given);
      // The others are being read by now.
      await failing.promise;
      throw new SettlementError("LEDGER_WRITE_FAILED", "the disk is full");
    },
  };
  const door = acceptor({ ...deps, ledger });
  const [first = [], ...others] = callers;
  const fault = door.accept(first).catch((error: unknown) => error);
  await expect.poll(() => writes).toBe(1);
  const answers = others.map((events) => door.accept(events));
  setTimeout(() => failing.resolve(), 20);
  expect(await fault).toMatchObject({ code: "LEDGER_WRITE_FAILED" });
  expect((await Promise.all(answers)).map(said)).toEqual(others.map((events) => due(events, "accepted")));
  expect(said(await door.accept(first))).toEqual(due(first, "accepted"));
  expect(said(await door.accept(first))).toEqual(due(first, "known"));
  expectHeldOnce(deps, before);
});

test("threads that end in the middle change no verdict", async () => {
  await using pool = verifyThreads({ size: 2, worthThreads: 0 });
  const deps = onThreads(pool);
  const before = idsIn(deps);
  const door = acceptor(deps);
  await door.accept([]);
  const answers = callers.map((events) => door.accept(events));
  await new Promise((resolve) => setTimeout(resolve, 30));
  await pool[Symbol.asyncDispose]();
  expect((await Promise.all(answers)).map(said)).toEqual(callers.map((events) => due(events, "accepted")));
  expectHeldOnce(deps, before);
});
