import { cpSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import type { FileSystem } from "../../src/adapters/file-system.ts";
import { createLedger, ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { SettlementError } from "../../src/core/error.ts";
import { type ClosedPartition, closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { monthProver } from "../../src/settle/prove-inclusion.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { type Fault, faultyFileSystem } from "../support/faulty-file-system.ts";
import { sampleFolder, sampleLedger } from "../support/sample.ts";
import { testCloseDeps } from "../support/settle.ts";
import { failure, temporaryFolder, textsIn } from "../support/temporary-folder.ts";

const november = Date.UTC(2026, 10, 1);

async function namedLedger(): Promise<string> {
  const folder = join(temporaryFolder(), "ledger");
  cpSync(sampleFolder, folder, { recursive: true });
  const { settlement } = sampleLedger();
  if (settlement) await createLedger(folder, settlement);
  return folder;
}

function close(folder: string, fs?: FileSystem): Promise<ClosedPartition> {
  const options = fs ? { fs } : {};
  const source = { ledger: ledgerFolder(folder, options), archive: archiveFolder(folder, fs) };
  return closePartition("2026-08", "local", testCloseDeps(source, november));
}

const remedies = {
  ENOSPC: "the disk is full",
  EACCES: "permission is denied",
  EROFS: "read-only",
  EIO: "disk",
} as const;

const reading = (["facts", "names", "open read", "read"] as const).flatMap((step) =>
  (["EACCES", "EIO"] as const).map((errno) => ({ step, errno, code: "LEDGER_UNREADABLE" })),
);
const writing = (["make folder", "open create", "write", "sync", "link", "sync folder"] as const).flatMap((step) =>
  (["ENOSPC", "EACCES", "EROFS"] as const).map((errno) => ({ step, errno, code: "LEDGER_WRITE_FAILED" })),
);

/** The call that fails: an early one, and one amid the files of the month. */
const faults = [...reading, ...writing].flatMap((fault) => [1, 4].map((call) => ({ ...fault, call })));

test.each(faults)("a close whose $step no. $call fails with $errno leaves the month open", async (fault) => {
  const folder = await namedLedger();
  const before = await textsIn(folder);
  const fs = faultyFileSystem({ ...fault, written: 7 } satisfies Fault);
  const { code, message = "" } = (await failure(close(folder, fs))) ?? {};
  expect([fs.isDone(), code]).toEqual([true, fault.code]);
  expect(message).toContain(remedies[fault.errno]);
  expect(message).not.toContain(folder);
  expect(message).not.toContain("/secret/path");

  const after = await textsIn(folder);
  const own = Object.entries(after).filter(([path]) => !path.startsWith("anchors/"));
  expect(Object.fromEntries(own)).toEqual(before);
  expect(Object.keys(after).filter((path) => path.endsWith("manifest.json") || path.endsWith(".tmp"))).toEqual([]);
  expect(await close(folder)).toEqual({ ...(await close(await namedLedger())), fresh: true });
});

test.each(["open read", "read"] as const)("a proof whose %s fails is no proof", async (step) => {
  const folder = await namedLedger();
  await close(folder);
  const view = await readLedgerView({ ledger: ledgerFolder(folder), archive: archiveFolder(folder) });
  const partition = view.byMonth.get("2026-08");
  const archive = archiveFolder(folder, faultyFileSystem({ step, call: 2, errno: "EACCES" }));
  if (!partition) throw new SettlementError("PARTITION_NOT_FOUND", "the sample ledger has no August");
  const proof = monthProver(view, partition, {
    ledger: ledgerFolder(folder),
    archive,
    sha256: nodeSha256,
    verify: nodeVerify,
  });
  expect(await failure(proof)).toMatchObject({ code: "LEDGER_UNREADABLE" });
});
