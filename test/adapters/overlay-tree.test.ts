import { expect, test } from "vitest";
import { type MemoryFile, memoryTree } from "../../src/adapters/memory-tree.ts";
import { withFile } from "../../src/adapters/overlay-tree.ts";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { fileTreeContract, type TreeContent } from "../support/file-tree-contract.ts";

/** A file that only the overlay has, and one that lies below with other bytes. */
for (const [path, below] of [
  ["a/b/c.txt", undefined],
  ["a.txt", "what lies below"],
] as const) {
  fileTreeContract(`${below === undefined ? "one more" : "another"} file over memory`, async (content) => {
    const file = (held: TreeContent): MemoryFile => {
      if (typeof held === "string") return held;
      return "to" in held ? { kind: "link" } : { kind: "executable", content: held.executable };
    };
    const { [path]: own, ...rest } = content;
    const files = Object.entries(rest).map(([name, held]) => [name, file(held)] as const);
    if (typeof own !== "string") return memoryTree(Object.fromEntries(files));
    const covered = below === undefined ? [] : [[path, below] as const];
    return withFile(memoryTree(Object.fromEntries([...files, ...covered])), path, utf8(own));
  });
}

test("what lies below stays as it is, and nobody changes the bytes of the overlay", async () => {
  const lower = memoryTree({ a: "1" });
  const tree = withFile(lower, "a", utf8("2"));
  (await tree.read("a"))?.fill(0);
  const texts = [await tree.read("a"), await lower.read("a")].map((bytes) => bytes && fromUtf8(bytes));
  expect(texts).toEqual(["2", "1"]);
});
