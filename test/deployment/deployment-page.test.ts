import { readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { allCommands } from "../../src/cli/commands.ts";
import { anchorSigner } from "../../src/compose-account.ts";
import { flagOf, readConfig, variableOf } from "../../src/config.ts";
import { type Setting, settings } from "../../src/settings.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";
import { composeFile, composeText, mountsOf, overlaid, parseCompose, type ComposeFile } from "./compose-file.ts";
import { composeFaults } from "./compose-schema.ts";

const commands = await allCommands();

const page = readFileSync(new URL("../../docs/deployment.md", import.meta.url), "utf8");
const source = readFileSync(new URL("../../src/config.ts", import.meta.url), "utf8");
const { services, volumes } = composeFile();

function sectionOf(title: string): string {
  const [, section = ""] = page.split(`\n## ${title}\n`);
  return section.split("\n## ")[0] ?? "";
}

/** Cells of the rows of a table, code marks gone from the first. */
function rowsOf(markdown: string): readonly (readonly string[])[] {
  const rows = markdown.split("\n").filter((line) => line.startsWith("| `"));
  return rows.map((line) => {
    const [first = "", ...rest] = line.split("|").slice(1, -1);
    return [first.replaceAll("`", "").trim(), ...rest.map((cell) => cell.trim())];
  });
}

function blocksOf(language: string): readonly string[] {
  return [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)]
    .filter(([, name]) => name === language)
    .map(([, , code = ""]) => code);
}

/** Services of the Compose file that name a variable. */
function usersOf(variable: string): string {
  const users = Object.entries(services).filter(([, { environment = {} }]) => Object.hasOwn(environment, variable));
  if (users.length > 0) return users.map(([name]) => name).join(", ");
  return composeText.includes(`\${${variable}:-`) ? "Compose itself" : "";
}

test("every setting is in the table, with its default, its meaning and who gets it, and nothing else is", () => {
  const expected = Object.entries<Setting>(settings).map(([name, { value, about }]) => {
    const shown = value === undefined || value === false ? "" : `\`${String(value)}\``;
    return [variableOf(name), shown, about.replaceAll("<", "\\<"), usersOf(variableOf(name))];
  });
  expect(rowsOf(sectionOf("Variables").split("\n### ")[0] ?? "")).toEqual(expected);
});

test("every variable beside the settings is in the second table, and nothing else is", () => {
  const found = [...source.matchAll(/env\["(\w+)"\]/g)].map(([, name = ""]) => name);
  const [, second = ""] = sectionOf("Variables").split("\n### ");
  expect(rowsOf(second).map(([name]) => name)).toEqual([...new Set(found)].toSorted());
});

test("every variable that the page names exists", () => {
  const known = [...Object.keys(settings).map(variableOf), ...source.matchAll(/env\["(\w+)"\]/g)].map(String);
  const named = [...page.matchAll(/\bSETTLEMENT_\w+/g)].map(([name]) => name);
  expect(named.filter((name) => !known.some((each) => each.includes(name)))).toEqual([]);
});

test("every command that the page runs in a container exists, with its flags", () => {
  const shown = [...page.matchAll(/exec (?:api|worker) settlement ([a-z-]+)([^`\n]*)/g)];
  expect(shown.length).toBeGreaterThan(1);
  for (const [, name, flags = ""] of shown) {
    const spec = commands.find((command) => command.name === name);
    const known = (spec?.settings ?? []).map(flagOf);
    expect(flags.match(/--[a-z-]+/g)?.filter((flag) => !known.includes(flag)) ?? []).toEqual([]);
    expect(spec?.name).toBe(name);
  }
});

test("every service is in the table of services, with its image's user", () => {
  const rows = rowsOf(sectionOf("Containers"));
  expect(rows.map(([name]) => name)).toEqual(Object.keys(services));
});

test("every volume is in the table of volumes, with those who mount it", () => {
  const expected = Object.keys(volumes).map((volume) => {
    const users = Object.entries(services).filter(([, each]) => mountsOf(each).some(({ source }) => source === volume));
    return [volume, users.map(([name]) => name).join(", ")];
  });
  expect(rowsOf(sectionOf("Volumes")).map(([name, users]) => [name, users])).toEqual(expected);
});

describe("the configuration file of a server", () => {
  test.each(blocksOf("json"))("%s", (json) => {
    const file = join(temporaryFolder(), "config.json");
    writeFileSync(file, json);
    expect(readConfig({ config: file }, {}).given.size).toBe(Object.keys(JSON.parse(json) as object).length);
  });

  test("is there", () => {
    expect(blocksOf("json")).toHaveLength(1);
  });
});

describe("an override of the Compose file", () => {
  const overrides = blocksOf("yaml");

  test.each(overrides)("%s", (yaml) => {
    const merged = overlaid(parseCompose(composeText), parse(yaml)) as ComposeFile;
    expect(composeFaults(merged)).toEqual([]);
    const secrets = Object.keys(merged.secrets ?? {});
    for (const { secrets: used = [], environment = {} } of Object.values(merged.services)) {
      const named = Object.values(environment).flatMap((value) => (value?.startsWith("/run/secrets/") ? [value] : []));
      expect(named.toSorted()).toEqual(used.map((name) => `/run/secrets/${name}`).toSorted());
      expect(secrets).toEqual(expect.arrayContaining([...used]));
    }
  });

  test("that signs by a program takes the seed away", () => {
    const above = overrides.find((yaml) => yaml.includes("SETTLEMENT_SIGNER_COMMAND")) ?? "";
    const { worker } = (overlaid(parseCompose(composeText), parse(above)) as ComposeFile).services;
    const env = Object.entries(worker?.environment ?? {}).filter(([, value]) => value !== null);
    const signer = anchorSigner(readConfig({}, Object.fromEntries(env) as Record<string, string>));
    expect(signer.account).toMatch(/^r/);
    const [program = ""] = (worker?.environment?.["SETTLEMENT_SIGNER_COMMAND"] ?? "").split(",");
    const folders = worker ? mountsOf(worker).map(({ target }) => target) : [];
    expect(folders).toContain(dirname(program));
  });

  test("is there", () => {
    expect(overrides.length).toBeGreaterThan(1);
  });
});

describe("a file of variables for Compose", () => {
  const files = blocksOf("ini").map((text) =>
    Object.fromEntries(
      text
        .trim()
        .split("\n")
        .map((line) => line.split(/=(.*)/).slice(0, 2)),
    ),
  ) as readonly Record<string, string>[];

  test.each(files)("%o", (env) => {
    const { SETTLEMENT_LEDGER: ledger, ...rest } = env;
    expect(composeFaults(composeFile(env))).toEqual([]);
    // A bare name would be taken for that of a volume.
    expect(ledger ?? "./").toMatch(/^\.?\//);
    const { api, worker } = composeFile(env).services;
    const reached = Object.keys({ ...api?.environment, ...worker?.environment });
    expect(reached).toEqual(expect.arrayContaining(Object.keys(rest)));
    expect(readConfig({}, rest).given.size).toBe(Object.keys(rest).length);
  });

  test("is there", () => {
    expect(files.length).toBeGreaterThan(0);
  });
});
