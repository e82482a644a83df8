import { expect, test } from "vitest";
import { cli } from "../support/cli.ts";

const cases = [
  ["--format json", ["close", "2026-13", "--format", "json"], {}, "MONTH_MALFORMED"],
  ["--format=json", ["close", "2026-13", "--format=json"], {}, "MONTH_MALFORMED"],
  ["SETTLEMENT_FORMAT", ["close", "2026-13"], { SETTLEMENT_FORMAT: "json" }, "MONTH_MALFORMED"],
  ["a command that is none", ["settle", "--format", "json"], {}, "USAGE_INVALID"],
  ["a flag that is none", ["status", "--legder", "x", "--format", "json"], {}, "USAGE_INVALID"],
  ["settings that are wrong", ["status", "--format", "json"], { SETTLEMENT_PORT: "x" }, "CONFIG_INVALID"],
] as const;

test.each(cases)("an error is one line of JSON on the output: %s", async (_, args, env, code) => {
  const result = await cli(args, env);
  expect(result).toMatchObject({ code: 2, err: "" });
  expect(result.out).toMatch(/^\{.*\}\n$/);
  expect(JSON.parse(result.out)).toEqual({ error: { code, kind: "invalid", message: expect.any(String) as string } });
});

test("the last --format counts", async () => {
  const result = await cli(["close", "2026-13", "--format", "json", "--format", "text"]);
  expect(result).toMatchObject({ code: 2, out: "", err: expect.stringMatching(/^MONTH_MALFORMED: /) as string });
});

test("without a command there is help", async () => {
  const { code, err } = await cli([]);
  expect([code, err]).toEqual([2, expect.stringContaining("Usage: settlement")]);
  expect(await cli(["--help"])).toMatchObject({ code: 0, err: "" });
});
