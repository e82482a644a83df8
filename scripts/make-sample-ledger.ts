// Writes the sample ledger into DIR, `ledger/` by default; with --check it writes nothing, compares, and exits 1 when a
// file differs. It asks neither clock nor chance: each run gives the same bytes. Its keys are made from public labels.
//
//   node scripts/make-sample-ledger.ts [--check] [DIR]
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { sampleFiles } from "./sample/sample-files.ts";

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

const { values, positionals } = parseArgs({ allowPositionals: true, options: { check: { type: "boolean" } } });
const folder = positionals[0] ?? fileURLToPath(new URL("../ledger", import.meta.url));
const differing = [...sampleFiles()].filter(([path, text]) => textOf(join(folder, path)) !== text);
for (const [path, text] of differing) {
  const file = join(folder, path);
  if (values.check) {
    console.error(`${file} is not what this script makes`);
    continue;
  }
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
if (values.check && differing.length > 0) process.exitCode = 1;
else console.log(`${folder}: ${differing.length === 0 ? "nothing to write" : `${differing.length} files written`}`);
