import { describe, expect, test } from "vitest";

import { maxRequestSize, readJson } from "../../../src/localnet/rpc/json.ts";

const nested = (depth: number): string => `${"[".repeat(depth)}${"]".repeat(depth)}`;

describe("readJson", () => {
  test.for([
    ["{}", {}],
    ["[1]", [1]],
    ["null", null],
    ['{"a":"[[[[[[[[[[[[[[[[[[[[[[[[[[[[[["}', { a: "[".repeat(30) }],
    ['{"a":"\\"[["}', { a: '"[[' }],
    [nested(25), JSON.parse(nested(25))],
  ] as const)("$0 is read", ([text, value]) => {
    expect(readJson(text)).toEqual({ value });
  });

  test.for([
    ["", "* Line 1, Column 1\n  Syntax error: value, object or array expected.\n"],
    ["x", "* Line 1, Column 1\n  Syntax error: value, object or array expected.\n"],
    ['{"a": "b"', "* Line 1, Column 10\n  Missing ',' or '}' in object declaration\n"],
    ['{"a": 1\n,"b" 2}', "* Line 2, Column 6\n  Missing ':' after object member name\n"],
    ["[1 2]", "* Line 1, Column 4\n  Missing ',' or ']' in array declaration\n"],
    ["{1:2}", "* Line 1, Column 2\n  Missing '}' or object member name\n"],
    ['"text"', "* Line 1, Column 1\n  A valid JSON document must be either an array or an object value.\n"],
    ["7", "* Line 1, Column 1\n  A valid JSON document must be either an array or an object value.\n"],
    [nested(26), "* Line 1, Column 26\n  Syntax error: maximum nesting depth exceeded\n"],
    [`{"a":"${"x".repeat(maxRequestSize)}"}`, ""],
  ] as const)("refused in jsoncpp's words: $1", ([text, fault]) => {
    expect(readJson(text)).toEqual({ fault });
  });

  test("a member called __proto__ is data like any other", () => {
    const reading = readJson('{"__proto__":{"role":"admin"}}');
    expect("value" in reading && Object.keys(reading.value as object)).toEqual(["__proto__"]);
  });
});
