import { fromBase64, fromHex, fromUtf8, toBase64, toHex, utf8 } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { JsonValue } from "../../src/core/json.ts";
import { accountIdSize, addressOf, isAddress } from "../../src/core/xrpl/address.ts";
import type { Chance } from "../simulator/chance.ts";
import { mutateBytes, otherSpelling } from "./mutate-bytes.ts";

/** A text that took another's place, and what was done. */
export type Told<T> = readonly [how: string, value: T];

const characters = [
  "0",
  "A",
  "a",
  "/",
  "+",
  "=",
  " ",
  "\n",
  "\u0000",
  "\u001b",
  "é",
  "\u2028",
  "😀",
  "\ud800",
  "\udc00",
  '"',
  "\\",
  "+/",
];
const texts = [
  "",
  "0",
  "-0",
  "null",
  "constructor",
  "__proto__",
  "local",
  "mainnet",
  "2026-08",
  "0".repeat(64),
  "—",
  "a".repeat(5000),
  "x".repeat(30_000),
];

/** Changes of any text. */
function blind(text: string, chance: Chance): Told<string> {
  const at = chance.between(0, text.length);
  const to = chance.between(at, text.length);
  const more = chance.pick(characters);
  switch (chance.below(6)) {
    case 0:
      return ["puts a character in", text.slice(0, at) + more + text.slice(at)];
    case 1:
      return ["sets a character", text.slice(0, at) + more + text.slice(at + 1)];
    case 2:
      return ["drops characters", text.slice(0, at) + text.slice(to)];
    case 3:
      return ["doubles characters", text.slice(0, to) + text.slice(at)];
    case 4:
      return ["changes the case", chance.happens(0.5) ? text.toLowerCase() : text.toUpperCase()];
    default:
      return ["takes another text", chance.pick(texts)];
  }
}

function hexText(text: string, chance: Chance): Told<string> {
  const [how, bytes] = mutateBytes(fromHex(text), chance);
  const hex = toHex(bytes);
  return [`hex: ${how}`, /[A-F]/.test(text) ? hex.toUpperCase() : hex];
}

/** Other spellings of the same bytes, which a strict reader refuses. */
function respelt(text: string, chance: Chance): Told<string> {
  switch (chance.below(4)) {
    case 0:
      return ["base64: no padding", text.replace(/=+$/, "")];
    case 1:
      return ["base64: of URLs", text.replaceAll("+", "-").replaceAll("/", "_")];
    case 2:
      return ["base64: a line break", `${text.slice(0, 60)}\n${text.slice(60)}`];
    default: {
      const stem = text.replace(/=+$/, "");
      const last = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
      const next = last[(last.indexOf(stem.slice(-1)) + 1) % 64] ?? "A";
      return ["base64: another last digit", stem.slice(0, -1) + next + text.slice(stem.length)];
    }
  }
}

/** JSON inside, as in a signed validator list. */
function innerJson(bytes: Uint8Array): JsonValue | undefined {
  if (bytes[0] !== 0x7b) return undefined;
  try {
    return JSON.parse(fromUtf8(bytes)) as JsonValue;
  } catch {
    return undefined;
  }
}

function base64Text(text: string, bytes: Uint8Array, chance: Chance, mutate: MutateJson): Told<string> {
  if (chance.happens(0.15)) return respelt(text, chance);
  const json = innerJson(bytes);
  if (json !== undefined && chance.happens(0.7)) {
    const [how, value] = mutate(json, chance);
    return [`base64 of JSON: ${how}`, toBase64(utf8(JSON.stringify(value).toWellFormed()))];
  }
  const [how, changed] = mutateBytes(bytes, chance);
  return [`base64: ${how}`, toBase64(changed)];
}

/** Changes of signed notes: their lines, their signatures. */
function note(text: string, chance: Chance): Told<string> {
  const gap = text.lastIndexOf("\n\n");
  const [head, lines] = [
    text.slice(0, gap + 1).split("\n"),
    text
      .slice(gap + 2)
      .split("\n")
      .slice(0, -1),
  ];
  const whole = (top: readonly string[], bottom: readonly string[]): string =>
    `${top.join("\n")}\n${bottom.map((line) => `${line}\n`).join("")}`;
  const [first = ""] = lines;
  const [, name = "", encoded = ""] = first.split(" ");
  switch (chance.below(8)) {
    case 0:
      return [
        "note: a stranger signs too",
        whole(head, [...lines, `— witness.example ${toBase64(new Uint8Array(68).fill(chance.below(256)))}`]),
      ];
    case 1:
      return ["note: the same signature twice", whole(head, [...lines, first])];
    case 2:
      return ["note: signatures in another order", whole(head, lines.toReversed())];
    case 3:
      return [
        "note: a bad signature by the same key",
        whole(head, [
          ...lines,
          `— ${name} ${toBase64(mutateBytes(new Uint8Array(Buffer.from(encoded, "base64")), chance)[1])}`,
        ]),
      ];
    case 4:
      return [
        "note: one line more",
        whole([...head.slice(0, -1), chance.pick(["", "0", "extension", "— x y"]), ""], lines),
      ];
    case 5: {
      const at = chance.below(head.length);
      const [how, line] = blind(head[at] ?? "", chance);
      return [`note: its line ${at} ${how}`, whole(head.with(at, line), lines)];
    }
    case 6:
      return ["note: lines end in CR LF", text.replaceAll("\n", "\r\n")];
    default:
      return ["note: another size", whole(head.with(1, String(Number(head[1]) + chance.pick([-1, 1, 256]))), lines)];
  }
}

export type MutateJson = (value: JsonValue, chance: Chance) => Told<JsonValue>;

function asBase64(text: string): Uint8Array | undefined {
  if (text.length < 24 || text.length % 4 !== 0) return undefined;
  try {
    return fromBase64(text);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}

/** A text whose bytes are or hold a signature, with that in another spelling; undefined for other texts. */
export function respeltSignature(text: string, chance: Chance): Told<string> | undefined {
  const isHex = /^([0-9A-F]{2}){8,}$/.test(text);
  const bytes = isHex ? fromHex(text) : asBase64(text);
  const [how, changed] = (bytes && otherSpelling(bytes, chance)) ?? [];
  return how && changed ? [how, isHex ? toHex(changed).toUpperCase() : toBase64(changed)] : undefined;
}

/**
 * Another text, changed by what it holds.
 *
 * @param mutate - changes a document that lies inside
 */
export function mutateText(text: string, chance: Chance, mutate: MutateJson): Told<string> {
  if (chance.happens(0.2)) return blind(text, chance);
  if (text.includes("\n\n— ")) return note(text, chance);
  if (/^([0-9a-fA-F]{2}){8,}$/.test(text)) return hexText(text, chance);
  if (isAddress(text)) return ["another account", addressOf(new Uint8Array(accountIdSize).fill(chance.below(256)))];
  const bytes = asBase64(text);
  return bytes ? base64Text(text, bytes, chance, mutate) : blind(text, chance);
}
