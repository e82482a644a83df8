import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { type FileSystem, nodeFileSystem } from "../../src/adapters/file-system.ts";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { writeThreads } from "../../src/write-pool.ts";
import { archiveContract } from "../support/archive-contract.ts";
import { type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { failure, outcome, temporaryFolder, textsIn } from "../support/temporary-folder.ts";

archiveContract("a folder", () => archiveFolder(temporaryFolder()));
const writeNew = writeThreads({ leastFiles: 0 });
archiveContract("a folder and threads", () => archiveFolder(temporaryFolder(), nodeFileSystem, writeNew));
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

  const batch = Array.from({ length: 12 }, (_, at) => [`tile/${at % 2}/0${10 + at}`, utf8(`bytes ${at}`)] as const);
  const texts = new Map(batch.map(([name, bytes]) => [`anchors/2026-01/${name}`, fromUtf8(bytes)]));

  test.each(
    (["make folder", "open create", "write", "sync", "link", "sync folder"] as const).flatMap((step) =>
      [1, 2, 5].map((call) => ({ step, call, errno: "ENOSPC", written: 3 })),
    ),
  )("a batch whose $step no. $call fails leaves whole files, and is written again", async (fault) => {
    const folder = temporaryFolder();
    const fs = faultyFileSystem(fault);
    const error = await failure(archiveFolder(folder, fs).writeAll("2026-01", batch));
    expect([fs.isDone(), error?.code]).toEqual(fs.isDone() ? [true, "LEDGER_WRITE_FAILED"] : [false, undefined]);
    for (const [path, text] of Object.entries(await textsIn(folder)))
      expect([path, text]).toEqual([path, texts.get(path)]);
    await archiveFolder(folder).writeAll("2026-01", batch);
    expect(await textsIn(folder)).toEqual(Object.fromEntries(texts));
  });

  test.each(["write", "sync", "link", "remove", "sync folder"] as const)(
    "after a crash at %s each file of a batch is whole or absent",
    async (step) => {
      for (const call of [1, 2, 3, 7]) {
        const folder = temporaryFolder();
        const fs = faultyFileSystem({ step, call, errno: "EIO", written: 2, isCrash: true });
        await outcome(archiveFolder(folder, fs).writeAll("2026-01", batch));
        const left = Object.entries(await textsIn(folder)).filter(([path]) => !path.endsWith(".tmp"));
        for (const [path, text] of left) expect([path, text]).toEqual([path, texts.get(path)]);
        await archiveFolder(folder).writeAll("2026-01", batch);
        for (const [path, text] of texts) expect((await textsIn(folder))[path]).toBe(text);
      }
    },
  );

  test("each file of a batch is on the disk before it has its name, and each folder once they all have", async () => {
    const steps: string[] = [];
    const folder = temporaryFolder();
    const nameOf = (path: string): string => path.slice(path.indexOf("tile/")).replace(/\/\.(\d+)\..*/, "/$1");
    const fs: FileSystem = {
      ...nodeFileSystem,
      async open(path, how) {
        const file = await nodeFileSystem.open(path, how);
        return { ...file, sync: () => file.sync().then(() => void steps.push(`sync ${nameOf(path)}`)) };
      },
      link: (from, to) => nodeFileSystem.link(from, to).then(() => void steps.push(`name ${nameOf(to)}`)),
      syncFolder: (path) => nodeFileSystem.syncFolder(path).then(() => void steps.push(`folder ${nameOf(path)}`)),
    };
    const archive = archiveFolder(folder, fs);
    await archive.writeAll("2026-01", batch.slice(0, 1));
    steps.length = 0;
    await archive.writeAll("2026-01", batch.slice(2, 6).concat(batch.slice(3, 4)));
    for (const [name] of batch.slice(2, 6)) {
      expect(steps.indexOf(`sync ${name}`)).toBeLessThan(steps.indexOf(`name ${name}`));
      const own = `folder ${name.slice(0, name.lastIndexOf("/"))}`;
      expect(steps.lastIndexOf(`name ${name}`)).toBeLessThan(steps.lastIndexOf(own));
    }
    expect(steps.filter((step) => step === "folder tile/0")).toHaveLength(1);
  });

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
