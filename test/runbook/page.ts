import { readFileSync } from "node:fs";
import { expect, onTestFinished } from "vitest";

export const page = readFileSync(new URL("../../docs/runbook.md", import.meta.url), "utf8");

/** Headings of the page's sections. */
export const titles: readonly string[] = [...page.matchAll(/^## (.+)$/gm)].map(([, title = ""]) => title);

interface Block {
  /** `sh`: commands. `text`: what the last command prints, or `settlement status`. `json`: members of `config.json`. */
  readonly language: string;
  readonly code: string;
}

/** Code blocks of a section, in order. */
export function blocksOf(title: string): readonly Block[] {
  const [, after = ""] = `\n${page}`.split(`\n## ${title}\n`);
  const blocks = (after.split("\n## ")[0] ?? "").matchAll(/^```(\w*)\n(.*?)^```$/gms);
  return [...blocks].map(([, language = "", code = ""]) => ({ language, code }));
}

/** What has to be in the shell before any command of the page. */
export const prelude = blocksOf("Names and commands").find(({ language }) => language === "sh")?.code ?? "";

/** The blocks of a section, to be gone through in their order. A test that does not come to the end of them fails. */
export interface Walk {
  sh(): string;
  text(): string;
  json(): Readonly<Record<string, unknown>>;
}

export function walk(title: string): Walk {
  const left = [...blocksOf(title)];
  const next = (language: string): string => {
    const block = left.shift();
    expect(block?.language, `the next block of “${title}”`).toBe(language);
    return block?.code ?? "";
  };
  expect(left, `blocks of “${title}”`).not.toEqual([]);
  onTestFinished(({ task }) => {
    // A test that failed before has told already.
    if (task.result?.state !== "fail") expect(left, `blocks of “${title}” that were not tried`).toEqual([]);
  });
  return {
    sh: () => next("sh"),
    text: () => next("text"),
    json: () => JSON.parse(next("json")) as Record<string, unknown>,
  };
}

/** A regular expression of a text. */
export function literally(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}

function lineOf(shown: string): RegExp {
  const parts = shown.trim().split("…");
  const literal = parts.map((part) => literally(part).replace(/\s+/g, String.raw`\s+`));
  return new RegExp(String.raw`^\s*${literal.join(".*")}\s*$`);
}

/** Lines of a shown text that an output does not have, in this order; `…` stands for anything, and blanks for blanks. */
export function missingFrom(output: string, shown: string): readonly string[] {
  const lines = output.split("\n");
  return shown
    .split("\n")
    .filter((line) => line.trim() !== "")
    .filter((line) => {
      const at = lines.findIndex((each) => lineOf(line).test(each));
      lines.splice(0, at + 1);
      return at < 0;
    });
}
