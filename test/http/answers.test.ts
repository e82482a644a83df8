import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "./raw-request.ts";
import { type Running, runSample } from "./running.ts";
import { eventId } from "./sample-ledger.ts";

interface Step {
  readonly request: string;
  readonly status: number;
  readonly lines: readonly string[];
}

/** The steps of the script, ids filled in. */
function readScript(text: string): Step[] {
  const filled = text
    .replaceAll(/^#.*\n/gm, "")
    .replaceAll(/\{(\d{4}-\d{2})\/(\d+)\}/g, (_, month: string, index: string) => eventId(month, Number(index)));
  return filled
    .split(/^> /m)
    .slice(1)
    .map((block) => {
      const [request = "", status = "", ...lines] = block.trim().split("\n");
      return { request, status: Number(status), lines };
    });
}

const steps = readScript(readFileSync(new URL("answers.txt", import.meta.url), "utf8"));
let run: Running;
beforeAll(async () => {
  run = await runSample();
});
afterAll(() => run[Symbol.asyncDispose]());

test.for(steps)("$request", async ({ request, status, lines }) => {
  const answer = await rawRequest(run.server.url, `${request} HTTP/1.1`);
  expect(answer.status).toBe(status);
  const isHeld = (line: string): boolean => {
    const [, name = "", value] = /^([a-z-]+): (.*)$/.exec(line) ?? [];
    return answer.headers.get(name) === value && value !== undefined ? true : answer.body.includes(line);
  };
  expect(lines.filter((line) => !isHeld(line))).toEqual([]);
});

test("the script is read", () => {
  expect(steps.length).toBeGreaterThan(35);
  expect(steps.every(({ status, lines }) => status >= 200 && lines.length > 0)).toBe(true);
});
