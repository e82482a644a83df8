import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { findingCodes } from "../../src/validate/finding-codes.ts";

test("every code of the validator is met by a ledger of these tests", () => {
  const folder = new URL("./", import.meta.url);
  const own = readdirSync(folder).filter((name) => !/^(finding-codes|format-report)\./.test(name));
  const names = [...own, "../settle/accept-events.test.ts"];
  const tests = names.map((name) => readFileSync(new URL(name, folder), "utf8")).join("\n");
  expect(
    Object.keys(findingCodes).filter((code) => !tests.includes(`"${code}"`) && !tests.includes(`${code} `)),
  ).toEqual([]);
});
