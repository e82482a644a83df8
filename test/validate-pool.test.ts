import { expect, test } from "vitest";
import { utf8 } from "../src/core/bytes.ts";
import { defaultPolicy } from "../src/core/policy.ts";
import type { Chunk } from "../src/validate/chunk.ts";
import { threadPool } from "../src/validate-pool.ts";
import { jsonlEvent, jsonOf } from "./support/made-events.ts";

const count = 400;
const lines = Array.from({ length: count }, (_, at) => `${jsonOf(jsonlEvent(String(at)))}\n`).join("");

function chunk(): Chunk {
  const place = { file: "events/events.jsonl", month: "", firstIndex: 0, start: 0 };
  return { ...place, count, bytes: utf8(lines), accepted: count, wantsLines: false };
}

test("threads that end in the middle are told of, and others take their place", async () => {
  await using pool = threadPool({ size: 2 });
  pool.open({ root: "", dialect: "jsonl", nodes: [], policy: defaultPolicy, aheadUnixMs: Infinity, isFull: true });
  const judged = Promise.allSettled(Array.from({ length: 6 }, () => pool.judge(chunk())));
  await pool[Symbol.asyncDispose]();
  const outcomes = await judged;
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["rejected"]));
  const { facts } = await pool.judge(chunk());
  expect(facts?.marks.length).toBe(count);
});
