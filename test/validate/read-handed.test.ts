import { describe, expect, test } from "vitest";
import { nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { dialectOf } from "../../src/core/ledger-event.ts";
import { findingList } from "../../src/validate/finding.ts";
import { plainLines } from "../../src/validate/plain-lines.ts";
import { readHanded } from "../../src/validate/read-handed.ts";
import { eventsIn, type Json, jsonlFiles, linesPath, monthlyFiles, signAgain } from "../support/build-ledger.ts";

const monthly = Object.keys(monthlyFiles())
  .filter((path) => /^\d/.test(path))
  .flatMap((path) => eventsIn(monthlyFiles(), path));
const events = [...monthly, ...eventsIn(jsonlFiles(), linesPath)];
const plain = plainLines(nodeSha256);
const dialects = ["monthly", "jsonl", undefined] as const;

/** What is read, and the faults that are found; with the sooner way and without it. */
function bothWays(handed: unknown, dialect: (typeof dialects)[number]): readonly [unknown, unknown] {
  const read = (more: Partial<Parameters<typeof readHanded>[2]>): unknown => {
    const list = findingList();
    return { entry: readHanded(handed, dialect, { sink: list, sha256: nodeSha256, ...more }), faults: list.findings };
  };
  return [read({ plain }), read({})];
}

describe("an event that is handed in is read the same way with the reader of plain events and without it", () => {
  test.for(events)("$type", (event) => {
    const text = JSON.stringify(event);
    for (const dialect of dialects) {
      for (const handed of [event, text, utf8(text), utf8(`${text}\n`), utf8(` ${text}`), utf8(`${text}${text}`)]) {
        const [sooner, usual] = bothWays(handed, dialect);
        expect(sooner).toEqual(usual);
      }
    }
  });

  test.for(events)("$type, each of its bytes another one", (event) => {
    const good = utf8(JSON.stringify(event));
    const others = [0x00, 0x0a, 0x20, 0x22, 0x2c, 0x30, 0x5c, 0x7b, 0x7d, 0x80, 0xff];
    for (let at = 0; at < good.length; at++) {
      const bytes = Uint8Array.from(good);
      bytes[at] = others[at % others.length] ?? 0;
      const [sooner, usual] = bothWays(bytes, dialectOf(event));
      expect(sooner).toEqual(usual);
    }
  });
});

describe("an event with an id that is right is read the same way, however its JSON is spelled", () => {
  const [first = {}] = monthly;
  const member = { text: "abc", number: 1000, none: 0, list: [1, [2]], __proto__x: 1 };
  const payload = { ...(first["payload"] as Json), extensions: { "org.example.build": member } };
  const good = JSON.stringify(signAgain({ ...first, payload }));
  const deep = `${"[".repeat(30)}${"]".repeat(30)}`;

  test.for([
    { name: "as it is", from: "", to: "" },
    { name: "an escape", from: `"abc"`, to: String.raw`"\u0061bc"` },
    { name: "an escaped name", from: `"text"`, to: String.raw`"t\u0065xt"` },
    { name: "a lone surrogate", from: `"abc"`, to: String.raw`"\ud800"` },
    { name: "an exponent", from: ":1000", to: ":1e3" },
    { name: "decimals of nothing", from: ":1000", to: ":1000.0" },
    { name: "a zero before", from: ":1000", to: ":01000" },
    { name: "a number beyond doubles", from: ":1000", to: ":1000000000000000000001" },
    { name: "minus zero", from: `"none":0`, to: `"none":-0` },
    { name: "a member twice", from: `"none":0`, to: `"none":0,"none":0` },
    { name: "a member twice, apart", from: `"none":0`, to: `"none":0,"text":"abc"` },
    { name: "__proto__", from: `"__proto__x"`, to: `"__proto__"` },
    { name: "a name that is not ASCII", from: `"__proto__x"`, to: `"é"` },
    { name: "a space", from: ":1000", to: ": 1000" },
    { name: "a line feed", from: ":1000", to: ":\n1000" },
    { name: "nesting", from: "[1,[2]]", to: deep },
    { name: "a comma too many", from: "[1,[2]]", to: "[1,[2],]" },
    { name: "a word that is cut off", from: ":1000", to: ":tru" },
  ])("$name", ({ from, to }) => {
    const text = good.replace(from, () => to);
    expect(text === good).toBe(from === "");
    const [sooner, usual] = bothWays(utf8(text), "monthly");
    if (from === "") expect(usual).toMatchObject({ entry: { isSound: true }, faults: [] });
    expect(sooner).toEqual(usual);
  });

  test("behind a longer one whose rest is still there", () => {
    for (const length of [1, 2, 60, good.length - 90, good.length - 1]) {
      bothWays(utf8(good), "monthly");
      const [sooner, usual] = bothWays(utf8(good.slice(0, length)), "monthly");
      expect(sooner).toEqual(usual);
    }
  });
});

test("most events are plain, and of the dialect that they are read in", () => {
  const read = events.map((event) => {
    const bytes = utf8(JSON.stringify(event));
    plain.open(bytes);
    return plain.read(0, bytes.length, new Uint8Array(32), 0)?.dialect ?? "other";
  });
  const isOne = (found: string, at: number): boolean => found === dialectOf(events[at] ?? {});
  expect(read.filter((found, at) => found !== "other" && !isOne(found, at))).toEqual([]);
  expect(read.filter(isOne).length).toBeGreaterThan(0.8 * events.length);
});
