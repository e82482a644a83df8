import fc from "fast-check";
import { expect, test } from "vitest";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { canonicalJson } from "../../src/core/canonical-json.ts";
import { parseJson } from "../../src/core/json.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import {
  type Files,
  type Json,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  nativeEvent,
  nowUnixMs,
  partition,
  releasePayload,
} from "../support/build-ledger.ts";

async function errorsOf(files: Files): Promise<string[]> {
  const { findings } = await validateBothWays(memoryTree(files), { nowUnixMs, verify: nodeVerify });
  return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

const versions = fc.uniqueArray(fc.tuple(fc.nat(30), fc.nat(30), fc.nat(30)), {
  selector: (each) => each.join("."),
  minLength: 1,
  maxLength: 12,
});

test("releases of whatever versions and times make a good ledger", async () => {
  await fc.assert(
    fc.asyncProperty(
      versions,
      fc.array(fc.nat(27 * 86_400_000), { minLength: 12, maxLength: 12 }),
      async (all, times) => {
        const events = all.map((version, at): Json => {
          const timestamp = new Date(Date.parse("2026-01-01T00:00:00Z") + (times[at] ?? 0)).toISOString();
          return nativeEvent(
            "ReleasePublished",
            "acme/widget",
            timestamp,
            releasePayload("acme/widget", version.join(".")),
          );
        });
        const { "2026-01.json": _, "2026-02.json": __, "2026-03.json": ___, ...rest } = monthlyFiles();
        expect(await errorsOf({ ...rest, "2026-01.json": partition(events) })).toEqual([]);
      },
    ),
    { numRuns: 25 },
  );
});

/** Does the altered text still hold the same events? Another spelling of the same JSON is no alteration. */
function isSame(before: string, after: string): boolean {
  try {
    return canonicalJson(parseJson(before)) === canonicalJson(parseJson(after));
  } catch {
    return false;
  }
}

test.for([
  { dialect: "monthly", path: "2026-03.json", files: monthlyFiles() },
  { dialect: "jsonl", path: linesPath, files: jsonlFiles() },
])("$dialect: whatever character of an event is changed, it is found", async ({ path, files }) => {
  const text = files[path] ?? "";
  const lines = text.split("\n");
  const places = lines.flatMap((line, at) => (line.includes("{") ? [at] : []));
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...places),
      fc.nat(),
      fc.constantFrom(...Array.from("09afAZ+/=\"'\\{}[]:,. \u0000é")),
      async (at, offset, character) => {
        const line = lines[at] ?? "";
        const start = line.indexOf("{");
        const position = start + (offset % (line.length - start));
        const altered = line.slice(0, position) + character + line.slice(position + 1);
        fc.pre(!isSame(line.slice(start), altered.slice(start)));
        const all = lines.with(at, altered).join("\n");
        expect(await errorsOf({ ...files, [path]: all })).not.toEqual([]);
      },
    ),
    { numRuns: 80 },
  );
});

test("whatever is in its files, a ledger is judged and nothing is thrown", async () => {
  const paths = Object.keys({
    ...monthlyFiles(),
    ...jsonlFiles(),
    "anchors/2026-01/manifest.json": "",
    "anchors/2026-01/nodes.json": "",
    "anchors/2026-01/checkpoint": "",
  });
  const content = fc.oneof(
    fc.string(),
    fc.json(),
    fc.array(fc.jsonValue({ maxDepth: 3 })).map((value) => JSON.stringify(value)),
    fc.constantFrom("[", "{}", "[{}]", "null"),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(fc.constantFrom(...paths), content), fc.boolean(), async (junk, isMonthly) => {
      const base = isMonthly ? monthlyFiles() : jsonlFiles();
      const report = await validateBothWays(memoryTree({ ...base, ...junk }), {
        nowUnixMs,
        verify: nodeVerify,
        base: memoryTree(base),
      });
      expect(typeof report.valid).toBe("boolean");
    }),
    { numRuns: 60 },
  );
});
