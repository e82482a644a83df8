import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { gitTree } from "../../src/adapters/git-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import {
  type Files,
  monthlyFiles,
  nativeEvent,
  nowUnixMs,
  releasePayload,
  withEvents,
} from "../support/build-ledger.ts";

const march = "ledger/2026-03.json";

function write(dir: string, files: Files): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(dir, dirname(path)), { recursive: true });
    writeFileSync(join(dir, path), text);
  }
}

/** A repository whose one commit holds the monthly ledger. */
function repository(): { readonly dir: string; readonly files: Files } {
  const dir = mkdtempSync(join(tmpdir(), "settlement-base-"));
  onTestFinished(() => rmSync(dir, { recursive: true, force: true }));
  const files = Object.fromEntries(Object.entries(monthlyFiles()).map(([path, text]) => [`ledger/${path}`, text]));
  write(dir, files);
  const git = (...args: readonly string[]): Buffer => execFileSync("git", args, { cwd: dir, stdio: "pipe" });
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=t", "-c", "user.email=t@example.org", "commit", "-q", "-m", "first");
  return { dir, files };
}

const release = nativeEvent(
  "ReleasePublished",
  "acme/widget",
  "2026-03-19T10:00:00Z",
  releasePayload("acme/widget", "3.0.0"),
);

test.for([
  { name: "nothing changed", change: () => undefined, codes: [] },
  {
    name: "an event appended",
    change: (dir: string, files: Files) =>
      write(
        dir,
        withEvents(files, march, (events) => [...events, release]),
      ),
    codes: [],
  },
  {
    name: "an event removed",
    change: (dir: string, files: Files) =>
      write(
        dir,
        withEvents(files, march, (events) => events.slice(0, -1)),
      ),
    codes: ["EVENT_REMOVED"],
  },
  {
    name: "a file renamed",
    change: (dir: string) => renameSync(join(dir, march), join(dir, "ledger/2026-04.json")),
    codes: ["FILE_RENAMED", "EVENT_WRONG_MONTH"],
  },
  { name: "a file removed", change: (dir: string) => rmSync(join(dir, march)), codes: ["FILE_REMOVED"] },
  {
    name: "a file made executable",
    change: (dir: string) => chmodSync(join(dir, march), 0o755),
    codes: ["FILE_MODE_CHANGED", "FILE_EXECUTABLE"],
  },
  {
    name: "a file swapped for a link to the same bytes",
    change: (dir: string) => {
      renameSync(join(dir, march), join(dir, "elsewhere.json"));
      symlinkSync("../elsewhere.json", join(dir, march));
    },
    codes: ["LEDGER_FILE_NOT_PLAIN"],
  },
])("against a commit of git: $name", async ({ change, codes }) => {
  const { dir, files } = repository();
  change(dir, files);
  const options = { nowUnixMs, verify: nodeVerify, base: await gitTree(dir, "HEAD") };
  const { findings } = await validateLedger(folderTree(dir), options);
  expect(new Set(findings.map(({ code }) => code))).toEqual(new Set(codes));
});

test("the ledger folder alone compares with the same folder of a commit", async () => {
  const { dir, files } = repository();
  write(
    dir,
    withEvents(files, march, (events) => events.toReversed()),
  );
  const folder = join(dir, "ledger");
  const options = { nowUnixMs, verify: nodeVerify, base: await gitTree(folder, "HEAD") };
  const { findings } = await validateLedger(folderTree(folder), options);
  expect(findings).toContainEqual(expect.objectContaining({ code: "EVENT_REORDERED", file: "2026-03.json" }));
});
