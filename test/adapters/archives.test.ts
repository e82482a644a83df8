import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { archiveContract } from "../support/archive-contract.ts";
import { type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { failure, outcome, temporaryFolder, textsIn } from "../support/temporary-folder.ts";

archiveContract("a folder", () => archiveFolder(temporaryFolder()));
archiveContract("memory", memoryArchive);

const path = "anchors/2026-01/manifest.json";

describe("an archive in a folder", () => {
  test("is plain files under anchors/, and nothing else", async () => {
    const folder = temporaryFolder();
    await archiveFolder(folder).write("2026-01", "tile/0/000.p/5", utf8("five"));
    await archiveFolder(folder).write("2026-01", "manifest.json", utf8("{}\n"));
    expect(await textsIn(folder)).toEqual({ "anchors/2026-01/tile/0/000.p/5": "five", [path]: "{}\n" });
  });

  test.each<Fault & { readonly code?: string }>([
    { step: "make folder", errno: "EACCES" },
    { step: "make folder", errno: "ENOSPC", call: 2 },
    { step: "open create", errno: "EACCES" },
    { step: "open create", errno: "EROFS" },
    { step: "open create", errno: "EMFILE" },
    { step: "write", errno: "ENOSPC", written: 0 },
    { step: "write", errno: "ENOSPC", written: 1, call: 2 },
    { step: "write", errno: "EIO", written: 3 },
    { step: "sync", errno: "EIO" },
    { step: "link", errno: "EPERM" },
    { step: "link", errno: "EDQUOT" },
    { step: "sync folder", errno: "EIO", call: 3 },
    { step: "facts", errno: "EACCES", code: "LEDGER_UNREADABLE" },
  ])("keeps nothing when $step fails with $errno", async ({ code = "LEDGER_WRITE_FAILED", ...fault }) => {
    const folder = temporaryFolder();
    const fs = faultyFileSystem(fault);
    const error = await failure(archiveFolder(folder, fs).write("2026-01", "manifest.json", utf8('{"a":1}')));
    expect([fs.isDone(), error?.code]).toEqual([true, code]);
    expect(error?.message).not.toMatch(/secret|settlement-test/);
    expect(error?.message).toMatch(/: .+; (free|give|mount|check|raise|try)/);
    expect(await textsIn(folder)).toEqual({});
    await archiveFolder(folder).write("2026-01", "manifest.json", utf8("later"));
    expect(await textsIn(folder)).toEqual({ [path]: "later" });
  });

  test.each(["write", "sync", "link", "remove", "sync folder"] as const)(
    "after a crash at %s has the whole file or none",
    async (step) => {
      for (const call of [1, 2, 3]) {
        const folder = temporaryFolder();
        const fs = faultyFileSystem({ step, call, errno: "EIO", written: 2, isCrash: true });
        await outcome(archiveFolder(folder, fs).write("2026-01", "manifest.json", utf8('{"a":1}')));
        expect(["none", '{"a":1}']).toContain((await textsIn(folder))[path] ?? "none");
        await archiveFolder(folder).write("2026-01", "manifest.json", utf8('{"a":1}'));
        expect((await textsIn(folder))[path]).toBe('{"a":1}');
      }
    },
  );

  test("says what is wrong where a folder or a link is in the place of a file", async () => {
    const folder = temporaryFolder();
    mkdirSync(join(folder, "anchors/2026-01/checkpoint"), { recursive: true });
    writeFileSync(join(folder, "elsewhere"), "x");
    symlinkSync("../../elsewhere", join(folder, "anchors/2026-01/receipt.json"));
    symlinkSync("2026-01", join(folder, "anchors/2026-02"));
    const archive = archiveFolder(folder);
    for (const [month, name] of [
      ["2026-01", "checkpoint"],
      ["2026-01", "receipt.json"],
      ["2026-02", "checkpoint"],
    ] as const) {
      expect(await outcome(archive.read(month, name))).toBe("LEDGER_FILE_NOT_PLAIN");
      expect(await outcome(archive.write(month, name, utf8("y")))).toBe("LEDGER_FILE_NOT_PLAIN");
    }
    const error = await failure(archive.read("2026-01", "checkpoint"));
    expect(error?.message).toMatch(/^anchors\/2026-01\/checkpoint is a folder where a file belongs/);
    expect((await textsIn(folder))["elsewhere"]).toBe("x");
  });

  test("is not made where there is no ledger", async () => {
    const folder = join(temporaryFolder(), "nothing");
    expect(await outcome(archiveFolder(folder).write("2026-01", "checkpoint", utf8("x")))).toBe("LEDGER_NOT_FOUND");
  });
});
