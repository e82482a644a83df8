import { spawn } from "node:child_process";
import { once } from "node:events";
import { readFileSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { SharedLedger } from "../../src/ports.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import {
  closedMonthlyFiles,
  eventsIn,
  type Json,
  jsonlContent,
  jsonlEvent,
  jsonlFiles,
  monthlyFiles,
  nativeEvent,
  nodeJson,
  nowUnixMs,
  partition,
  releasePayload,
  settlementJson,
  withoutFile,
} from "../support/build-ledger.ts";
import { closeMonths, expectKept, promisesOf } from "../support/promises-kept.ts";
import { failure } from "../support/temporary-folder.ts";

const now = (): number => nowUnixMs;
const march = "2026-03.json";

const release = (
  version: string,
  repo = "acme/widget",
  timestamp = "2026-03-20T11:00:00Z",
): Json & { readonly id: string } => nativeEvent("ReleasePublished", repo, timestamp, releasePayload(repo, version));

const read = (folder: string, path = march): string => readFileSync(join(folder, path), "utf8");
const eventsOf = (folder: string): Json[] => eventsIn({ [march]: read(folder) }, march);
const write = (folder: string, path: string, text: string): void => writeFileSync(join(folder, path), text);

/** Puts another file in the place of one, as a pull of git does. */
function replace(folder: string, path: string, text: string): void {
  write(folder, `${path}.new`, text);
  renameSync(join(folder, `${path}.new`), join(folder, path));
}

describe("what others do to the ledger is seen", () => {
  test("events of another process that accepts too", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    const deps = acceptingInto(folder, now);
    const [ours, theirs] = [
      acceptor(deps),
      acceptor(acceptingInto(folder, now, { heads: deps.heads, promises: deps.promises })),
    ];
    const first = await ours.accept([release("5.0.0")]);
    const second = await theirs.accept([release("5.0.0"), release("5.1.0")]);
    const third = await ours.accept([
      release("5.1.0"),
      release("5.2.0"),
      release("5.1.0", "acme/widget", "2026-03-20T11:30:00Z"),
    ]);
    expect([first, second, third].flat().map((each) => (each.state === "refused" ? each.code : each.state))).toEqual([
      "accepted",
      "known",
      "accepted",
      "known",
      "accepted",
      "RELEASE_DUPLICATE",
    ]);
    await expectKept(promisesOf([...first, ...second, ...third.slice(0, 2)]), deps);
  });

  test("events that a pull of git brings, and whole files that it puts in their place", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    const deps = acceptingInto(folder, now);
    const door = acceptor(deps);
    const first = await door.accept([release("5.0.0")]);
    replace(folder, march, partition([...eventsOf(folder), release("5.1.0")]));
    const second = await door.accept([release("5.1.0"), release("5.2.0")]);
    expect(second.map(({ state }) => state)).toEqual(["known", "accepted"]);
    expect(eventsOf(folder).slice(5)).toEqual([release("5.0.0"), release("5.1.0"), release("5.2.0")]);
    await expectKept(promisesOf([...first, ...second]), deps);
  });

  test("a node that is registered, and a key that is closed", async () => {
    const folder = folderOf({ ...(await closedMonthlyFiles()), "nodes/acme/new/x": "" });
    const door = acceptor(acceptingInto(folder, now));
    expect(await door.accept([release("1.0.0", "acme/new")])).toMatchObject([{ code: "SIGNER_NOT_REGISTERED" }]);
    write(folder, "nodes/acme/new/node.json", JSON.stringify(nodeJson("acme/new", "compute")));
    expect(await door.accept([release("1.0.0", "acme/new")])).toMatchObject([{ state: "accepted" }]);
    const closed = nodeJson("acme/new", "compute", {}, { validUntil: "2026-03-20T11:59:59Z" });
    write(folder, "nodes/acme/new/node.json", JSON.stringify(closed));
    expect(await door.accept([release("1.1.0", "acme/new")])).toMatchObject([{ code: "KEY_NOT_VALID_NOW" }]);
  });

  test("who the network permits to attest", async () => {
    const folder = folderOf(withoutFile(jsonlFiles(), "anchor/xrpl/manifests/all.json"));
    const door = acceptor(acceptingInto(folder, now, { graceMs: 1e11 }));
    const attest = (version: string): JsonObject =>
      jsonlEvent(jsonlContent("PolicyViolation", "acme/widget", version, "2026-03-20T10:00:00Z"), "rules/keeper");
    expect(await door.accept([attest("2.0.0")])).toMatchObject([{ state: "accepted" }]);
    const policy = { v: 2, trustedAttestors: ["net/registry", "audit/one", "audit/two"], trustedPolicy: [] };
    write(folder, "verifier.policy.json", JSON.stringify(policy));
    expect((await failure(door.accept([attest("2.1.0")])))?.message).toContain("SIGNER_NOT_PERMITTED");
  });

  test("a month that was closed", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    let clock = nowUnixMs;
    const deps = acceptingInto(folder, () => clock);
    const door = acceptor(deps);
    const first = await door.accept([release("5.0.0")]);
    clock = Date.parse("2026-04-01T00:30:00Z");
    await closeMonths(deps, ["2026-03"], clock);
    const second = await door.accept([release("5.0.0"), release("5.1.0", "acme/widget", "2026-04-01T00:29:00Z")]);
    expect(second).toEqual([
      { ...first[0], state: "known" },
      expect.objectContaining({ promise: expect.objectContaining({ origin: "ledger.test/ledger", leafIndex: 11 }) }),
    ]);
    await expectKept(promisesOf([...first, ...second]), deps);
  });
});

describe("a change between the verdict and the append", () => {
  /** Does something right before the first append. */
  function disturbed(ledger: SharedLedger, disturb: () => void, times = 1): SharedLedger {
    let left = times;
    return {
      ...ledger,
      extend: (...extension) => {
        if (left-- > 0) disturb();
        return ledger.extend(...extension);
      },
    };
  }

  test("is judged anew", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    const deps = acceptingInto(folder, now);
    const theirs = [release("5.0.0", "acme/widget", "2026-03-20T10:00:00Z"), release("5.1.0")];
    const ledger = disturbed(deps.ledger, () => replace(folder, march, partition([...eventsOf(folder), ...theirs])));
    const verdicts = await acceptor({ ...deps, ledger }).accept([release("5.0.0"), release("5.1.0"), release("5.2.0")]);
    expect(verdicts.map((each) => (each.state === "refused" ? each.code : each.state))).toEqual([
      "RELEASE_DUPLICATE",
      "known",
      "accepted",
    ]);
    expect(eventsOf(folder).slice(5)).toEqual([...theirs, release("5.2.0")]);
    await expectKept(promisesOf(verdicts.slice(1)), deps);
  });

  test("again and again ends in a word, and nothing is kept", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    const deps = acceptingInto(folder, now);
    let version = 0;
    const add = (): void => replace(folder, march, partition([...eventsOf(folder), release(`6.0.${version++}`)]));
    const door = acceptor({ ...deps, ledger: disturbed(deps.ledger, add, 5) });
    expect((await failure(door.accept([release("5.0.0")])))?.code).toBe("LEDGER_CHANGED");
    expect(read(folder)).not.toContain('"5.0.0"');
    expect(await door.accept([release("5.0.0")])).toMatchObject([{ state: "accepted" }]);
  });
});

describe("a ledger that takes no events", () => {
  test("breaks a rule, until it is repaired", async () => {
    const folder = folderOf(await closedMonthlyFiles());
    const door = acceptor(acceptingInto(folder, now));
    const good = read(folder);
    write(folder, march, good.replace("the build failed", "the build passed"));
    const error = await failure(door.accept([release("5.0.0")]));
    expect([error?.code, error?.kind]).toEqual(["ACCEPTANCE_STOPPED", "unavailable"]);
    expect(error?.message).toContain("EVENT_ID_MISMATCH 2026-03.json:4");
    write(folder, march, good);
    expect(await door.accept([release("5.0.0")])).toMatchObject([{ state: "accepted" }]);
    write(folder, march, read(folder).replace("the build failed", "the build passed"));
    expect((await failure(door.accept([release("5.1.0")])))?.code).toBe("ACCEPTANCE_STOPPED");
    expect(read(folder)).not.toContain('"5.1.0"');
  });

  test.for([
    { code: "SETTLEMENT_INFO_MISSING", settlement: undefined },
    { code: "CHAIN_WRONG_NETWORK", settlement: { ...settlementJson(), network: "testnet" } },
    { code: "SETTLEMENT_KEY_MISMATCH", settlement: { ...settlementJson(), key: "other" } },
  ])("cannot be promised anything: $code", async ({ code, settlement }) => {
    const files = withoutFile(monthlyFiles(), "settlement.json");
    const folder = folderOf(settlement ? { ...files, "settlement.json": JSON.stringify(settlement) } : files);
    const door = acceptor(acceptingInto(folder, now));
    expect((await failure(door.accept([release("5.0.0")])))?.code).toBe(code);
    expect(read(folder)).not.toContain('"5.0.0"');
  });

  test.for([
    { name: "cut back", change: (events: Json[]) => events.slice(0, -1), told: "Events are missing" },
    { name: "altered", change: (events: Json[]) => [...events.slice(0, -1), release("6.0.0")], told: "was altered" },
  ])("was $name after it was signed", async ({ change, told }) => {
    const folder = folderOf(await closedMonthlyFiles());
    const deps = acceptingInto(folder, now);
    await acceptor(deps).accept([release("5.0.0")]);
    const before = partition(change(eventsOf(folder)));
    replace(folder, march, before);
    const error = await failure(acceptor(deps).accept([release("5.1.0")]));
    expect([error?.code, error?.message]).toEqual(["HEAD_CONFLICT", expect.stringContaining(told)]);
    expect(read(folder)).toBe(before);
  });
});

test("what a crash has torn is cut back, and its events are accepted again", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const deps = acceptingInto(folder, now);
  await acceptor(deps).accept([release("5.0.0")]);
  const whole = read(folder);
  const half = JSON.stringify(release("5.1.0")).slice(0, 200);
  write(folder, march, whole.replace(/\n\]\n$/, `\n,${half}`));
  const verdicts = await acceptor(deps).accept([release("5.1.0"), release("5.0.0")]);
  expect(verdicts.map(({ state }) => state)).toEqual(["accepted", "known"]);
  expect(eventsOf(folder).slice(5)).toEqual([release("5.0.0"), release("5.1.0")]);
  await expectKept(promisesOf(verdicts), deps);
});

test("a closed month that is torn stays as it is, and stops the door", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const torn = read(folder, "2026-02.json").slice(0, -40);
  write(folder, "2026-02.json", torn);
  const error = await failure(acceptor(acceptingInto(folder, now)).accept([release("5.0.0")]));
  expect([error?.code, read(folder, "2026-02.json")]).toEqual(["ACCEPTANCE_STOPPED", torn]);
});

test("processes that accept into one folder at once lose and double nothing", async () => {
  const folder = folderOf(await closedMonthlyFiles());
  const program = fileURLToPath(new URL("../support/accept-child.ts", import.meta.url));
  const starts = [0, 20, 40];
  const children = starts.map((start) =>
    spawn(process.execPath, [program, folder, String(start), "30"], { stdio: ["ignore", "ignore", "pipe"] }),
  );
  const faults = children.map(async (child) => {
    let text = "";
    child.stderr.on("data", (chunk: Buffer) => (text += chunk.toString()));
    const [code] = (await once(child, "exit")) as [number];
    return code === 0 ? "" : text;
  });
  expect(await Promise.all(faults)).toEqual(["", "", ""]);
  const versions = eventsOf(folder)
    .slice(5)
    .map(({ payload }) => (payload as JsonObject)["version"]);
  expect(versions).toHaveLength(70);
  expect(new Set(versions)).toEqual(new Set(Array.from({ length: 70 }, (_, at) => `9.0.${at}`)));
  const deps = acceptingInto(folder, now);
  await expectKept(promisesOf(await acceptor(deps).accept(eventsOf(folder))), deps);
});
