import { cpSync, rmSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { BadInput } from "./bad-input/bad-input.ts";
import { bundles } from "./bad-input/bundles.ts";
import { chains } from "./bad-input/chains.ts";
import { closedMonths } from "./bad-input/closed-months.ts";
import { files } from "./bad-input/files.ts";
import { jsonFiles } from "./bad-input/json-files.ts";
import { names } from "./bad-input/names.ts";
import { order } from "./bad-input/order.ts";
import { everythingIn, makePlace, type Place, placeAt } from "./bad-input/place.ts";
import { secrets } from "./bad-input/secrets.ts";
import { settings } from "./bad-input/settings.ts";
import type { Verdict } from "../src/core/verdict.ts";
import { cli, type CliResult } from "./support/cli.ts";
import { temporaryFolder } from "./support/temporary-folder.ts";

let sound: Place;

beforeAll(async () => {
  sound = await makePlace();
});

afterAll(() => rmSync(sound.root, { recursive: true, force: true }));

function argumentsOf({ run }: BadInput, place: Place): readonly string[] {
  const { root: ROOT, ledger: LEDGER, data: DATA, trust: TRUST, proof: PROOF } = place;
  const paths: Readonly<Record<string, string>> = { ROOT, LEDGER, DATA, TRUST, PROOF };
  const words = typeof run === "string" ? run.split(" ") : run;
  return words.map((word) => word.replace(/\b(?:ROOT|LEDGER|DATA|TRUST|PROOF)\b/, (name) => paths[name] ?? name));
}

interface Finding {
  readonly code: string;
  readonly severity: string;
  readonly file: string;
  readonly message: string;
  readonly hint: string;
}

/** The message that a case is about; the answer is of the form and code it should be. */
function messageOf({ answer }: BadInput, { code, out, err }: CliResult): string {
  if ("error" in answer) {
    expect(err).toMatch(new RegExp(`^(note: .*\n)*${answer.error}: .*\n$`));
    expect([code, out]).toEqual([answer.exit, ""]);
    return err;
  }
  expect(err).toMatch(/^(note: .*\n)*$/);
  expect(code).toBe(1);
  if ("finding" in answer) {
    const { findings } = JSON.parse(out) as { findings: readonly Finding[] };
    const { finding: code, ...place } = answer;
    const wanted = { code, severity: "error", ...place };
    expect(findings).toContainEqual(expect.objectContaining(wanted));
    const found = findings.filter((each) => each.code === code && each.file === (answer.file ?? each.file));
    return found.map(({ file, message, hint }) => `${file}: ${message}; ${hint}`).join("\n");
  }
  const { verdict, summary, layers } = JSON.parse(out) as Verdict;
  expect(verdict).toBe("failed");
  const [failed] = layers.filter(({ status }) => status === "fail");
  expect(failed?.layer).toBe(answer.layer);
  return failed ? failed.detail : summary;
}

/** Longest message that can still be read. */
const maxMessageLength = 2000;

/** No secret is shown, nothing of the program, and no path but those the user gave. */
function requireDiscreet(input: BadInput, place: Place, { out, err }: CliResult): void {
  const shown = out + err;
  const keys = ["data/settlement-key.pem", "data/local-account.seed"].map((path) => sound.text(path));
  const lines = [...keys, ...(input.secrets ?? [])].flatMap((secret) => secret.split("\n"));
  for (const line of lines) if (line.length > 8 && !line.startsWith("-----")) expect(shown).not.toContain(line);
  expect(shown).not.toMatch(/\n {4}at |node_modules|node:internal/);
  const given = argumentsOf(input, place).toSorted((a, b) => b.length - a.length);
  const others = given.reduce((text, argument) => (argument === "" ? text : text.replaceAll(argument, "")), shown);
  for (const folder of [place.root, process.cwd()]) expect(others).not.toContain(folder);
  expect(err.length).toBeLessThan(maxMessageLength);
}

function requireWhole({ leaves = [] }: BadInput, before: ReadonlyMap<string, string>, place: Place): void {
  const after = everythingIn(place.root);
  for (const path of leaves) expect(before.has(path)).toBe(false);
  const others = [...after].filter(([path]) => !leaves.some((leaf) => path === leaf || path.startsWith(`${leaf}/`)));
  expect(new Map(others)).toEqual(before);
}

describe.each([
  ["JSON files", jsonFiles],
  ["names", names],
  ["files", files],
  ["closed months", closedMonths],
  ["bundles", bundles],
  ["settings", settings],
  ["secrets", secrets],
  ["chains", chains],
  ["order", order],
])("%s", (_, inputs) => {
  test.each(inputs)("$name", async (input) => {
    const place = placeAt(temporaryFolder());
    cpSync(sound.root, place.root, { recursive: true });
    await input.spoil?.(place);
    const before = everythingIn(place.root);
    const result = await cli(argumentsOf(input, place), input.env);
    const message = messageOf(input, result);
    for (const phrase of input.says) expect(message).toContain(phrase);
    requireDiscreet(input, place, result);
    requireWhole(input, before, place);
  });
});
