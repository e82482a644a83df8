import { describe, expect, test } from "vitest";
import { concatBytes, fromHex, fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { parseGitCommit } from "../../src/core/git-commit.ts";

const [tree, one, two] = ["a1".repeat(20), "b2".repeat(20), "c3".repeat(20)];
const people = "author A <a@example.org> 1767607200 +0100\ncommitter B <b@example.org> 1767607300 -0230\n";
const signature = "gpgsig -----BEGIN SSH SIGNATURE-----\n AAAA\n \n -----END SSH SIGNATURE-----\n";
const message = "\nadd a node\n\ngpgsig is a word here\n";

function parsed(text: string) {
  return parseGitCommit(utf8(text));
}

test("an unsigned root commit", () => {
  const text = `tree ${tree}\n${people}${message}`;
  expect(parsed(text)).toEqual({
    tree,
    parents: [],
    commitTimeUnixS: 1_767_607_300,
    signature: undefined,
    payload: utf8(text),
  });
});

test("a signed merge: the payload is the object without its signature header", () => {
  const before = `tree ${tree}\nparent ${one}\nparent ${two}\n${people}encoding ISO-8859-1\n`;
  const tag = `mergetag object ${two}\n type commit\n gpgsig x\n`;
  const commit = parsed(`${before}${signature}${tag}${message}`);
  expect(commit.parents).toEqual([one, two]);
  expect(commit.signature).toBe("-----BEGIN SSH SIGNATURE-----\nAAAA\n\n-----END SSH SIGNATURE-----");
  expect(fromUtf8(commit.payload)).toBe(`${before}${tag}${message}`);
});

test("a SHA-256 repository, and bytes that are no UTF-8", () => {
  const start = utf8(`tree ${"d4".repeat(32)}\nauthor Ren`);
  const rest = utf8(` <r@example.org> 0 +0000\ncommitter R <> 0 +0000\ngpgsig-sha256 x\n\n\0`);
  const object = concatBytes(start, fromHex("e9ff"), rest);
  const { signature: found, payload, commitTimeUnixS } = parseGitCommit(object);
  expect([found, commitTimeUnixS]).toEqual(["x", 0]);
  expect(payload.length).toBe(object.length - "gpgsig-sha256 x\n".length);
});

describe("COMMIT_MALFORMED", () => {
  const good = `tree ${tree}\nparent ${one}\n${people}`;
  test.for([
    ["empty", ""],
    ["no empty line", good],
    ["no tree", `parent ${one}\n${people}${message}`],
    ["two trees", `tree ${tree}\ntree ${tree}\n${people}${message}`],
    ["a parent after the author", `tree ${tree}\n${people}parent ${one}\n${message}`],
    ["two authors", `tree ${tree}\nauthor A <a> 1 +0000\n${people}${message}`],
    ["two committers", `tree ${tree}\n${people}committer B <b> 1 +0000\n${message}`],
    ["a short id", `tree ${tree.slice(1)}\n${people}${message}`],
    ["an id in capitals", `tree ${tree.toUpperCase()}\n${people}${message}`],
    ["no time", `tree ${tree}\nauthor A <a> x\ncommitter A <a>\n${message}`],
    ["two signatures", `${good}${signature}${signature}${message}`],
    ["signatures of two hashes", `${good}${signature}gpgsig-sha256 x\n${message}`],
    ["a signature before the tree", `${signature}${good}${message}`],
    ["a header without a value", `${good}gpgsig\n${message}`],
    ["a continuation first", ` x\n${good}${message}`],
    ["a header in capitals", `${good}GPGSIG x\n${message}`],
  ])("%s", ([, text]) => {
    expect(() => parsed(text ?? "")).toThrow(expect.objectContaining({ code: "COMMIT_MALFORMED" }));
  });

  test("more than a mebibyte", () => {
    expect(() => parsed(`${good}${message}${"x".repeat(2 ** 20)}`)).toThrow(SettlementError);
  });
});
