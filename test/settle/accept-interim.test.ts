import { describe, expect, test } from "vitest";
import { fromHex } from "../../src/core/bytes.ts";
import { openCheckpoint } from "../../src/core/checkpoint.ts";
import { sha256 } from "../../src/core/hash.ts";
import { verifyConsistency } from "../../src/core/merkle-proof.ts";
import { makeVkey } from "../../src/core/note.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import {
  type InterimDeps,
  knownHeads,
  ledgerLog,
  proveConsistency,
  signInterim,
} from "../../src/settle/interim-checkpoint.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { type Accepting, acceptingInto, builtKey, folderOf } from "../support/accepting.ts";
import {
  closedJsonlFiles,
  closedMonthlyFiles,
  host,
  type Json,
  jsonlContent,
  jsonlEvent,
  monthlyFiles,
  nativeEvent,
  releasePayload,
} from "../support/build-ledger.ts";
import { closeMonths } from "../support/promises-kept.ts";
import { failure } from "../support/temporary-folder.ts";

const lastHour = Date.parse("2026-03-31T23:50:00Z");
const pinned = [makeVkey(`${host}/ledger`, builtKey.publicKey)];

const release = (version: string, time = "2026-03-31T23:40:00Z"): Json =>
  nativeEvent("ReleasePublished", "acme/widget", time, releasePayload("acme/widget", version));
const line = (version: string, time = "2026-03-31T23:40:00Z"): Json =>
  jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, time), "acme/widget");

function interimOf(deps: Accepting, faults: readonly string[] = []): InterimDeps & { readonly asked: () => number } {
  let asked = 0;
  const judge = (): Promise<readonly string[]> => {
    asked++;
    return Promise.resolve(faults);
  };
  return { ...deps, judge, asked: () => asked };
}

describe.for([
  { dialect: "monthly", files: closedMonthlyFiles, make: release, closed: 5, open: 5 },
  { dialect: "jsonl", files: closedJsonlFiles, make: line, closed: 5, open: 1 },
])("$dialect", ({ files, make, closed, open }) => {
  test("the ledger log and every open month are signed, and each head goes on where the last one ended", async () => {
    const deps = acceptingInto(folderOf(await files()), () => lastHour);
    const interim = interimOf(deps);
    const sizes = (heads: Awaited<ReturnType<typeof signInterim>>): unknown =>
      heads.map(({ origin, size }) => [origin, size]);
    const first = await signInterim(interim);
    expect(sizes(first)).toEqual([
      ["ledger.test/ledger", closed + open],
      ["ledger.test/ledger/2026-03", open],
    ]);
    await acceptor(deps).accept([make("5.0.0"), make("6.0.0", "2026-04-01T00:01:00Z"), make("5.1.0")]);
    const second = await signInterim(interim);
    expect(sizes(second)).toEqual([
      ["ledger.test/ledger", closed + open + 2],
      ["ledger.test/ledger/2026-03", open + 2],
      ["ledger.test/ledger/2026-04", 1],
    ]);
    for (const { checkpoint, ...head } of [...first, ...second]) {
      expect(openCheckpoint(checkpoint, pinned)).toMatchObject({ ...head, root: fromHex(head.root) });
    }
    const asked = interim.asked();
    expect(await signInterim(interim)).toEqual(second);
    expect(interim.asked()).toBe(asked);

    await closeMonths(deps, ["2026-03", "2026-04"], Date.parse("2026-05-02T00:00:00Z"));
    const log = await ledgerLog(await readLedgerView(deps), host, deps);
    const heads = await knownHeads(log, deps);
    expect(heads.map(({ size, holds }) => [size, holds])).toEqual(
      [closed + open, closed + open + 2, closed + open + 3].map((size) => [size, true]),
    );
    for (const [at, older] of heads.entries()) {
      for (const newer of heads.slice(at)) {
        const { oldRoot, newRoot, proof } = proveConsistency(log, older.size, newer.size, sha256);
        expect([oldRoot, newRoot]).toEqual([fromHex(older.root), fromHex(newer.root)]);
        verifyConsistency({ size: older.size, root: oldRoot }, { size: newer.size, root: newRoot }, proof);
      }
    }
    expect((await failure((async () => proveConsistency(log, 1, log.size + 1, sha256))()))?.code).toBe(
      "TREE_POSITION_INVALID",
    );
    expect((await failure((async () => proveConsistency(log, 3, 2, sha256))()))?.code).toBe("TREE_POSITION_INVALID");
  });
});

test("every consistency proof of a log verifies", async () => {
  const deps = acceptingInto(folderOf(await closedMonthlyFiles()), () => lastHour);
  await acceptor(deps).accept(Array.from({ length: 30 }, (_, at) => release(`5.0.${at}`)));
  const log = await ledgerLog(await readLedgerView(deps), host, deps);
  expect(log.size).toBe(40);
  for (let newSize = 0; newSize <= log.size; newSize++) {
    for (let oldSize = 0; oldSize <= newSize; oldSize++) {
      const { oldRoot, newRoot, proof } = proveConsistency(log, oldSize, newSize, sha256);
      verifyConsistency({ size: oldSize, root: oldRoot }, { size: newSize, root: newRoot }, proof);
    }
  }
});

describe("nothing is signed", () => {
  test("of a ledger with faults", async () => {
    const deps = acceptingInto(folderOf(monthlyFiles()), () => lastHour);
    const error = await failure(signInterim(interimOf(deps, ["EVENT_ID_MISMATCH 2026-03.json:3"])));
    expect([error?.code, await deps.heads.list("ledger.test/ledger")]).toEqual(["PARTITION_REJECTED", []]);
  });

  test("of a log that was signed otherwise before", async () => {
    const deps = acceptingInto(folderOf(monthlyFiles()), () => lastHour);
    await deps.heads.record("ledger.test/ledger", 2, "00".repeat(32));
    expect((await failure(signInterim(interimOf(deps))))?.code).toBe("HEAD_CONFLICT");
  });

  test("of a log that was longer before", async () => {
    const deps = acceptingInto(folderOf(monthlyFiles()), () => lastHour);
    await deps.heads.record("ledger.test/ledger/2026-03", 9, "00".repeat(32));
    expect((await failure(signInterim(interimOf(deps))))?.message).toContain("Events are missing");
  });
});

test("events that are accepted while checkpoints are signed are no conflict", async () => {
  const deps = acceptingInto(folderOf(await closedMonthlyFiles()), () => lastHour);
  const door = acceptor(deps);
  const { heads } = deps;
  let isFirst = true;
  const list: typeof heads.list = async (origin) => {
    if (isFirst) await door.accept([release("5.0.0")]);
    isFirst = false;
    return heads.list(origin);
  };
  const made = await signInterim({ ...interimOf(deps), heads: { ...heads, list } });
  expect(made[0]).toMatchObject({ origin: "ledger.test/ledger", size: 11 });
});
