import { describe, expect, test } from "vitest";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import type { Archive } from "../../src/ports.ts";
import { outcome } from "./temporary-folder.ts";

const names = [
  "manifest.json",
  "evidence.json",
  "nodes.json",
  "checkpoint",
  "ledger-checkpoint",
  "receipt.json",
  "xpop.json",
  "tile/0/000",
  "tile/0/000.p/5",
  "tile/entries/x001/067.p/255",
];

/** What every `Archive` promises. @param make - an empty one */
export function archiveContract(name: string, make: () => Archive): void {
  describe(`${name} as an archive`, () => {
    test("holds what is written, month by month", async () => {
      const archive = make();
      for (const month of ["2026-03", "2026-01"]) {
        for (const file of names) await archive.write(month, file, utf8(`${month} ${file}`));
      }
      for (const file of names) expect(await archive.read("2026-01", file)).toEqual(utf8(`2026-01 ${file}`));
      expect(await archive.months()).toEqual(["2026-01", "2026-03"]);
    });

    test("of nothing has nothing", async () => {
      expect([await make().months(), await make().read("2026-01", "manifest.json")]).toEqual([[], undefined]);
    });

    test("holds empty files and any bytes", async () => {
      const archive = make();
      const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
      await archive.write("2026-01", "tile/0/000.p/8", bytes);
      await archive.write("2026-01", "checkpoint", new Uint8Array());
      expect(await archive.read("2026-01", "tile/0/000.p/8")).toEqual(bytes);
      expect(await archive.read("2026-01", "checkpoint")).toEqual(new Uint8Array());
    });

    test("takes the same bytes again and no others", async () => {
      const archive = make();
      const bytes = utf8("one");
      await archive.write("2026-01", "receipt.json", bytes);
      await archive.write("2026-01", "receipt.json", utf8("one"));
      bytes.fill(0);
      expect(await outcome(archive.write("2026-01", "receipt.json", utf8("two")))).toBe("ARCHIVE_CONFLICT");
      expect(await archive.read("2026-01", "receipt.json")).toEqual(utf8("one"));
    });

    test("takes many files at once, of which some may be there, and no other bytes", async () => {
      const archive = make();
      const files = Array.from({ length: 40 }, (_, at) => [`tile/${at % 3}/x001/0${10 + at}`, utf8(`${at}`)] as const);
      await archive.write("2026-01", "tile/0/x001/010", utf8("0"));
      await archive.writeAll("2026-01", files);
      await archive.writeAll("2026-01", [...files, ["checkpoint", utf8("c")], ["tile/entries/000", utf8("e")]]);
      await archive.writeAll("2026-02", []);
      for (const [name, bytes] of files) expect(await archive.read("2026-01", name)).toEqual(bytes);
      expect(await archive.read("2026-01", "checkpoint")).toEqual(utf8("c"));
      const other = [["tile/0/x001/999", utf8("x")] as const, ["tile/1/x001/011", utf8("2")] as const];
      expect(await outcome(archive.writeAll("2026-01", other))).toBe("ARCHIVE_CONFLICT");
      expect(await archive.read("2026-01", "tile/1/x001/011")).toEqual(utf8("1"));
      expect(await outcome(archive.writeAll("2026-01", [["tile/../x", utf8("x")]]))).toBe("TILE_PATH_MALFORMED");
    });

    test("lets each file of racing batches be of one of them", async () => {
      const archive = make();
      const names = ["tile/0/000", "tile/0/001", "tile/1/000", "checkpoint"];
      const outcomes = await Promise.all(
        ["one", "one", "two"].map((text) =>
          outcome(
            archive.writeAll(
              "2026-01",
              names.map((name) => [name, utf8(text)]),
            ),
          ),
        ),
      );
      const texts = await Promise.all(names.map(async (name) => fromUtf8((await archive.read("2026-01", name))!)));
      for (const [at, text] of ["one", "one", "two"].entries()) {
        expect(outcomes[at]).toBe(texts.every((kept) => kept === text) ? "ok" : "ARCHIVE_CONFLICT");
      }
    });

    test("lets one of two racing writers win", async () => {
      const archive = make();
      const texts = ["one", "two", "one", "three"];
      const outcomes = await Promise.all(
        texts.map((text) => outcome(archive.write("2026-01", "checkpoint", utf8(text)))),
      );
      const kept = new TextDecoder().decode(await archive.read("2026-01", "checkpoint"));
      expect(outcomes).toEqual(texts.map((text) => (text === kept ? "ok" : "ARCHIVE_CONFLICT")));
    });

    test("counts a month as closed by its manifest alone", async () => {
      const archive = make();
      await archive.write("2026-01", "checkpoint", utf8("x"));
      expect(await archive.months()).toEqual([]);
    });

    test("discards what a crash left, and never a closed month", async () => {
      const archive = make();
      await archive.discard("2026-01");
      await archive.write("2026-01", "tile/0/000", utf8("x"));
      await archive.write("2026-02", "manifest.json", utf8("x"));
      await archive.write("2026-02", "checkpoint", utf8("x"));
      await archive.discard("2026-01");
      expect(await archive.read("2026-01", "tile/0/000")).toBeUndefined();
      await archive.write("2026-01", "tile/0/000", utf8("other"));
      expect(await outcome(archive.discard("2026-02"))).toBe("PARTITION_ALREADY_CLOSED");
      expect(await archive.read("2026-02", "checkpoint")).toEqual(utf8("x"));
    });

    test.each([
      ["2026-13", "manifest.json", "MONTH_MALFORMED"],
      ["../2026-01", "manifest.json", "MONTH_MALFORMED"],
      ["", "manifest.json", "MONTH_MALFORMED"],
      ["2026-01/../..", "manifest.json", "MONTH_MALFORMED"],
      ["2026-01", "", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "other.json", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "../../2026-01.json", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "/etc/passwd", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "manifest.json\0", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "toString", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "tile", "ARCHIVE_NAME_MALFORMED"],
      ["2026-01", "tile/../manifest.json", "TILE_PATH_MALFORMED"],
      ["2026-01", "tile/0/../../../x", "TILE_PATH_MALFORMED"],
      ["2026-01", "tile/0/000.p/0", "TILE_PATH_MALFORMED"],
      ["2026-01", "tile/0/000.p/256", "TILE_PATH_MALFORMED"],
      ["2026-01", "tile/00/000", "TILE_PATH_MALFORMED"],
      ["2026-01", "tile/64/000", "TILE_PATH_MALFORMED"],
    ])("refuses the name %j %j", async (month, file, code) => {
      expect(await outcome(make().write(month, file, utf8("x")))).toBe(code);
      expect(await outcome(make().read(month, file))).toBe(code);
    });

    test.each(["..", "2026-1", "", "."])("discards no month %j", async (month) => {
      expect(await outcome(make().discard(month))).toBe("MONTH_MALFORMED");
    });
  });
}
