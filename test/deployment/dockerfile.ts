import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

export const checkout: string = fileURLToPath(new URL("../../", import.meta.url));

export interface Instruction {
  readonly keyword: string;
  readonly rest: string;
}

export interface Stage {
  readonly name: string;
  /** Image, or name of an earlier stage. */
  readonly from: string;
  readonly instructions: readonly Instruction[];
}

function instructionsOf(text: string): readonly Instruction[] {
  const lines = text.split("\n").filter((line) => !/^\s*#/.test(line));
  return lines
    .join("\n")
    .replace(/\\\n\s*/g, "")
    .split("\n")
    .filter((line) => line.trim() !== "")
    .map((line) => {
      const [, keyword = "", rest = ""] = /^([A-Z]+) (.*)$/.exec(line) ?? [];
      return { keyword, rest };
    });
}

/** Stages of a Dockerfile, in order. */
function parseDockerfile(text: string): readonly Stage[] {
  const stages: (Stage & { readonly instructions: Instruction[] })[] = [];
  for (const instruction of instructionsOf(text)) {
    const [, from = "", name = ""] = /^(\S+)(?: AS (\S+))?$/.exec(instruction.rest) ?? [];
    if (instruction.keyword === "FROM") stages.push({ name, from, instructions: [] });
    else stages.at(-1)?.instructions.push(instruction);
  }
  return stages;
}

/** The stages of this package's image. */
export function imageStages(): readonly Stage[] {
  return parseDockerfile(readFileSync(join(checkout, "Dockerfile"), "utf8"));
}

export interface Copy {
  /** Stage that is copied from; undefined for the build context. */
  readonly stage: string | undefined;
  readonly sources: readonly string[];
  readonly target: string;
}

export function copyOf({ rest }: Instruction): Copy {
  const [, stage, paths = ""] = /^(?:--from=(\S+) )?(.*)$/.exec(rest) ?? [];
  const words = paths.split(" ");
  return { stage, sources: words.slice(0, -1), target: words.at(-1) ?? "" };
}

/** The array of an instruction in exec form. */
export function execForm(rest: string): readonly string[] {
  return JSON.parse(rest.slice(rest.indexOf("["))) as readonly string[];
}

/** Does a pattern of `.dockerignore` mean a path, or a folder that the path is in? */
function means(pattern: string, path: string): boolean {
  const expression = pattern
    .replace(/[.+^${}()|[\]\\]/g, "\\$&")
    .replaceAll("**/", "\0")
    .replaceAll("*", "[^/]*")
    .replaceAll("\0", "(?:.*/)?");
  return new RegExp(`^${expression}(?:/|$)`).test(path);
}

/** Whether `.dockerignore` lets a path into the build; the last pattern that means it decides. */
export function isInContext(path: string): boolean {
  const patterns = readFileSync(join(checkout, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"));
  const last = patterns.findLast((pattern) => means(pattern.replace(/^!/, ""), path));
  return last?.startsWith("!") ?? true;
}

/** Files of this checkout that a build sees. */
export function contextFiles(folder = ""): readonly string[] {
  return readdirSync(join(checkout, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}${entry.name}`;
    if (entry.isDirectory() && [".git", "node_modules"].includes(entry.name)) return [];
    return entry.isDirectory() ? contextFiles(`${path}/`) : isInContext(path) ? [path] : [];
  });
}
