import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { concatBytes, fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { appendPoint, appendBytes, formatPartition, type PartitionForm } from "../../src/core/partition-file.ts";
import { recoverPartition } from "../../src/core/partition-recovery.ts";
import { scanLines, scanPartition, splitLines, splitPartition } from "../../src/core/partition-scan.ts";
import { verdict } from "../support/trees.ts";

const forms: readonly PartitionForm[] = ["array", "lines"];
const hardText = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom('"', "\\", '\\"', "[{", "}],", "\n", "\r\n]", ",", "é€𝄞"),
);
const event = fc
  .dictionary(fc.oneof(hardText, fc.constantFrom("id", "payload")), fc.oneof(hardText, fc.jsonValue({ maxDepth: 2 })))
  .map((value) => JSON.stringify(value));
const events = fc.array(event, { maxLength: 4 });
const batch = fc.array(event, { minLength: 1, maxLength: 3 });

/** Texts of the events a file holds. */
function held(form: PartitionForm, file: string): string[] {
  return (form === "array" ? splitPartition(file) : splitLines(file)).map((item) => item.text);
}

/** A file after an append that writes in place from `at` on and stops after `count` bytes. */
function overlaid(file: Uint8Array, at: number, added: Uint8Array, count: number): Uint8Array {
  return concatBytes(file.subarray(0, at), added.subarray(0, count), file.subarray(at + count));
}

function appended(form: PartitionForm, file: string, added: readonly string[]): string {
  const point = appendPoint(form, file);
  return fromUtf8(concatBytes(utf8(file).subarray(0, point.at), appendBytes(point, added).bytes));
}

describe("our own form", () => {
  test.each([
    ["array", [], "[\n]\n"],
    ["array", ["{}"], "[\n{}\n]\n"],
    ["array", ['{"a":1}', '{"b":2}'], '[\n{"a":1}\n,{"b":2}\n]\n'],
    ["lines", [], ""],
    ["lines", ['{"a":1}', '{"b":2}'], '{"a":1}\n{"b":2}\n'],
  ] as const)("%s of %j", (form, texts, file) => {
    expect(formatPartition(form, texts)).toBe(file);
    expect(held(form, file)).toEqual(texts);
  });

  test.each(forms)("%s: appended in any batches is the same as written at once", (form) => {
    fc.assert(
      fc.property(fc.array(batch, { maxLength: 5 }), (batches) => {
        let file = formatPartition(form, []);
        let point = appendPoint(form, file);
        for (const batch of batches) {
          const { bytes, next } = appendBytes(point, batch);
          file = fromUtf8(concatBytes(utf8(file).subarray(0, point.at), bytes));
          point = next;
          expect({ ...point, lead: "" }).toEqual({ ...appendPoint(form, file), lead: "" });
          expect(appended(form, file, ["{}"])).toBe(
            fromUtf8(concatBytes(utf8(file).subarray(0, point.at), appendBytes(point, ["{}"]).bytes)),
          );
        }
        expect(file).toBe(formatPartition(form, batches.flat()));
        expect(point.isOurForm).toBe(true);
      }),
    );
  });

  test.each(forms)("%s: an append keeps every line that was there", (form) => {
    fc.assert(
      fc.property(events, batch, (before, added) => {
        const old = formatPartition(form, before).split("\n");
        const lines = formatPartition(form, [...before, ...added]).split("\n");
        const tail = form === "array" ? 2 : 1;
        expect(lines.slice(0, old.length - tail)).toEqual(old.slice(0, -tail));
      }),
    );
  });
});

describe("any JSON formatting", () => {
  const spacings = fc.constantFrom("", " ", "\n", "\r\n", "\t", "\n\n  ", "\r\n\t ");
  const foreign = fc
    .tuple(
      fc.array(fc.tuple(fc.jsonValue({ maxDepth: 4 }), fc.nat(3)), { maxLength: 6 }),
      fc.array(spacings, { minLength: 4, maxLength: 4 }),
    )
    .map(([values, [a = "", b = "", c = "", d = ""]]) => {
      const texts = values.map(([value, indent]) => JSON.stringify(value, undefined, indent));
      return { texts, file: `${a}[${b}${texts.join(`${c},${d}`)}${c}]${a}` };
    });

  test("splits to the events that were written, each on its line", () => {
    fc.assert(
      fc.property(foreign, ({ texts, file }) => {
        const items = splitPartition(file);
        expect(items.map((item) => item.text)).toEqual(texts);
        for (const [at, { index, line, text }] of items.entries()) {
          expect(index).toBe(at);
          expect(
            file
              .split("\n")
              .slice(line - 1)
              .join("\n"),
          ).toContain(text);
        }
      }),
    );
  });

  test("is appended to, and what was there stays", () => {
    fc.assert(
      fc.property(foreign, batch, ({ texts, file }, added) => {
        const longer = appended("array", file, added);
        expect(held("array", longer)).toEqual([...texts, ...added]);
        expect(longer.startsWith(file.slice(0, file.lastIndexOf("]")).trimEnd())).toBe(true);
      }),
    );
  });

  test.each([
    ["[]", '[\n{"n":1}\n]\n'],
    ["[ ]\n", '[\n{"n":1}\n]\n'],
    ['[{"a":1},{"b":2}]\n', '[{"a":1},{"b":2}\n,{"n":1}\n]\n'],
    ['[\n  {\n    "a": 1\n  }\n]\n', '[\n  {\n    "a": 1\n  }\n,{"n":1}\n]\n'],
    ['[\n  {"a": 1}\n]', '[\n  {"a": 1}\n,{"n":1}\n]'],
    ['[\r\n{"a":1}\r\n]\r\n', '[\r\n{"a":1}\r\n,{"n":1}\r\n]\r\n'],
  ])("%j grows to %j", (file, longer) => {
    expect(appendPoint("array", file).isOurForm).toBe(false);
    expect(appended("array", file, ['{"n":1}'])).toBe(longer);
  });

  test.each([
    ['{"a":1}', '{"a":1}\n{"n":1}\n'],
    ['{"a":1}\r\n{"b":2}\r\n', '{"a":1}\r\n{"b":2}\r\n{"n":1}\r\n'],
    ['{"a":1}\n\n\n', '{"a":1}\n{"n":1}\n'],
  ])("lines %j grow to %j", (file, longer) => {
    expect(appended("lines", file, ['{"n":1}'])).toBe(longer);
  });
});

describe("faults", () => {
  test.each([
    ["", 1, "begins with ["],
    ["\ufeff[]", 1, "begins with ["],
    ["{}", 1, "begins with ["],
    ["[", 1, "ends before the ]"],
    ["[\n{}\n", 3, "ends before the ]"],
    ["[\n{},\n", 3, "ends before the ]"],
    ["[{},]", 1, "a comma before the ]"],
    ["[,{}]", 1, "a comma where an event belongs"],
    ["[{}\n,\n,{}]", 3, "a comma where an event belongs"],
    ["[{}\n{}]", 2, "the comma before this event is missing"],
    ["[{}]\nx", 2, "text after the ]"],
    ["[]]", 1, "text after the ]"],
    ['[\n{"a":"]}\n', 2, "is not closed"],
    ['[\n{"a":[1}\n]', 3, "ends before the ]"],
    ['["abc', 1, "is not closed"],
  ])("%j: line %i", (file, line, message) => {
    const { faults } = scanPartition(file);
    expect(faults[0]).toMatchObject({ line, message: expect.stringContaining(message) as string });
    expect(verdict(() => splitPartition(file))).toBe("PARTITION_MALFORMED");
    expect(verdict(() => appendPoint("array", file))).toBe("PARTITION_MALFORMED");
  });

  test("are all found in one run, and the events around them too", () => {
    const { items, faults } = scanPartition("[\n{}\n{},,\n{}\n,]\nmore");
    expect(items.map((item) => item.line)).toEqual([2, 3, 4]);
    expect(faults.map((fault) => fault.line)).toEqual([3, 3, 5, 6]);
  });

  test("without end do not fill the memory", () => {
    expect(scanPartition(`[${",".repeat(100_000)}]`).faults).toHaveLength(1000);
    expect(scanLines("\n".repeat(100_000) + "{}").faults).toHaveLength(1000);
  });

  test("blank lines inside a jsonl file are faults, at its end they are not", () => {
    expect(scanLines("{}\n\n \t\r\n{}\n\n")).toEqual({
      items: [
        { index: 0, line: 1, text: "{}", start: 0 },
        { index: 1, line: 4, text: "{}", start: 8 },
      ],
      faults: [2, 3].map((line) => ({ line, message: "a blank line between events; remove it" })),
    });
    expect(verdict(() => splitLines("{}\n\n{}"))).toBe("PARTITION_MALFORMED");
  });

  test("an array is a JSON array exactly when there is no fault and each element is JSON", () => {
    const isJsonArray = (text: string): boolean => {
      try {
        return Array.isArray(JSON.parse(text));
      } catch {
        return false;
      }
    };
    const isSplit = (text: string): boolean => {
      const { items, faults } = scanPartition(text);
      return faults.length === 0 && items.every((item) => isJsonArray(`[${item.text}]`) && item.text.trim() !== "");
    };
    const piece = fc.constantFrom(
      "[",
      "]",
      "{",
      "}",
      ",",
      ":",
      '"',
      "\\",
      "1",
      "a",
      " ",
      "\n",
      '"a"',
      "{}",
      "[]",
      "\u00a0",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        for (const text of [pieces.join(""), `[${pieces.join("")}]`]) expect(isSplit(text)).toBe(isJsonArray(text));
      }),
      { numRuns: 1500 },
    );
  });
});

describe("a torn append", () => {
  test.each(forms)("%s: wherever its bytes stop, is cut back to the last whole event", (form) => {
    fc.assert(
      fc.property(events, batch, fc.nat(8), (before, added, zeros) => {
        const old = utf8(formatPartition(form, before));
        const point = appendPoint(form, fromUtf8(old));
        const text = appendBytes(point, added).bytes;
        const all = [...before, ...added];
        for (let count = 0; count <= text.length; count++) {
          const torn = concatBytes(overlaid(old, point.at, text, count), new Uint8Array(zeros));
          const recovery = recoverPartition(form, torn);
          const texts = held(form, fromUtf8(recovery?.whole ?? torn));
          expect(texts).toEqual(all.slice(0, texts.length));
          expect(texts.length).toBeGreaterThanOrEqual(before.length);
          expect(recoverPartition(form, recovery?.whole ?? utf8(formatPartition(form, all)))).toBeUndefined();
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each(forms)("%s: so is a whole file that stops anywhere", (form) => {
    fc.assert(
      fc.property(events, (all) => {
        const whole = utf8(formatPartition(form, all));
        for (let length = 0; length <= whole.length; length++) {
          const torn = whole.subarray(0, length);
          const texts = held(form, fromUtf8(recoverPartition(form, torn)?.whole ?? torn));
          expect(texts).toEqual(all.slice(0, texts.length));
          expect(texts.length === all.length || length < whole.length - 1).toBe(true);
        }
      }),
      { numRuns: 40 },
    );
  });

  test.each([
    ["array", '[\n{"a":1}\n,{"b":2', '[\n{"a":1}\n]\n', 7, 3],
    ["array", '[\n{"a":1}\n,{"b":2}', '[\n{"a":1}\n,{"b":2}\n]\n', 0, 3],
    ["array", '[\n{"a":1}\n,\n', '[\n{"a":1}\n]\n', 2, 3],
    ["array", '[\n{"a":1}\n]\n\0\0\0', '[\n{"a":1}\n]\n', 3, 4],
    ["lines", '{"a":1}\n{"b"', '{"a":1}\n', 4, 2],
    ["lines", '{"a":1}\n{"b":2}\0\0', '{"a":1}\n{"b":2}', 2, 2],
  ] as const)("%s %j becomes %j", (form, torn, whole, droppedBytes, line) => {
    const recovery = recoverPartition(form, utf8(torn));
    expect(recovery && { ...recovery, whole: fromUtf8(recovery.whole) }).toEqual({ whole, droppedBytes, line });
  });

  test("inside a character of several bytes is one too", () => {
    const torn = utf8('[\n{"a":1}\n,{"b":"é').subarray(0, -1);
    expect(fromUtf8(recoverPartition("array", torn)?.whole ?? torn)).toBe('[\n{"a":1}\n]\n');
  });

  test.each([
    ["array", '[\n{"a":1}\n,{"b":\n,{"c":3}\n'],
    ["array", '[\n{"a":1}\n,{"b":2}}'],
    ["array", '[\n{"a":1}\n\0\0\0,{"b":2}\n'],
    ["array", '[\n{"a":1}\n{"b":2'],
    ["array", '[{"a":1},{"b":2'],
    ["array", '[\r\n{"a":1}\r\n,{"b"'],
    ["array", '[\n{"a":1}\n]\n{"b"'],
    ["array", "garbage"],
    ["lines", '{"a":1}\ngarbage'],
    ["lines", '{"a":1}\n{"b":2}}'],
  ] as const)("%s %j is damage of another kind, and is not touched", (form, file) => {
    expect(recoverPartition(form, utf8(file))).toBeUndefined();
    const check =
      form === "array"
        ? splitPartition
        : (text: string) => splitLines(text).map((item) => JSON.parse(item.text) as unknown);
    expect(() => check(file)).toThrow(/line|JSON/);
  });

  test("of bytes that are not UTF-8 before it is damage", () => {
    expect(recoverPartition("array", concatBytes(utf8("[\n"), Uint8Array.of(0xff), utf8("\n,{")))).toBeUndefined();
  });
});

test("a scan takes time in proportion to the file, whatever is in it", () => {
  for (const piece of ['{"a":"\\\\\\\\"}', '"\\"\\"\\""', "[[[[", "{}\n", " "]) {
    expect(scanPartition(`[${piece.repeat(200_000)}`).faults.length).toBeGreaterThan(0);
  }
});
