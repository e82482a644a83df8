import { isJsonObject, type JsonValue } from "../../src/core/json.ts";
import type { Chance } from "../simulator/chance.ts";
import type { Told } from "./mutate-texts.ts";
import { isList } from "./places.ts";

function space(chance: Chance): string {
  return chance.happens(0.9) ? "" : chance.pick([" ", "\n", "\t", "\r\n", "    "]);
}

function spelltString(text: string, chance: Chance): string {
  const plain = JSON.stringify(text);
  if (chance.happens(0.9)) return plain;
  return `"${Array.from(plain.slice(1, -1), (char) => (/[A-Za-z0-9]/.test(char) && !plain.includes("\\") && chance.happens(0.1) ? `\\u${char.charCodeAt(0).toString(16).padStart(4, "0")}` : char)).join("")}"`;
}

function spelltNumber(value: number, chance: Chance): string {
  if (chance.happens(0.85)) return JSON.stringify(value);
  return chance.pick([`${value}.0`, `${value}e0`, `${value}E+0`, `${value * 10}e-1`, `0${value}`, `+${value}`]);
}

/** A document in another spelling of the same JSON value, or nearly: order of members, white space, escapes, numbers. */
export function spelt(value: JsonValue, chance: Chance): string {
  const inner = (): string => space(chance);
  if (typeof value === "string") return spelltString(value, chance);
  if (typeof value === "number") return spelltNumber(value, chance);
  if (isList(value)) return `[${value.map((item) => inner() + spelt(item, chance) + inner()).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const entries = Object.entries(value);
  const ordered = chance.happens(0.7) ? entries : entries.toReversed();
  const members = ordered.map(
    ([name, member]) => `${inner()}${spelltString(name, chance)}${inner()}:${inner()}${spelt(member, chance)}`,
  );
  return `{${members.join(`${inner()},`)}${inner()}}`;
}

const tokens = [
  "{",
  "}",
  "[",
  "]",
  ",",
  ":",
  '"',
  "null",
  "true",
  "1e999",
  "-",
  "\\",
  "\\u0000",
  "\\ud800",
  "\u0000",
  "\ufeff",
  "//",
  '"__proto__":{"v":1},',
];

/** Changes of a text that need not leave it JSON. */
export function mutateSource(text: string, donor: string, chance: Chance): Told<string> {
  const at = chance.between(0, text.length);
  const to = Math.min(text.length, at + chance.below(200));
  switch (chance.below(8)) {
    case 0:
      return ["source: puts a token in", text.slice(0, at) + chance.pick(tokens) + text.slice(at)];
    case 1:
      return ["source: drops characters", text.slice(0, at) + text.slice(to)];
    case 2:
      return ["source: ends early", text.slice(0, at)];
    case 3:
      return ["source: doubles characters", text.slice(0, to) + text.slice(at)];
    case 4:
      return ["source: goes on as the donor", text.slice(0, at) + donor.slice(chance.between(0, donor.length))];
    case 5: {
      const [member = ""] = /"[^"]+":("[^"]*"|\d+),/.exec(text.slice(at)) ?? [];
      const brace = text.indexOf("{", chance.below(text.length));
      return [`source: ${member.slice(0, 30)} comes twice`, text.slice(0, brace + 1) + member + text.slice(brace + 1)];
    }
    case 6:
      return ["source: goes on after its end", text + chance.pick([" ", "\n\n", text, "x", "\u0000"])];
    default:
      return ["source: begins with more", chance.pick(["\ufeff", " ", "\n", "[", "x", "#"]) + text];
  }
}

/** Bytes that have nothing to do with any seed. */
export function rawBytes(chance: Chance): Told<Uint8Array> {
  const length = chance.pick([0, 1, 10, 100, 2000]);
  switch (chance.below(4)) {
    case 0:
      return ["raw: any bytes", Uint8Array.from({ length }, () => chance.below(256))];
    case 1:
      return ["raw: tokens", Buffer.from(Array.from({ length }, () => chance.pick(tokens)).join(""))];
    case 2: {
      const [open, close] = chance.pick([
        ["[", "]"],
        ['{"a":', "}"],
        ['[{"a":[', "]}]"],
      ] as const);
      const depth = length * chance.pick([1, 20]);
      return ["raw: deep", Buffer.from(open.repeat(depth) + (chance.happens(0.5) ? `0${close.repeat(depth)}` : ""))];
    }
    default:
      return ["raw: one long token", Buffer.from(chance.pick(['"', "1", "-", "\\u", " ", "[\n"]).repeat(length * 20))];
  }
}
