import { describe, expect, test } from "vitest";
import type { Finding, Report } from "../../src/validate/finding.ts";
import { writeReport } from "../../src/validate/format-report.ts";

const finding: Finding = {
  code: "EVENT_DUPLICATE_ID",
  severity: "error",
  file: "2026-03.json",
  line: 7,
  index: 5,
  message: "event ab stands already at 2026-03.json:4",
  hint: "remove the later copy",
};
const odd: Finding = {
  ...finding,
  code: "FILE_UNKNOWN",
  severity: "warning",
  file: "a,b:c%/d\n.json",
  line: null,
  index: null,
  message: "50 % \u001b[31mred\r\n",
  hint: "h",
};
const bad: Report = {
  valid: false,
  dialect: "monthly",
  events: 6,
  findings: [finding, odd],
  signaturesChecked: 5,
  signaturesNotRechecked: 0,
};
const good: Report = {
  valid: true,
  dialect: "jsonl",
  events: 1,
  findings: [],
  signaturesChecked: 1,
  signaturesNotRechecked: 0,
};

test("text for people: by file, with place, words and advice, and a last line with the verdict", () => {
  expect(writeReport({ ...bad, findings: [finding] }, "text")).toBe(
    [
      "2026-03.json",
      "  error line 7, event 5  EVENT_DUPLICATE_ID: event stands in the ledger twice",
      "      event ab stands already at 2026-03.json:4",
      "      → remove the later copy",
      "",
      "INVALID  6 events, monthly dialect, 5 signatures verified: 1 error, 0 warnings",
      "",
    ].join("\n"),
  );
  expect(writeReport(good, "text")).toBe("VALID  1 event, jsonl dialect, 1 signature verified: 0 errors, 0 warnings\n");
});

test("text does not let a ledger steer the terminal", () => {
  // oxlint-disable-next-line no-control-regex
  expect(writeReport(bad, "text")).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  expect(writeReport(bad, "text", { isTerminal: true })).toContain("\u001b[31mINVALID");
});

test("json is the machine contract and nothing else", () => {
  const { signaturesChecked: _, ...contract } = bad;
  expect(JSON.parse(writeReport(bad, "json"))).toEqual(contract);
});

describe("sarif 2.1.0", () => {
  const log = JSON.parse(writeReport(bad, "sarif", { version: "1.2.3", pathPrefix: "ledger/" }));
  const [run] = log.runs;

  test("is one run of one tool", () => {
    expect(log).toMatchObject({
      version: "2.1.0",
      runs: [{ tool: { driver: { name: "settlement", semanticVersion: "1.2.3" } } }],
    });
  });

  test("each result points to its rule and its place", () => {
    expect(run.results).toHaveLength(2);
    for (const { ruleId, ruleIndex } of run.results) expect(run.tool.driver.rules[ruleIndex].id).toBe(ruleId);
    expect(run.results[0]).toMatchObject({
      level: "error",
      locations: [{ physicalLocation: { artifactLocation: { uri: "ledger/2026-03.json" }, region: { startLine: 7 } } }],
    });
    expect(run.results[1].locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: "ledger/a%2Cb%3Ac%25/d%0A.json" } } },
    ]);
  });

  test("a good ledger has no results", () => {
    expect(JSON.parse(writeReport(good, "sarif")).runs[0]).toMatchObject({
      results: [],
      tool: { driver: { rules: [] } },
    });
  });
});

test("github annotations are one line each, with what would end them escaped", () => {
  expect(writeReport(bad, "github", { pathPrefix: "ledger/" })).toBe(
    [
      "::error file=ledger/2026-03.json,line=7,title=EVENT_DUPLICATE_ID::event ab stands already at 2026-03.json:4 (remove the later copy)",
      "::warning file=ledger/a%2Cb%3Ac%25/d%0A.json,title=FILE_UNKNOWN::50 %25 \u001b[31mred%0D%0A (h)",
      "::notice title=settlement validate::invalid, 6 events",
      "",
    ].join("\n"),
  );
});
