import { describe, expect, test } from "vitest";
import { openPglite } from "../../src/adapters/pglite.ts";
import { sqlState } from "../../src/adapters/sql-state.ts";
import { memoryPromises } from "../../src/adapters/memory-promises.ts";
import type { Promises } from "../../src/ports.ts";
import { type Acceptor, acceptor } from "../../src/settle/accept-events.ts";
import type { Verdict } from "../../src/settle/accept-promises.ts";
import { type Accepting, acceptingInto, folderOf } from "../support/accepting.ts";
import { closedMonthlyFiles, type Json, nativeEvent, releasePayload } from "../support/build-ledger.ts";
import { closeMonths, expectKept, promisesOf } from "../support/promises-kept.ts";

const release = (version: string, timestamp: string): Json =>
  nativeEvent("ReleasePublished", "acme/widget", timestamp, releasePayload("acme/widget", version));
const march = (version: string): Json => release(version, "2026-03-31T23:40:00Z");
const april = (version: string): Json => release(version, "2026-04-01T00:01:00Z");
const lastHour = Date.parse("2026-03-31T23:50:00Z");
const closeAt = Date.parse("2026-04-01T00:20:00Z");

interface HeldUp {
  readonly door: Acceptor;
  /** Resolves when it is about to keep its promise. */
  readonly isWaiting: Promise<void>;
  goOn(): void;
}

/** Another process on the same ledger and state, which waits before it keeps its first promise. */
function heldUp(deps: Accepting): HeldUp {
  const [waiting, goOn] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  const keep: Promises["keep"] = async (head) => {
    waiting.resolve();
    await goOn.promise;
    return deps.promises.keep(head);
  };
  const { heads } = deps;
  const own = acceptingInto(deps.folder, deps.clock, { heads, promises: { ...deps.promises, keep } });
  return { door: acceptor(own), isWaiting: waiting.promise, goOn: goOn.resolve };
}

/** A third process, which nothing holds up. */
function another({ folder, clock, heads, promises }: Accepting): Acceptor {
  return acceptor(acceptingInto(folder, clock, { heads, promises }));
}

function asKnown(verdicts: readonly Verdict[]): readonly Verdict[] {
  return verdicts.map((each) => (each.state === "refused" ? each : { ...each, state: "known" }));
}

describe.for([
  { name: "memory", make: async () => memoryPromises() },
  { name: "PostgreSQL", make: async () => (await sqlState(await openPglite())).promises },
])("promises in $name: whoever is held up before keeping one", ({ make }) => {
  const setUp = async (clock: () => number): Promise<Accepting> =>
    acceptingInto(folderOf(await closedMonthlyFiles()), clock, { promises: await make() });

  test("gives what others have promised meanwhile", async () => {
    const deps = await setUp(() => lastHour);
    const slow = heldUp(deps);
    const first = slow.door.accept([march("5.0.0"), april("5.1.0")]);
    await slow.isWaiting;
    const further = await another(deps).accept([march("5.2.0"), april("5.3.0")]);
    const between = await another(deps).accept([march("5.0.0"), april("5.1.0")]);
    slow.goOn();
    const verdicts = await first;
    expect(verdicts.map(({ state }) => state)).toEqual(["accepted", "accepted"]);
    expect(between).toEqual(asKnown(verdicts));
    const all = [march("5.0.0"), april("5.1.0"), march("5.2.0"), april("5.3.0")];
    expect(await another(deps).accept(all)).toEqual(asKnown([...verdicts, ...further]));
    await expectKept(promisesOf([...verdicts, ...further]), deps);
  });

  test("gives no place in a month's log any more once the ledger log has promised one", async () => {
    let clock = lastHour;
    const deps = await setUp(() => clock);
    const slow = heldUp(deps);
    const first = slow.door.accept([april("5.1.0")]);
    await slow.isWaiting;
    clock = closeAt;
    await closeMonths(deps, ["2026-03"], closeAt);
    const between = await another(deps).accept([april("5.1.0")]);
    expect(between).toMatchObject([{ state: "known", promise: { origin: "ledger.test/ledger" } }]);
    slow.goOn();
    const verdicts = await first;
    expect(verdicts.map(({ state }) => state)).toEqual(["accepted"]);
    expect(between).toEqual(asKnown(verdicts));
    expect(await another(deps).accept([april("5.1.0")])).toEqual(between);
    await closeMonths(deps, ["2026-04"], Date.parse("2026-05-02T00:00:00Z"));
    await expectKept(promisesOf(verdicts), deps);
  });

  test("has its promise of a month's log, when that was kept before the ledger log promised", async () => {
    let clock = lastHour;
    const deps = await setUp(() => clock);
    const verdicts = await another(deps).accept([april("5.1.0")]);
    expect(verdicts).toMatchObject([{ promise: { origin: "ledger.test/ledger/2026-04", leafIndex: 0 } }]);
    clock = closeAt;
    await closeMonths(deps, ["2026-03"], closeAt);
    const later = await another(deps).accept([april("5.2.0"), april("5.1.0")]);
    expect(later).toMatchObject([{ promise: { origin: "ledger.test/ledger" } }, asKnown(verdicts)[0]]);
    expect(await another(deps).accept([april("5.1.0"), april("5.2.0")])).toEqual(asKnown(later.toReversed()));
  });
});

test("what was promised of a log that is another one now is not promised again", async () => {
  const deps = acceptingInto(folderOf(await closedMonthlyFiles()), () => lastHour);
  const [verdict] = await another(deps).accept([march("5.0.0")]);
  if (verdict?.state !== "accepted") throw new Error("it was not accepted");
  const { origin, leafIndex, checkpoint } = verdict.promise;
  // Another one of that size, as from a ledger that was put back meanwhile.
  const promises = memoryPromises();
  const other = checkpoint.replace(/\n[^\n]{44}\n/, `\n${"A".repeat(43)}=\n`);
  await promises.keep({ origin, size: leafIndex + 1, checkpoint: other, acceptedUnixMs: 1 });
  await expect(another({ ...deps, promises }).accept([march("5.0.0")])).rejects.toMatchObject({
    code: "HEAD_CONFLICT",
  });
});
