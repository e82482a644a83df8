import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { copyOnce, copyOver } from "../../src/adapters/file-copy.ts";
import { type FileSystem, nodeFileSystem } from "../../src/adapters/file-system.ts";
import type { Folder } from "../../src/adapters/plain-file.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const large = Buffer.from(Uint8Array.from({ length: 3_000_001 }, (_, at) => (at * 7) % 253));

interface Places {
  readonly from: Folder;
  readonly to: Folder;
}

function places(fs: FileSystem = nodeFileSystem): Places {
  const root = temporaryFolder();
  for (const name of ["from/a", "to"]) mkdirSync(join(root, name), { recursive: true });
  writeFileSync(join(root, "from/a/file"), large);
  return { from: { root: join(root, "from"), fs: nodeFileSystem }, to: { root: join(root, "to"), fs } };
}

/** Every name in the copy, a temporary one too. */
function namesIn({ to }: Places): readonly string[] {
  return readdirSync(to.root, { recursive: true, encoding: "utf8" }).toSorted();
}

describe.each([
  ["copyOnce", copyOnce],
  ["copyOver", copyOver],
])("%s", (_, copy) => {
  test("copies a file whole, or its beginning, and never holds it whole", async () => {
    let most = 0;
    const watched: FileSystem = {
      ...nodeFileSystem,
      open: async (path, how) => {
        const file = await nodeFileSystem.open(path, how);
        const write: typeof file.write = (bytes, position) => {
          most = Math.max(most, bytes.length);
          return file.write(bytes, position);
        };
        return { ...file, write };
      },
    };
    const at = places(watched);
    await copy({ ...at, path: "a/file" });
    expect(readFileSync(join(at.to.root, "a/file")).equals(large)).toBe(true);
    expect(most).toBeLessThanOrEqual(1_048_576);
    expect(namesIn(at)).toEqual(["a", "a/file"]);
    const part = places();
    await copy({ ...part, path: "a/file", length: 1_500_000 });
    expect(readFileSync(join(part.to.root, "a/file")).equals(large.subarray(0, 1_500_000))).toBe(true);
  });

  test("leaves nothing behind where the disk fails", async () => {
    const failing: FileSystem = {
      ...nodeFileSystem,
      open: async (path, how) => {
        const file = await nodeFileSystem.open(path, how);
        let written = 0;
        const write: typeof file.write = (bytes, position) => {
          written += bytes.length;
          if (written > 1_500_000) return Promise.reject(Object.assign(new Error("full"), { code: "ENOSPC" }));
          return file.write(bytes, position);
        };
        return { ...file, write };
      },
    };
    const at = places(failing);
    await expect(copy({ ...at, path: "a/file" })).rejects.toMatchObject({
      code: "LEDGER_WRITE_FAILED",
      message: expect.stringContaining("disk is full"),
    });
    expect(namesIn(at)).toEqual(["a"]);
  });

  test("follows no link and tells what is not there", async () => {
    const at = places();
    symlinkSync(join(at.from.root, "a/file"), join(at.from.root, "a/link"));
    await expect(copy({ ...at, path: "a/link" })).rejects.toMatchObject({ code: "LEDGER_FILE_NOT_PLAIN" });
    await expect(copy({ ...at, path: "a/none" })).rejects.toMatchObject({ code: "LEDGER_UNREADABLE" });
    await expect(copy({ ...at, path: "a/file", length: 4_000_000 })).rejects.toMatchObject({
      code: "LEDGER_UNREADABLE",
    });
    expect(existsSync(join(at.to.root, "a/file"))).toBe(false);
  });
});

test("what may not change is compared and stays; the rest is replaced", async () => {
  const at = places();
  const target = join(at.to.root, "a/file");
  expect(await copyOnce({ ...at, path: "a/file" })).toBe(true);
  expect(await copyOnce({ ...at, path: "a/file" })).toBe(true);
  for (const changed of [large.subarray(1), Buffer.from(large).fill(0, 2_999_999)]) {
    writeFileSync(target, changed);
    expect(await copyOnce({ ...at, path: "a/file" })).toBe(false);
    expect(readFileSync(target).equals(changed)).toBe(true);
  }
  await copyOver({ ...at, path: "a/file" });
  expect(readFileSync(target).equals(large)).toBe(true);
});
