import { describe, expect, test } from "vitest";
import type { BrowsableTree } from "../../src/adapters/browsable-tree.ts";
import { fromUtf8 } from "../../src/core/bytes.ts";

/** What the contract asks an adapter to hold: a text, an executable text, or a link to `to`. */
export type TreeContent = string | { readonly executable: string } | { readonly to: string };

const content: Readonly<Record<string, TreeContent>> = {
  "2026-03.json": "[\n]\n",
  "a-b/x": "1",
  "a/b/c.txt": "deep",
  "a/empty": "",
  'a/ü "quoted"\n.txt': "odd name",
  "a.txt": "before a/ or after",
  "run.sh": { executable: "#!/bin/sh\n" },
  "link.txt": { to: "a.txt" },
  "link-a": { to: "a" },
  outside: { to: "/etc/passwd" },
};

/** What every `FileTree` promises. @param make - a tree that holds exactly this */
export function fileTreeContract(
  name: string,
  make: (content: Readonly<Record<string, TreeContent>>) => Promise<BrowsableTree>,
): void {
  describe(`${name} as a file tree`, () => {
    const read = async (path: string): Promise<string | undefined> => {
      const bytes = await (await make(content)).read(path);
      return bytes && fromUtf8(bytes);
    };

    test("lists everything, sorted, links as links", async () => {
      const entries = await (await make(content)).entries("");
      expect(entries.map(({ kind, path }) => `${kind} ${path}`)).toEqual([
        "file 2026-03.json",
        "folder a",
        "folder a-b",
        "file a-b/x",
        "file a.txt",
        "folder a/b",
        "file a/b/c.txt",
        "file a/empty",
        'file a/ü "quoted"\n.txt',
        "link link-a",
        "link link.txt",
        "link outside",
        "executable run.sh",
      ]);
    });

    test.each([
      ["a", ["a/b", "a/b/c.txt", "a/empty", 'a/ü "quoted"\n.txt']],
      ["a/b", ["a/b/c.txt"]],
      ["a.txt", []],
      ["link-a", []],
      ["nothing/here", []],
      ["..", []],
      ["a/..", []],
      ["/etc", []],
    ])("lists below %j", async (prefix, paths) => {
      expect((await (await make(content)).entries(prefix)).map((entry) => entry.path)).toEqual(paths);
    });

    test.each([
      ["", ["2026-03.json", "a", "a-b", "a.txt", "link-a", "link.txt", "outside", "run.sh"]],
      ["a", ["a/b", "a/empty", 'a/ü "quoted"\n.txt']],
      ["nothing", []],
      ["link-a", []],
    ])("lists one folder, %j", async (folder, paths) => {
      expect((await (await make(content)).children(folder)).map((entry) => entry.path)).toEqual(paths);
    });

    test.each([
      ["a/b/c.txt", "deep"],
      ["a/empty", ""],
      ["run.sh", "#!/bin/sh\n"],
      ['a/ü "quoted"\n.txt', "odd name"],
      ["a", undefined],
      ["nothing", undefined],
      ["a.txt/more", undefined],
      ["link.txt", undefined],
      ["link-a/empty", undefined],
      ["outside", undefined],
      ["", undefined],
      ["/a.txt", undefined],
      ["a.txt/", undefined],
      ["./a.txt", undefined],
      ["a/../a.txt", undefined],
      ["../../../../../../etc/passwd", undefined],
      ["/etc/passwd", undefined],
      ["a.txt\0", undefined],
      ["__proto__", undefined],
      ["x".repeat(5000), undefined],
    ])("reads %j", async (path, text) => {
      expect(await read(path)).toBe(text);
    });

    test("reads many at once, and bytes as they are", async () => {
      const tree = await make({ ...content, bin: "\u0000\u0080\u{10ffff}" });
      const reads = await Promise.all(["a/empty", "bin", "nothing", "a.txt", "bin"].map((path) => tree.read(path)));
      expect(reads.map((bytes) => bytes && fromUtf8(bytes))).toEqual([
        "",
        "\u0000\u0080\u{10ffff}",
        undefined,
        "before a/ or after",
        "\u0000\u0080\u{10ffff}",
      ]);
      expect(reads[1]).toEqual(Uint8Array.of(0, 0xc2, 0x80, 0xf4, 0x8f, 0xbf, 0xbf));
    });

    test("may be empty", async () => {
      const tree = await make({});
      expect([await tree.entries(""), await tree.children(""), await tree.read("a")]).toEqual([[], [], undefined]);
    });
  });
}
