import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLedger, madeNowUnixMs } from "../../bench/made-ledger.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { Report } from "../../src/validate/finding.ts";
import { validateLedger, type ValidateOptions, validateWhole } from "../../src/validate/validate-ledger.ts";
import { knownFrom } from "../../src/validate-judge.ts";
import { threadPool } from "../../src/validate-pool.ts";
import type { Files } from "../support/build-ledger.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { alterations, asList, filesIn } from "./made-alterations.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-test-"));
const folders = { monthly: join(folder, "monthly"), jsonl: join(folder, "jsonl") };
const options = { nowUnixMs: madeNowUnixMs, verify: nodeVerify, sha256: nodeSha256 } satisfies ValidateOptions;

/** Enough for several chunks a month. */
const events = 1200;

beforeAll(async () => {
  for (const dialect of ["monthly", "jsonl"] as const) {
    await makeLedger(folders[dialect], { dialect, events, months: 2, closed: 1 });
  }
});

const pool = threadPool({ size: 2 });
afterAll(async () => {
  await pool[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

async function reports(files: Files, more: Partial<ValidateOptions> = {}): Promise<Report> {
  const tree = memoryTree(files);
  const whole = await validateWhole(tree, options);
  const streamed = await validateLedger(tree, { ...options, pool, ...more });
  const { signaturesChecked, signaturesNotRechecked, ...judged } = streamed;
  const { signaturesChecked: allChecked, signaturesNotRechecked: _none, ...expected } = whole;
  expect(judged).toEqual(expected);
  expect(signaturesChecked + signaturesNotRechecked).toBe(allChecked);
  return streamed;
}

describe.for(["monthly", "jsonl"] as const)("%s", (dialect) => {
  test.for([...alterations])("$name: threads say what one says", async ({ alter, codes }) => {
    const files = alter(await filesIn(folders[dialect]));
    const { findings } = await reports(files);
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...codes]));
    if (dialect === "jsonl") await reports(asList(files));
  });
});

describe("what an earlier run verified", () => {
  const cached = async (files: Files, cache: string, isFull = false): Promise<Report> => {
    await using pool = threadPool({ size: 2, cache });
    return reports(files, { pool, digests: knownFrom(cache).digests, isFull });
  };

  test("is not verified again, unless everything is", async () => {
    const cache = temporaryFolder();
    const files = await filesIn(folders.monthly);
    expect((await cached(files, cache)).signaturesNotRechecked).toBe(0);
    expect((await cached(files, cache)).signaturesNotRechecked).toBeGreaterThan(events / 2);
    expect((await cached(files, cache, true)).signaturesNotRechecked).toBe(0);
  });

  test("serves no ledger that was altered", async () => {
    const cache = temporaryFolder();
    const files = await filesIn(folders.jsonl);
    await cached(files, cache);
    for (const { alter, codes } of alterations) {
      const { findings } = await cached(alter(files), cache);
      expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...codes]));
    }
  });

  test("costs time alone where it is damaged", async () => {
    const cache = temporaryFolder();
    const files = await filesIn(folders.monthly);
    await cached(files, cache);
    for (const name of readdirSync(cache, { recursive: true, encoding: "utf8" })) {
      if (name.length < 10) continue;
      const path = join(cache, name);
      const bytes = readFileSync(path);
      bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1;
      writeFileSync(path, bytes);
    }
    expect((await cached(files, cache)).signaturesNotRechecked).toBe(0);
  });
});

test("stops when it is asked to", async () => {
  const stop = new AbortController();
  const stopped = validateLedger(memoryTree(await filesIn(folders.monthly)), {
    ...options,
    pool,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(stopped).rejects.toThrow("aborted");
});
