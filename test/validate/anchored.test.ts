import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { validateBothWays } from "../support/validate-both-ways.ts";
import { type Files, type Json, monthlyFiles, nowUnixMs, settlementJson, withJson } from "../support/build-ledger.ts";
import { testAnchorDeps, type TestChain, testChain, testCloseDeps, testKey } from "../support/settle.ts";

const months = ["2026-01", "2026-02"];
const receipt = "anchors/2026-01/receipt.json";
const next = "anchors/2026-02/receipt.json";

/** The monthly ledger, two months closed and anchored on a local network. */
async function anchoredFiles(folder: string, { chain, account }: TestChain): Promise<Files> {
  const key = formatVkey(makeVkey("ledger.test/ledger", testKey.publicKey));
  const settlement = { ...settlementJson(), key, accounts: [{ network: "local", account }] };
  for (const [path, text] of Object.entries({ ...monthlyFiles(), "settlement.json": JSON.stringify(settlement) })) {
    mkdirSync(join(folder, dirname(path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const source = { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
  const deps = testAnchorDeps(source, chain);
  for (const month of months) {
    await closePartition(month, "local", testCloseDeps(source, nowUnixMs));
    await anchorPartition(month, deps);
  }
  const paths = (await folderTree(folder).entries("")).filter(({ kind }) => kind === "file").map(({ path }) => path);
  return Object.fromEntries(
    paths
      .filter((path) => !/\/((ledger-)?tile|index)\//.test(path))
      .map((path) => [path, readFileSync(join(folder, path), "utf8")]),
  );
}

describe("anchored months", () => {
  let files: Files = {};
  const codes = async (altered: Files): Promise<string[]> => {
    const { findings } = await validateBothWays(memoryTree(altered), { nowUnixMs, verify: nodeVerify });
    return findings.map(({ code, file }) => `${code} ${file}`);
  };

  beforeAll(async () => {
    const folder = mkdtempSync(join(tmpdir(), "settlement-anchored-"));
    const network = await testChain(() => undefined);
    try {
      files = await anchoredFiles(folder, network);
    } finally {
      await network.close();
      rmSync(folder, { recursive: true });
    }
  });

  test("are good, receipts and all", async () => {
    expect(Object.keys(files)).toEqual(expect.arrayContaining([receipt, next]));
    expect(await codes(files)).toEqual([]);
  });

  test("the receipt of another month is refused", async () => {
    const found = await codes({ ...files, [receipt]: files[next] ?? "" });
    expect(new Set(found)).toEqual(new Set([`RECEIPT_MISMATCH ${receipt}`]));
  });

  test("a receipt that says another ledger than its header is refused", async () => {
    const altered = withJson(files, receipt, (value) => void (value["ledgerIndex"] = Number(value["ledgerIndex"]) + 1));
    expect(await codes(altered)).toEqual([`RECEIPT_REFUTED ${receipt}`]);
  });

  test("a receipt whose path leads elsewhere is refused", async () => {
    const altered = withJson(files, receipt, (value) => {
      const meta = (value["transaction"] as Json)["meta"] as string;
      (value["transaction"] as Json)["meta"] = meta.replace(/..(?=.{8}$)/, (byte) => (byte === "00" ? "01" : "00"));
    });
    expect(new Set(await codes(altered))).toEqual(new Set([`RECEIPT_REFUTED ${receipt}`]));
  });

  test("an account that settlement.json does not name is told", async () => {
    const altered = withJson(files, "settlement.json", (value) => void (value["accounts"] = []));
    expect(await codes(altered)).toEqual(
      months.map((month) => `RECEIPT_ACCOUNT_UNKNOWN anchors/${month}/receipt.json`),
    );
  });

  test("another settlement key refutes checkpoints and statements", async () => {
    const altered = withJson(files, "settlement.json", (value) => void (value["key"] = settlementJson()["key"] ?? ""));
    const found = await codes(altered);
    expect(new Set(found.map((each) => each.split(" ")[0]))).toEqual(
      new Set(["NOTE_SIGNER_UNKNOWN", "RECEIPT_REFUTED"]),
    );
  });
});
