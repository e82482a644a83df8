import { expect, test } from "vitest";
import { isBranchName } from "../../src/core/branch-name.ts";

test.for(["main", "release/2026-10", "_x", "a.b", "feature/a+b_c-d"])("%j names a branch", (name) => {
  expect(isBranchName(name)).toBe(true);
});

test.for([
  "",
  "HEAD",
  "-main",
  "--upload-pack=x",
  "a/-b",
  "/a",
  "a/",
  "a//b",
  "a..b",
  ".a",
  "a/.b",
  "a.lock",
  "a.lock/b",
  "a.",
  "a b",
  "a:b",
  "+a",
  "a~1",
  "a^",
  "a*",
  "a@{1}",
  "@",
  "ä",
  "a\nb",
  "${{ x }}",
  "x".repeat(201),
])("%j does not", (name) => {
  expect(isBranchName(name)).toBe(false);
});
