// Measures this package against named baselines of the same run, and writes what came of it to bench/RESULTS.md and
// bench/results.svg.
//
//   npm run bench                      every part
//   npm run bench -- --only root       one of them
//   npm run bench -- --huge            with ten million ids and events too
//   npm run bench -- --gate            exit code 1 when a target is missed
import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { availableParallelism, cpus, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { measureAcceptance } from "./accept.ts";
import { measureClosing } from "./close.ts";
import { measureHttp } from "./http.ts";
import { plot } from "./plot.ts";
import { measureProofs } from "./prove.ts";
import { measureRoot } from "./root.ts";
import { missesOf, ratioOf, type Row } from "./row.ts";
import { measureTrees } from "./trees.ts";
import { measureValidation } from "./validate.ts";
import { measureVerification } from "./verify.ts";

interface Options {
  readonly isHuge: boolean;
}

const sizes = [1000, 100_000, 1_000_000];

async function ofEach(counts: readonly number[], measure: (count: number) => Promise<readonly Row[]>): Promise<Row[]> {
  const rows: Row[] = [];
  for (const count of counts) rows.push(...(await measure(count)));
  return rows;
}

/** What writes gigabytes comes after what it would slow down. */
const parts: Readonly<Record<string, (options: Options) => Promise<readonly Row[]>>> = {
  root: async ({ isHuge }) => [...sizes, ...(isHuge ? [10_000_000] : [])].flatMap(measureRoot),
  trees: () => measureTrees(sizes),
  verify: () => measureVerification(),
  http: () => measureHttp(),
  accept: () => measureAcceptance(20_000),
  validate: () => ofEach(sizes, measureValidation),
  close: () => ofEach(sizes, measureClosing),
  prove: ({ isHuge }) => measureProofs(isHuge ? 10_000_000 : 1_000_000),
};

function tableOf(rows: readonly Row[]): string {
  const head = ["What", "Baseline", "Ours", "Baseline's", "Ratio", "Target", "Extra memory"];
  const ms = (value: number): string =>
    value < 0.1 ? `${(1000 * value).toFixed(1)} µs` : `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`;
  const lines = rows.map((row) => [
    row.name,
    row.baseline,
    ms(row.oursMs),
    ms(row.baselineMs),
    ratioOf(row).toFixed(2),
    row.target === undefined ? "" : `≤ ${row.target.toFixed(2)}${missesOf(row).length > 0 ? ", **missed**" : ""}`,
    row.extraMb === undefined
      ? ""
      : `${row.extraMb.toFixed(0)} MB${row.mostMb === undefined ? "" : ` (≤ ${row.mostMb})`}`,
  ]);
  const widths = head.map((title, at) => Math.max(title.length, ...lines.map((line) => line[at]?.length ?? 0)));
  const text = (cells: readonly string[]): string =>
    `| ${cells.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(" | ")} |`;
  return [text(head), text(widths.map((size) => "-".repeat(size))), ...lines.map(text)].join("\n");
}

function resultsOf(rows: readonly Row[]): string {
  const [cpu] = cpus();
  const machine = `${availableParallelism()} cores of ${cpu?.model.trim() ?? "an unknown processor"}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
  return `# Results

Made by \`npm run bench\` on ${machine}. Times are medians; each baseline ran in turn with ours, what needs memory of its own in a process of its own.

${tableOf(rows)}

![Ratios](results.svg)

What is behind the targets that were missed, and what would lift them: [LIMITS.md](LIMITS.md).
`;
}

const { values } = parseArgs({
  options: {
    only: { type: "string" },
    huge: { type: "boolean", default: false },
    gate: { type: "boolean", default: false },
  },
});
const chosen = Object.entries(parts).filter(([name]) => values.only === undefined || values.only === name);
if (chosen.length === 0)
  throw new RangeError(`there is no part ${values.only}; there are ${Object.keys(parts).join(", ")}`);
const rows: Row[] = [];
for (const [name, measure] of chosen) {
  console.error(`measuring ${name} …`);
  // What was written before, gigabytes perhaps, is on the disk before anything is timed that waits for it.
  if (process.platform === "linux") execFileSync("sync");
  rows.push(...(await measure({ isHuge: values.huge })));
}
console.log(tableOf(rows));
if (values.only === undefined) {
  writeFileSync(new URL("RESULTS.md", import.meta.url), resultsOf(rows));
  writeFileSync(new URL("results.svg", import.meta.url), plot(rows));
}
const misses = rows.flatMap(missesOf);
for (const miss of misses) console.error(`missed: ${miss}`);
if (values.gate && misses.length > 0) process.exitCode = 1;
