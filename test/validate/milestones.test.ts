import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { furtherEvents, type LedgerPlan, makeLedger, madeNowUnixMs } from "../../bench/made-ledger.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { FileTree } from "../../src/ports.ts";
import type { Report } from "../../src/validate/finding.ts";
import { validateLedger, type ValidateOptions, validateWhole } from "../../src/validate/validate-ledger.ts";
import { knownFrom } from "../../src/validate-judge.ts";
import type { Files } from "../support/build-ledger.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { expectSame, tagged } from "../support/validate-both-ways.ts";
import { alterations, asList, february, filesIn, january, lines, linesOf } from "./made-alterations.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-test-"));
const options = {
  nowUnixMs: madeNowUnixMs,
  windows: { behindMs: madeNowUnixMs },
  verify: nodeVerify,
  sha256: nodeSha256,
} satisfies ValidateOptions;
/** In each ledger. */
const events = 160;

const plans = {
  monthly: { dialect: "monthly", events, months: 2, closed: 1 },
  jsonl: { dialect: "jsonl", events, months: 2, closed: 1 },
} satisfies Record<string, LedgerPlan>;
const list = "events/events.jsonl";

const made: Record<string, Files> = {};

beforeAll(async () => {
  for (const [name, plan] of Object.entries(plans)) {
    await makeLedger(join(folder, name), plan);
    made[name] = await filesIn(join(folder, name));
  }
  made["list"] = asList(made["jsonl"] ?? {});
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The tree of these files, and what was read of it. */
function watched(files: Files): FileTree & { readonly paths: readonly string[] } {
  const tree = memoryTree(files);
  const paths: string[] = [];
  const read: FileTree["read"] = (path) => {
    paths.push(path);
    return tree.read(path);
  };
  return { ...tagged(tree), read, paths };
}

async function judged(tree: FileTree, cache: string, more: Partial<ValidateOptions> = {}): Promise<Report> {
  const given = { ...options, ...more };
  const report = await validateLedger(tree, { ...given, ...knownFrom(cache), leastRemembered: 1 });
  expectSame(report, await validateWhole(tree, given));
  return report;
}

const treeOf = (files: Files): FileTree => tagged(memoryTree(files));

const eventFile = /^\d{4}-\d\d\.json$|jsonl$/;

/** The first of twelve further events at the end of a ledger. */
function grown(name: string, files: Files, count: number): Files {
  const plan = name === "monthly" ? plans.monthly : plans.jsonl;
  const texts = furtherEvents(plan, 12).slice(0, count);
  if (name === "list") return { ...files, [list]: `${files[list]}${texts.join("\n")}\n` };
  return lines(february, (all) => [...all, ...texts.map((text) => `,${text}`)])(files);
}

describe.for(["monthly", "jsonl", "list"])("a ledger in the form %s", (name) => {
  test("that did not change is not read again, and says the same", async () => {
    const cache = temporaryFolder();
    const files = made[name] ?? {};
    const first = await judged(treeOf(files), cache);
    expect(first.signaturesNotRechecked).toBe(0);
    const tree = watched(files);
    const again = await validateLedger(tree, { ...options, ...knownFrom(cache), leastRemembered: 1 });
    expectSame(again, first);
    expect(again.signaturesNotRechecked).toBe(events);
    // The first line tells which ledger it is.
    const read = tree.paths.filter((path) => eventFile.test(path));
    expect(read).toEqual([name === "list" ? list : january]);
  });

  test("that grew is judged from where it ended, with and without an earlier state", async () => {
    const cache = temporaryFolder();
    const files = made[name] ?? {};
    await judged(treeOf(files), cache);
    const more = grown(name, files, 12);
    const base = treeOf(files);
    for (const given of [{}, { base }]) {
      const report = await judged(treeOf(more), cache, given);
      expect(report.valid).toBe(true);
      expect(report.signaturesNotRechecked).toBe(events);
      expect(report.signaturesChecked).toBe(12);
    }
    // The earlier state has grown as well since the milestone.
    const further = await judged(treeOf(more), cache, { base: treeOf(grown(name, files, 5)) });
    expect(further.signaturesNotRechecked).toBe(events);
  });

  test("that something was done to is judged as if nothing were known", async () => {
    expect.hasAssertions();
    const cache = temporaryFolder();
    const files = made[name] ?? {};
    await judged(treeOf(files), cache);
    for (const { alter } of alterations) {
      const altered = name === "list" ? asList(alter(made["jsonl"] ?? {})) : alter(files);
      await judged(treeOf(altered), cache);
      await judged(treeOf(altered), cache, { base: treeOf(files) });
    }
  });

  test("that is altered anywhere is judged as if nothing were known", async () => {
    expect.hasAssertions();
    const cache = temporaryFolder();
    const files = made[name] ?? {};
    await judged(treeOf(files), cache);
    const property = fc.asyncProperty(fc.infiniteStream(fc.nat(1_000_000)), async (numbers) => {
      const below = (bound: number): number => (numbers.next().value ?? 0) % Math.max(1, bound);
      const altered = disturbed(name, grown(name, files, below(4)), below);
      const base = below(2) === 0 ? {} : { base: treeOf(files) };
      await judged(treeOf(altered), cache, base);
    });
    await fc.assert(property, { numRuns: 20 });
  });

  test("that came back to an earlier state is judged from no later one", async () => {
    const cache = temporaryFolder();
    const files = made[name] ?? {};
    await judged(treeOf(grown(name, files, 12)), cache);
    const report = await judged(treeOf(grown(name, files, 12)), cache, { base: treeOf(files) });
    expect(report.signaturesNotRechecked).toBe(0);
  });
});

/** One random change of one file. */
function disturbed(name: string, files: Files, below: (bound: number) => number): Files {
  const paths = Object.keys(files);
  const path = paths[below(paths.length)] ?? "";
  const text = files[path] ?? "";
  const at = below(text.length);
  const changes: readonly (() => Files)[] = [
    () => ({ ...files, [path]: `${text.slice(0, at)}x${text.slice(at + 1)}` }),
    () => Object.fromEntries(Object.entries(files).filter(([other]) => other !== path)),
    () => ({ ...files, [`${below(2) === 0 ? "" : "anchors/2024-01/"}${path.split("/").at(-1)}~`]: text }),
    () => withEvents(name, files, below),
    () => withEvents(name, files, below),
  ];
  return changes[below(changes.length)]?.() ?? files;
}

/** One event is gone, stands there twice, says something else, or stands at the end. */
function withEvents(name: string, files: Files, below: (bound: number) => number): Files {
  const path = name === "list" ? list : below(2) === 0 ? january : february;
  const all = name === "list" ? (files[list] ?? "").trimEnd().split("\n") : linesOf(files, path);
  const one = below(all.length);
  const bare = all.map((line) => line.replace(/^,/, ""));
  const others = bare.filter((_, index) => index !== one);
  const changes = [
    others,
    [...bare, bare[one] ?? ""],
    bare.map((line, index) => (index === one ? line.replace(/"version":"\d/, '"version":"9') : line)),
    [...others, bare[one] ?? ""],
  ];
  const changed = changes[below(changes.length)] ?? bare;
  if (name === "list") return { ...files, [list]: `${changed.join("\n")}\n` };
  return lines(path, () => changed.map((line, index) => (index === 0 ? line : `,${line}`)))(files);
}

test("a node that changed makes all of it be judged again", async () => {
  const cache = temporaryFolder();
  const files = made["monthly"] ?? {};
  await judged(treeOf(files), cache);
  const path = "nodes/bench/node-2/node.json";
  const changed = { ...files, [path]: (files[path] ?? "").replace("compute", "attestor") };
  expect((await judged(treeOf(changed), cache)).valid).toBe(false);
});

test("a clock that went back judges again what may be ahead of it", async () => {
  const cache = temporaryFolder();
  const files = made["monthly"] ?? {};
  await judged(treeOf(files), cache);
  const early = Date.parse("2024-02-10T00:00:00Z");
  expect((await judged(treeOf(files), cache, { nowUnixMs: early })).valid).toBe(false);
});

test("a damaged milestone costs time alone", async () => {
  const files = made["monthly"] ?? {};
  const good = temporaryFolder();
  await judged(treeOf(files), good);
  const [name = ""] = readdirSync(good, { recursive: true, encoding: "utf8" }).filter((path) => path.includes("/"));
  const bytes = readFileSync(join(good, name));
  const damage = fc.record({ at: fc.nat(bytes.length - 1), bit: fc.nat(7), isCut: fc.boolean() });
  const property = fc.asyncProperty(damage, async ({ at, bit, isCut }) => {
    const damaged = isCut ? bytes.subarray(0, at) : Uint8Array.from(bytes);
    if (!isCut) damaged[at] = (damaged[at] ?? 0) ^ (1 << bit);
    writeFileSync(join(good, name), damaged);
    expect((await judged(treeOf(grown("monthly", files, 3)), good)).valid).toBe(true);
  });
  await fc.assert(property, { numRuns: 15 });
});
