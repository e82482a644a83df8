import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test, vi } from "vitest";
import { makeInput } from "./make-input.ts";
import { readSeeds } from "./seeds.ts";

// Whole processes, beside whatever else the machine does.
vi.setConfig({ testTimeout: 240_000 });

const script = fileURLToPath(new URL("../../scripts/fuzz.ts", import.meta.url));
const out = mkdtempSync(join(tmpdir(), "settlement-fuzz-test-"));
afterAll(() => rmSync(out, { recursive: true }));

interface Summary {
  readonly inputs: number;
  readonly kinds: Readonly<Record<string, number>>;
  readonly faults: number;
  readonly failed: readonly { readonly input: string; readonly fault: string }[];
  readonly memory: { readonly processes: number; readonly liveGrowthMiB: number };
}

/** Runs the script and reads its last line. */
function fuzz<T = Summary>(...args: readonly string[]): { code: number | null; last: T; errors: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, "--out", out, ...args], { encoding: "utf8" });
  return { code: status, last: JSON.parse(stdout.trimEnd().split("\n").at(-1) ?? "") as T, errors: stderr };
}

const faulty = {
  hangs: new URL("./faulty/hangs.ts", import.meta.url),
  dies: new URL("./faulty/dies.ts", import.meta.url),
  leaks: new URL("./faulty/leaks.ts", import.meta.url),
};

const seeds = readSeeds();
/** The one seed of that dialect; it is among the first. */
const jsonl = seeds.seeds.findIndex(({ text }) => text.includes('"dialect":"jsonl"'));

test("the last line has the figures of all processes, and one input is judged again from its seed", () => {
  const { code, last } = fuzz("--inputs", "150", "--seed", "7", "--jobs", "2");
  expect(code).toBe(0);
  expect(last).toMatchObject({ inputs: 150, faults: 0, failed: [], memory: { processes: 2 } });
  expect(Object.values(last.kinds).reduce((sum, count) => sum + count, 0)).toBe(150);
  const again = fuzz<{ input: string; fault: null; outcome: { word: string } }>("--only", `7:${jsonl}`);
  expect(again).toMatchObject({ code: 0, last: { input: `7:${jsonl}`, fault: null, outcome: { word: "proven" } } });
});

test.for([
  ["hangs", "hang: no verdict within 6000 ms"],
  ["dies", "the process died: SIGKILL"],
] as const)("a verifier that %s is found out, and the other inputs are judged", ([name, fault]) => {
  const inputs = jsonl + 5;
  const plan = ["--inputs", String(inputs), "--jobs", "1", "--hang-ms", "6000"] as const;
  const { code, last, errors } = fuzz(...plan, "--verifier", fileURLToPath(faulty[name]));
  expect(code).toBe(1);
  expect(last).toMatchObject({ inputs: inputs - 1, faults: 1, failed: [{ input: `1:${jsonl}`, fault }] });
  expect(errors).toContain(`--only 1:${jsonl}`);
  const kept = join(out, `fuzz-1-${jsonl}.input`);
  expect(existsSync(kept) && readFileSync(kept).equals(makeInput(seeds, 1, jsonl).bytes)).toBe(true);
});

test("a verifier that leaks is found out", () => {
  const { code, last, errors } = fuzz("--inputs", "1600", "--jobs", "1", "--verifier", fileURLToPath(faulty.leaks));
  expect(code).toBe(1);
  expect(last).toMatchObject({ inputs: 1600, failed: [] });
  expect(last.memory.liveGrowthMiB).toBeGreaterThan(64);
  expect(errors).toMatch(/^seed 1: what a process holds grew by/m);
});
