import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { retryRule } from "../../jobs/retry-rule.ts";
import { type ErrorCode, errorKinds, type ErrorKind, SettlementError } from "../../src/core/error.ts";
import { problemOf } from "../../src/http/problem.ts";
import { exitOf } from "../../src/cli/run.ts";
import { findingCodes } from "../../src/validate/finding-codes.ts";
import { findingTable } from "./finding-table.ts";

const source = new URL("../../src/", import.meta.url);
const reference = readFileSync(new URL("../../docs/errors.md", import.meta.url), "utf8");
const kinds = sectionOf("Kinds");
const codes = sectionOf("Codes");
const findings = sectionOf("Findings");

function sectionOf(title: string): string {
  const [, section = ""] = reference.split(`\n## ${title}\n`);
  return section.split("\n## ")[0] ?? "";
}

/** Cells of the rows of tables, without heads. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  return markdown
    .split("\n")
    .filter((line) => /^\| *(`|[a-z])/.test(line))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim().replace(/^`(.*)`$/, "$1")),
    );
}

const everyCode = Object.keys(errorKinds) as ErrorCode[];

function errorOf(code: ErrorCode): SettlementError {
  return new SettlementError(code, "a message");
}

describe("codes", () => {
  test("the reference lists every code and no other, with its kind, in the order of the source", () => {
    expect(rowsOf(codes).map(([code, kind]) => [code, kind])).toEqual(Object.entries(errorKinds));
  });

  test("each says what it means and what to do", () => {
    for (const row of rowsOf(codes)) expect(row).toHaveLength(4);
    expect(rowsOf(codes).filter((row) => row.includes(""))).toEqual([]);
  });

  test("none is unused", () => {
    const lists = ["core/error.ts", "validate/finding-codes.ts", "http/problem.ts"];
    const files = readdirSync(source, { recursive: true, encoding: "utf8" });
    const texts = files
      .filter((path) => path.endsWith(".ts") && !lists.includes(path))
      .map((path) => readFileSync(new URL(path, source), "utf8"));
    expect(everyCode.filter((code) => !texts.some((text) => text.includes(`"${code}"`)))).toEqual([]);
  });
});

describe("kinds", () => {
  const tableOf: ReadonlyMap<string, readonly string[]> = new Map(
    rowsOf(kinds).map(([name = "", ...cells]) => [name, cells]),
  );
  const ofKind = new Map<ErrorKind, ErrorCode>(everyCode.toReversed().map((code) => [errorKinds[code], code]));

  test.each([...ofKind])("%s: HTTP status, exit code and retry are as the table says", (kind, code) => {
    const [, http = "", exit = "", job = ""] = tableOf.get(kind) ?? [];
    const error = errorOf(code);
    expect(exit).toBe(String(exitOf[kind]));
    expect(job.startsWith("is tried again")).toBe(retryRule(error) === error);
    const usual = everyCode.find((each) => errorKinds[each] === kind && !tableOf.has(each)) ?? code;
    expect(http.slice(0, 3)).toBe(String(problemOf(errorOf(usual), "").status));
  });

  test("the statuses of HTTP's own are those the table says", () => {
    const usual = new Map([...ofKind.keys()].map((kind) => [kind, (tableOf.get(kind)?.[1] ?? "").slice(0, 3)]));
    const own = everyCode
      .map((code) => [code, String(problemOf(errorOf(code), "").status)] as const)
      .filter(([code, status]) => usual.get(errorKinds[code]) !== status);
    expect(own.length).toBe(6);
    for (const [code, status] of own) expect(tableOf.get(code)?.[0]?.slice(0, 3)).toBe(status);
  });

  test("a bug has a code and a status", () => {
    expect(problemOf(new TypeError("x"), "id")).toMatchObject({ code: "INTERNAL_ERROR", status: 500 });
    expect(kinds).toContain("HTTP 500 with the code `INTERNAL_ERROR`");
  });
});

test("the reference lists every finding and no other, in the words of the validator", () => {
  const table = rowsOf(findingTable(findingCodes));
  expect(rowsOf(findings)).toEqual(table);
});
