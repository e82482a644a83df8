import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { judgeProof } from "../../src/core/judge-proof.ts";
import { makeProof } from "../support/made-proof.ts";

/** Bytes and gzip of a part, from the table of the documentation. */
function documented(part: string): readonly number[] {
  const page = readFileSync(new URL("../../docs/formats.md", import.meta.url), "utf8");
  const row = page.split("\n").find((line) => line.startsWith(`| ${part} `)) ?? "";
  return row.split("|").flatMap((cell) => (/^ [\d ]+$/.test(cell) ? Number(cell.replaceAll(" ", "")) : []));
}

test("a proof with the signatures of 35 validators is as large as the documentation says, and proven", async () => {
  const { bundle, xpop, trust } = await makeProof(35);
  expect(judgeProof(bundle, trust)).toMatchObject({ verdict: "proven" });
  for (const [part, bytes] of [
    ["bundle", bundle],
    ["of it the XPOP", xpop],
  ] as const) {
    const sizes = [bytes.length, gzipSync(bytes, { level: 9 }).length];
    const [raw = 0, zipped = 0] = documented(part);
    expect(sizes[0]).toBeLessThan(raw * 1.02);
    expect(sizes[0]).toBeGreaterThan(raw * 0.98);
    expect(sizes[1]).toBeLessThan(zipped * 1.02);
    expect(sizes[1]).toBeGreaterThan(zipped * 0.98);
  }
  expect(gzipSync(xpop, { level: 9 }).length).toBeLessThan(30_000);
});
