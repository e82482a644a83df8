import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { makeLedger, madeNowUnixMs } from "../../bench/made-ledger.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { Report } from "../../src/validate/finding.ts";
import type { FindingCode } from "../../src/validate/finding-codes.ts";
import { validateLedger, type ValidateOptions, validateWhole } from "../../src/validate/validate-ledger.ts";
import { knownDigests } from "../../src/validate-judge.ts";
import { threadPool } from "../../src/validate-pool.ts";
import { type Files, type Json, pemOf } from "../support/build-ledger.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

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

async function filesIn(dialect: keyof typeof folders): Promise<Files> {
  const tree = folderTree(folders[dialect]);
  const files: Files = {};
  for (const { path, kind } of await tree.entries("")) {
    if (kind === "file") files[path] = Buffer.from((await tree.read(path)) ?? []).toString("utf8");
  }
  return files;
}

/** One list made of the files of the months. */
function asList(files: Files): Files {
  const months = Object.keys(files).filter((path) => /^\d{4}-\d\d\.json$/.test(path));
  const lines = months.flatMap((path) => linesOf(files, path).map((line) => line.replace(/^,/, "")));
  const others = Object.entries(files).filter(([path]) => !months.includes(path));
  return { ...Object.fromEntries(others), "events/events.jsonl": `${lines.join("\n")}\n` };
}

function linesOf(files: Files, path: string): string[] {
  return (files[path] ?? "").split("\n").slice(1, -2);
}

const [january, february] = ["2024-01.json", "2024-02.json"];

const lines =
  (path: string, change: (lines: string[]) => string[]) =>
  (files: Files): Files => ({ ...files, [path]: `[\n${change(linesOf(files, path)).join("\n")}\n]\n` });

const line =
  (path: string, at: number, change: (line: string) => string) =>
  (files: Files): Files =>
    lines(path, (all) => all.map((text, index) => (index === at ? change(text) : text)))(files);

/** Another signature of the same length. */
const forged = (text: string): string =>
  text.replace(/"(signature|value)":"(.)/, (_, name, first) => `"${name}":"${first === "A" ? "B" : "A"}`);

const alterations: readonly {
  readonly name: string;
  readonly alter: (files: Files) => Files;
  readonly codes: readonly FindingCode[];
}[] = [
  { name: "nothing", alter: (files) => files, codes: [] },
  {
    name: "a signature in the middle of a closed month",
    alter: line(january, 400, forged),
    codes: ["SIGNATURE_INVALID", "EVIDENCE_MISMATCH"],
  },
  {
    name: "a copy in another month",
    alter: (files) => lines(february, (all) => [...all, `,${linesOf(files, january)[7]?.slice(1)}`])(files),
    codes: ["EVENT_DUPLICATE_ID"],
  },
  {
    name: "a line that is no JSON",
    alter: line(february, 550, (text) => text.replace(":", ";")),
    codes: ["JSON_MALFORMED"],
  },
  {
    name: "two events on one line, far into the file",
    alter: (files) =>
      lines(february, (all) => [...all.slice(0, 548), `${all[548]}${all[549]}`, ...all.slice(550)])(files),
    codes: [],
  },
  { name: "a space before an event", alter: line(february, 500, (text) => `, ${text.slice(1)}`), codes: [] },
  {
    name: "a torn end",
    alter: (files) => ({ ...files, [february]: (files[february] ?? "").slice(0, -90) }),
    codes: ["PARTITION_TORN"],
  },
  {
    name: "a content that was altered",
    alter: line(february, 300, (text) => text.replace("2024-02", "2024-03")),
    codes: ["EVENT_ID_MISMATCH"],
  },
  {
    name: "a node that is gone",
    alter: (files) => Object.fromEntries(Object.entries(files).filter(([path]) => !path.includes("node-3/"))),
    codes: ["SIGNER_NOT_REGISTERED"],
  },
  {
    name: "a key that another node has too",
    alter: (files) => {
      const path = "nodes/audit/one/node.json";
      const node = JSON.parse(files[path] ?? "{}") as { maintainers: Json[] };
      const other = JSON.parse(files["nodes/audit/two/node.json"] ?? "{}") as { maintainers: Json[] };
      const text = JSON.stringify({ ...node, maintainers: [...node.maintainers, ...other.maintainers] });
      return { ...files, [path]: text };
    },
    codes: ["NODE_KEY_SHARED"],
  },
  {
    name: "another key",
    alter: (files) => {
      const path = "nodes/bench/node-2/node.json";
      const node = JSON.parse(files[path] ?? "{}") as { maintainers: Json[] };
      const [key] = node.maintainers;
      return { ...files, [path]: JSON.stringify({ ...node, maintainers: [{ ...key, publicKey: pemOf("other") }] }) };
    },
    codes: ["SIGNATURE_INVALID"],
  },
];

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
    const files = alter(await filesIn(dialect));
    const { findings } = await reports(files);
    expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...codes]));
    if (dialect === "jsonl") await reports(asList(files));
  });
});

describe("what an earlier run verified", () => {
  const cached = async (files: Files, cache: string, isFull = false): Promise<Report> => {
    await using pool = threadPool({ size: 2, cache });
    return reports(files, { pool, digests: knownDigests(cache), isFull });
  };

  test("is not verified again, unless everything is", async () => {
    const cache = temporaryFolder();
    const files = await filesIn("monthly");
    expect((await cached(files, cache)).signaturesNotRechecked).toBe(0);
    expect((await cached(files, cache)).signaturesNotRechecked).toBeGreaterThan(events / 2);
    expect((await cached(files, cache, true)).signaturesNotRechecked).toBe(0);
  });

  test("serves no ledger that was altered", async () => {
    const cache = temporaryFolder();
    const files = await filesIn("jsonl");
    await cached(files, cache);
    for (const { alter, codes } of alterations) {
      const { findings } = await cached(alter(files), cache);
      expect(findings.map(({ code }) => code)).toEqual(expect.arrayContaining([...codes]));
    }
  });

  test("costs time alone where it is damaged", async () => {
    const cache = temporaryFolder();
    const files = await filesIn("monthly");
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
  const stopped = validateLedger(memoryTree(await filesIn("monthly")), {
    ...options,
    pool,
    signal: stop.signal,
    onProgress: () => stop.abort(),
  });
  await expect(stopped).rejects.toThrow("aborted");
});
