import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { cli, type CliResult } from "../support/cli.ts";
import type { Files } from "../support/build-ledger.ts";
import {
  jsonlAttestation,
  jsonlNetwork,
  jsonlRelease,
  jsonlViolation,
  monthlyAttestation,
  monthlyNetwork,
  monthlyRelease,
} from "../support/releases.ts";

const folder = mkdtempSync(join(tmpdir(), "settlement-release-"));
const place = (name: string): string => join(folder, name);

function write(name: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, name, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
}

const native = monthlyRelease();
const hostile = jsonlAttestation("audit/two", { "repro.build": "fail" }, "2026-01-07T10:00:00Z", {
  notes: "repro.build: fail — \u001B[2J\u202E | <b>@all</b> `x` https://evil.example",
});

beforeAll(() => {
  const pass = jsonlAttestation("audit/one", { "license.audit": "pass" });
  write("good", jsonlNetwork({ events: [jsonlRelease(), pass] }));
  write("bad", jsonlNetwork({ events: [jsonlRelease(), pass, jsonlViolation()] }));
  write("alone", jsonlNetwork({ events: [jsonlRelease()] }));
  write("hostile", jsonlNetwork({ events: [jsonlRelease(), pass, hostile] }));
  write("months", monthlyNetwork({ events: [native, monthlyAttestation(native.id, { "license.audit": "pass" })] }));
  write("months-bad", monthlyNetwork({ events: [native, monthlyAttestation(native.id, { "repro.build": "fail" })] }));
  write("months-alone", monthlyNetwork({ events: [native] }));
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function judge(ledger: string, ...more: readonly string[]): Promise<CliResult> {
  return cli(["release", "acme/widget@1.0.0", "--ledger", place(ledger), ...more]);
}

describe("exit codes", () => {
  test.for([
    ["good", [], 0],
    ["months", [], 0],
    ["bad", [], 1],
    ["bad", ["--fail-on", "fail"], 1],
    ["bad", ["--anchored"], 1],
    ["bad", ["--anchored", "--fail-on", "fail"], 1],
    ["bad", ["--anchored-or-local"], 1],
    ["months-bad", [], 1],
    ["months-bad", ["--anchored", "--fail-on", "fail"], 1],
    ["alone", [], 3],
    ["alone", ["--fail-on", "unverified"], 3],
    ["alone", ["--fail-on", "fail"], 0],
    ["months-alone", [], 3],
    ["months-alone", ["--fail-on", "fail"], 0],
    ["good", ["--anchored"], 3],
    ["good", ["--anchored", "--fail-on", "fail"], 0],
    ["good", ["--profile", "regulated"], 1],
    ["good", ["--profile", "no-such-profile"], 3],
    ["good", ["--fail-on", "never"], 2],
    ["good", ["--anchored", "--anchored-or-local"], 2],
    ["good", ["--format", "github"], 2],
    ["none", [], 2],
  ] as const)("%s %j: %s", async ([ledger, flags, code]) => {
    expect((await judge(ledger, ...flags)).code).toBe(code);
  });

  test.for(["acme/widget@9.9.9", "acme/widget", "widget@1.0.0", "acme/nobody@1.0.0"])(
    "%s is no release there: 2",
    async (name) => {
      const { code, err } = await cli(["release", name, "--ledger", place("good")]);
      expect(code).toBe(2);
      expect(err).toMatch(/^EVENT_(NOT_FOUND|NAME_MALFORMED): /);
    },
  );
});

describe("formats", () => {
  test("text says the verdict first, and why", async () => {
    const { out } = await judge("bad");
    expect(out.split("\n")[0]).toBe("FAIL  acme/widget 1.0.0: the ledger speaks against it");
    expect(out).toContain("✗ noPolicyViolations: rules/keeper: no changelog");
  });

  test("JSON holds the whole view", async () => {
    expect(JSON.parse((await judge("good", "--format", "json")).out)).toMatchObject({
      ok: true,
      verdict: "PASS",
      witnesses: ["audit/one"],
      profile: { name: "baseline", from: "default" },
      policy: "network",
      score: { integrity: 45, assurance: 30, band: "PARTIAL" },
    });
  });

  test.for([
    ["bad", "error", "noPolicyViolations", "ledger/events/events.jsonl", 3],
    ["alone", "warning", "witness.independent", "ledger/events/events.jsonl", 1],
    ["months-bad", "error", "attestation.failed", "2026-01.json", 1],
  ] as const)("SARIF of %s: one %s at its line", async ([ledger, level, ruleId, file, line]) => {
    const log = JSON.parse((await judge(ledger, "--format", "sarif")).out) as {
      version: string;
      runs: { results: object[]; tool: { driver: { rules: { id: string }[] } } }[];
    };
    expect(log.version).toBe("2.1.0");
    const uri = expect.stringMatching(new RegExp(`(^|/)${file}$`)) as string;
    const physicalLocation = { artifactLocation: { uri }, region: { startLine: line } };
    expect(log.runs[0]?.results[0]).toMatchObject({ level, ruleId, ruleIndex: 0, locations: [{ physicalLocation }] });
    expect(log.runs[0]?.tool.driver.rules[0]?.id).toBe(ruleId);
  });

  test("SARIF of what passes has no result", async () => {
    const { runs } = JSON.parse((await judge("good", "--format", "sarif")).out) as { runs: { results: object[] }[] };
    expect(runs[0]?.results).toEqual([]);
  });

  test("what a ledger says steers neither a terminal nor a page", async () => {
    const { out: text } = await judge("hostile");
    expect(text).toContain("\\u{1b}[2J\\u{202e}");
    for (const steering of ["\u001B", "\u202E"]) expect(text).not.toContain(steering);
    const { out: markdown } = await judge("hostile", "--format", "markdown");
    expect(markdown).toMatch(/^## ❌ FAIL: acme\/widget 1\.0\.0\n/);
    expect(markdown).toContain("\\| &lt;b&gt;&#64;all&lt;/b&gt; \\`x\\` https&#58;//evil.example");
    for (const row of markdown.split("\n").filter((line) => line.startsWith("|"))) {
      expect([2, 3]).toContain(row.replaceAll("\\|", "").split("|").length - 2);
    }
  });
});

describe("badge", () => {
  test("is written whole, and says its title", async () => {
    const file = place("badge.svg");
    const args = ["badge", "acme/widget", "--ledger", place("good"), "--out", file];
    expect(await cli(args)).toMatchObject({ code: 0, out: `✓ ${file}: acme/widget 1.0.0: PASS\n` });
    expect(readFileSync(file, "utf8")).toContain(">acme/widget 1.0.0: PASS</title>");
    const { out } = await cli(["badge", "acme/widget@1.0.0", "--ledger", place("good")]);
    expect(out).toBe(readFileSync(file, "utf8"));
  });

  test.for([
    ["audit/one", "verdict", 0, "audit/one: attestor, registered"],
    ["acme/widget", "integrity", 0, "acme/widget 1.0.0: integrity 45/100"],
    ["acme/nobody", "verdict", 2, "NODE_NOT_FOUND"],
    ["acme/widget@3.0.0", "verdict", 2, "EVENT_NOT_FOUND"],
  ] as const)("%s, %s: %s", async ([name, show, code, said]) => {
    const result = await cli(["badge", name, "--ledger", place("good"), "--show", show]);
    expect(result.code).toBe(code);
    expect(result.out + result.err).toContain(said);
  });
});

describe("registry", () => {
  test("is written, found right, and found wrong when a node changes", async () => {
    const dir = place("good");
    const check = ["registry", "--ledger", dir, "--check"];
    expect(await cli(check)).toMatchObject({
      code: 1,
      out: expect.stringContaining("registry/nodes.json is missing") as string,
    });
    expect((await cli(["registry", "--ledger", dir, "--out", join(dir, "registry")])).code).toBe(0);
    expect(existsSync(join(dir, "registry", "dependencies.json"))).toBe(true);
    expect((await cli(check)).code).toBe(0);
    const manifest = join(dir, "ledger/nodes/audit/two/node.json");
    writeFileSync(manifest, readFileSync(manifest, "utf8").replace("attestor.results.v1", "attestor.results.v2"));
    const { code, out } = await cli([...check, "--format", "json"]);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      ok: false,
      differences: [
        "registry/nodes.json differs at $[2].provides[0]",
        "registry/capabilities.json differs at $.attestor.results.v1[1]",
        "registry/dependencies.json differs at $.warnings[0]",
      ],
    });
  });

  test("is shown for people and as JSON", async () => {
    expect((await cli(["registry", "--ledger", place("months")])).out).toMatch(/4 nodes provide 4 capabilities\n$/);
    const { out } = await cli(["registry", "--ledger", place("months"), "--format", "json"]);
    expect(Object.keys(JSON.parse(out) as object)).toEqual(["nodes.json", "capabilities.json", "dependencies.json"]);
  });

  test("--check writes nothing", async () => {
    const { code } = await cli(["registry", "--ledger", place("months"), "--check", "--out", place("elsewhere")]);
    expect(code).toBe(2);
    expect(existsSync(place("elsewhere"))).toBe(false);
  });
});
