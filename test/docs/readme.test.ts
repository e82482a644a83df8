import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { allCommands } from "../../src/cli/commands.ts";
import { flagOf } from "../../src/config.ts";
import type { CommandSpec } from "../../src/cli/command.ts";
import { parseJson } from "../../src/core/json.ts";
import { parseTrust } from "../../src/core/trust.ts";
import type { Verdict } from "../../src/core/verdict.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";

const commands = await allCommands();

const checkout = fileURLToPath(new URL("../../", import.meta.url));
const pages = ["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"].concat(
  readdirSync(join(checkout, "docs"))
    .filter((name) => name.endsWith(".md"))
    .map((name) => `docs/${name}`),
);

function textOf(page: string): string {
  return readFileSync(join(checkout, page), "utf8");
}

/** Code blocks of a language below a heading. */
function blocksOf(page: string, heading: string, language: string): readonly string[] {
  const [, section = ""] = textOf(page).split(`\n## ${heading}\n`);
  const blocks = (section.split("\n## ")[0] ?? "").matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].filter(([, name]) => name === language).map(([, , code = ""]) => code);
}

/** Lines that run the command, wherever code shows them, from the name of the command on. */
function commandLinesOf(page: string): readonly string[] {
  const code = [...textOf(page).matchAll(/^```\w*\n(.*?)^```$|`([^`\n]+)`/gms)];
  const lines = code.flatMap(([, block, span]) => (block ?? span ?? "").split("\n"));
  return lines.flatMap((line) => /^(?:npm run )?settlement (?:-- )?([a-z].*)$/.exec(line)?.[1] ?? []);
}

describe("the commands of “A network from nothing”", () => {
  const folder = mkdtempSync(join(tmpdir(), "settlement-readme-"));
  const [release = "", attestation = ""] = blocksOf("README.md", "A network from nothing", "json");
  const [shown = ""] = blocksOf("README.md", "A network from nothing", "sh");
  const [folders = "", ...lines] = shown.trim().split("\n");
  const results: CliResult[] = [];

  beforeAll(async () => {
    writeFileSync(join(folder, "release.json"), release);
    writeFileSync(join(folder, "attestation.json"), attestation);
    for (const name of folders.split(" ").slice(1)) mkdirSync(join(folder, name));
    for (const line of lines) {
      const words = line.replace(/^npm run settlement -- /, "").split(" ");
      const isPath = (word: string): boolean => /^(my-|release\.|attestation\.)/.test(word);
      results.push(await cli(words.map((word) => (isPath(word) ? join(folder, word) : word))));
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(lines.map((line, at) => [line, at] as const))("%s", (_, at) => {
    expect(results[at]).toMatchObject({ code: 0 });
  });

  test("end as the text says", () => {
    const [verified = "", judged = ""] = results.slice(-2).map(({ out }) => out);
    expect(folders).toMatch(/^mkdir /);
    expect(verified).toMatch(/^VERIFIED: PROVEN {2}ReleasePublished your-org\/your-repo 1\.0\.0 /);
    expect(judged).toMatch(/^PASS {2}your-org\/your-repo 1\.0\.0: /);
  });
});

describe("the commands of “Close and anchor a ledger”", () => {
  const folder = mkdtempSync(join(tmpdir(), "settlement-readme-"));
  const proof = join(folder, "release.proof.json");
  const [shown = ""] = blocksOf("README.md", "Close and anchor a ledger", "sh");
  const lines = shown.trim().split("\n");
  const results: CliResult[] = [];

  beforeAll(async () => {
    cpSync(sampleFolder, join(folder, "my-ledger"), { recursive: true });
    for (const line of lines) {
      const words = line.replace(/^npm run settlement -- /, "").split(" ");
      const args = words.map((word) =>
        /^(my-ledger|my-data|release\.proof\.json)$/.test(word) ? join(folder, word) : word,
      );
      results.push(await cli(args, { SETTLEMENT_NOW: "2026-11-21T12:00:00Z" }));
    }
  });

  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("are those of the main job", () => {
    expect(lines.map((line) => line.split(" ")[4])).toEqual(["validate", "close", "anchor", "prove", "status"]);
  });

  test.each(lines.map((line, at) => [line, at] as const))("%s", (_, at) => {
    expect(results[at]).toMatchObject({ code: 0, err: "" });
  });

  test("leave a proof that the example of the package judges", () => {
    const [example = ""] = blocksOf("README.md", "As a library", "ts");
    const url = `data:application/json;base64,${readFileSync(proof).toString("base64")}`;
    const library = pathToFileURL(join(checkout, "src/index.ts")).href;
    const code = example.replace('"repomesh-settlement"', JSON.stringify(library));
    const file = join(folder, "example.ts");
    writeFileSync(
      file,
      `const url = ${JSON.stringify(url)};\n${code}\nconsole.log(JSON.stringify({ verdict, layers }));\n`,
    );
    const { verdict, layers } = JSON.parse(execFileSync(process.execPath, [file], { encoding: "utf8" })) as Verdict;
    expect(code).not.toBe(example);
    expect(verdict).toBe("unproven");
    expect(layers.map(({ status }) => status)).not.toContain("fail");
  });
});

test("the trust file that README.md shows is one", () => {
  const [shown = ""] = blocksOf("README.md", "What a verdict means", "json");
  expect(parseTrust(parseJson(shown))).toMatchObject({ logs: [{ name: "ledger.example.org/ledger" }] });
});

describe.each(pages)("%s", (page) => {
  const links = [...textOf(page).matchAll(/\]\(([^)\s#]+)/g)].map(([, link = ""]) => link);
  const files = [...textOf(page).matchAll(/`((?:schemas|docs|ledger|scripts|src|test)\/[\w./-]+\.\w+)`/g)].map(
    ([, path = ""]) => path,
  );

  test("links to files that exist", () => {
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => !existsSync(join(checkout, dirname(page), link)))).toEqual([]);
  });

  test("names files that exist", () => {
    const own = files.filter((path) => !path.startsWith("ledger/anchors"));
    expect(own.filter((path) => !existsSync(join(checkout, path)))).toEqual([]);
  });

  test("shows commands and flags that exist", () => {
    const byName: ReadonlyMap<string, CommandSpec> = new Map(commands.map((command) => [command.name, command]));
    const unknown = commandLinesOf(page).flatMap((line) => {
      const [name = "", ...rest] = line.split(/\s+/);
      const spec = byName.get(`${name} ${rest[0] ?? ""}`) ?? byName.get(name);
      const flags = rest.filter((word) => word.startsWith("--"));
      const known = ["--help", "--config", ...(spec?.settings ?? []).map(flagOf)];
      if (!spec && name !== "help") return [`settlement ${name}`];
      return flags.filter((flag) => !known.includes(flag)).map((flag) => `settlement ${name} ${flag}`);
    });
    expect(unknown).toEqual([]);
  });
});
