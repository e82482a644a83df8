import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { runbookSections } from "../../src/cli/advice.ts";
import { blocksOf, missingFrom, page, titles } from "./page.ts";

const tests = [".", "../services"]
  .map((folder) => new URL(`${folder}/`, import.meta.url))
  .flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => name.endsWith(".test.ts"))
      .map((name) => readFileSync(new URL(name, folder), "utf8")),
  )
  .join("\n");

function anchorOf(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^\w\s-]/g, "")
    .replaceAll(" ", "-");
}

test("every section that settlement status names is on the page", () => {
  expect(runbookSections.filter((title) => !titles.includes(title))).toEqual([]);
});

test("every link within the page leads to a section", () => {
  const links = [...page.matchAll(/\]\(#([^)]+)\)/g)].map(([, link]) => link);
  expect(links.filter((link) => !titles.map(anchorOf).includes(link ?? ""))).toEqual([]);
});

test("every section with commands is gone through by a test", () => {
  const tried = titles.filter((title) => blocksOf(title).some(({ language }) => language === "sh"));
  const untried = tried.filter((title) => title !== "Names and commands" && !tests.includes(`walk("${title}")`));
  expect(untried).toEqual([]);
});

test("every path of the commands is explained", () => {
  const explained = [...page.matchAll(/^\| (`[^|]+`) +\|/gm)].flatMap(([, cell = ""]) =>
    [...cell.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name),
  );
  const code = titles.flatMap((title) => blocksOf(title)).filter(({ language }) => language === "sh");
  const paths = code.flatMap(({ code: text }) => text.match(/(?<![\w.:/])\/[a-z]+[\w./-]*/g) ?? []);
  expect(paths.filter((path) => !explained.some((name) => path.startsWith(name)))).toEqual([]);
});

test.for([
  ["a  1\nb", "a 1\nb", []],
  ["x a 1", "a 1", ["a 1"]],
  ["a\nb", "b\na", ["a"]],
  ["a.c", "a…", []],
  ["abc", "a.c", ["a.c"]],
  ["a\n", "a\na", ["a"]],
] as const)("of %j, shown as %j, there is missing %j", ([output, shown, missing]) => {
  expect(missingFrom(output, shown)).toEqual(missing);
});
