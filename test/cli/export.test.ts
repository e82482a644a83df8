import { createServer, type Server } from "node:http";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { once } from "node:events";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { createLedger, ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { idsOfMonth } from "../../src/settle/month-scan.ts";
import { builtKey } from "../support/accepting.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";
import { temporaryFolder, testCloseDeps, testKey } from "../support/settle.ts";
import { jsonlFiles } from "../support/build-ledger.ts";

/** What a plain static host does, and what it was asked. */
interface Host extends AsyncDisposable {
  readonly url: string;
  readonly asked: { readonly path: string; readonly bytes: number }[];
}

async function host(folder: string, { hasRanges = true } = {}): Promise<Host> {
  const asked: { path: string; bytes: number }[] = [];
  const server: Server = createServer((request, response) => {
    const path = new URL(request.url ?? "/", "http://host").pathname.slice(1);
    const file = join(folder, path);
    if (!existsSync(file) || !statSync(file).isFile()) return void response.writeHead(404).end();
    const bytes = readFileSync(file);
    const [, from, to] = (hasRanges && /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? "")) || [];
    if (from === undefined) {
      asked.push({ path, bytes: bytes.length });
      return void response.writeHead(200).end(bytes);
    }
    if (Number(from) >= bytes.length) return void response.writeHead(416).end();
    const part = bytes.subarray(Number(from), Number(to) + 1);
    asked.push({ path, bytes: part.length });
    response.writeHead(206).end(part);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as { readonly port: number };
  const close = async (): Promise<void> => {
    server.closeAllConnections();
    server.close();
    await once(server, "close");
  };
  return { url: `http://127.0.0.1:${port}/`, asked, [Symbol.asyncDispose]: close };
}

const later = Date.UTC(2026, 10, 21);
const folders: string[] = [];

/** A folder that lasts as long as the tests of this file. */
function lastingFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "settlement-test-"));
  folders.push(folder);
  return folder;
}

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

async function builtCopy(): Promise<string> {
  const folder = lastingFolder();
  for (const [path, text] of Object.entries(jsonlFiles())) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  return existsSync(join(folder, "ledger")) ? join(folder, "ledger") : folder;
}

async function sampleCopy(): Promise<string> {
  const folder = join(lastingFolder(), "ledger");
  cpSync(sampleFolder, folder, { recursive: true });
  rmSync(join(folder, "settlement.json"), { force: true });
  const key = formatVkey(makeVkey("test.example/ledger", testKey.publicKey));
  await createLedger(folder, { v: 1, host: "test.example", network: "local", key, accounts: [] });
  return folder;
}

describe.each([
  ["a ledger of months", sampleCopy, testKey],
  ["a ledger of one list", builtCopy, builtKey],
])("%s", (_, make, key) => {
  let folder = "";
  let copy = "";
  const ids = new Map<string, readonly string[]>();
  let made: CliResult | undefined;

  beforeAll(async () => {
    folder = await make();
    copy = join(lastingFolder(), "public");
    const source = { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
    for (const { month } of (await readLedgerView(source)).partitions.slice(0, 2)) {
      await closePartition(month, "local", { ...testCloseDeps(source, later), key });
      // What a clone leaves out is made again for the copy.
      rmSync(join(folder, "anchors", month, "index"), { recursive: true });
    }
    made = await cli(["export", copy, "--ledger", folder]);
    const view = await readLedgerView(source);
    for (const { month } of view.partitions) ids.set(month, await idsOfMonth(view, month, source.ledger));
  });

  test("is proven from a static host alone, by the same bytes as from the folder", async () => {
    expect(made).toMatchObject({ code: 0, err: "" });
    await using served = await host(copy);
    for (const id of Array.from(ids.values()).slice(0, 2).flat()) {
      const [own, fetched] = [
        await cli(["prove", id, "--ledger", folder]),
        await cli(["prove", id, "--from", served.url]),
      ];
      expect([fetched.code, fetched.err, fetched.out]).toEqual([0, "", own.out]);
    }
  });

  test("without range requests and without a list of months too", async () => {
    const bare = join(temporaryFolder(), "bare");
    cpSync(copy, bare, { recursive: true });
    rmSync(join(bare, "anchors/months.json"));
    await using served = await host(bare, { hasRanges: false });
    const [id = ""] = [...ids.values()][0] ?? [];
    const { code, err } = await cli(["prove", id, "--from", served.url]);
    expect([code, err]).toEqual([0, ""]);
  });

  test("what is not closed, or not there, is told apart from a host that is away", async () => {
    const served = await host(copy);
    const open = [...ids.values()][2]?.[0] ?? "f".repeat(64);
    for (const id of [open, "0".repeat(64)]) {
      expect(await cli(["prove", id, "--from", served.url])).toMatchObject({
        code: 2,
        err: expect.stringContaining("EVENT_NOT_FOUND"),
      });
    }
    await served[Symbol.asyncDispose]();
    expect(await cli(["prove", open, "--from", served.url])).toMatchObject({
      code: 3,
      err: expect.stringContaining("STATIC_COPY_UNREACHABLE"),
    });
    await using empty = await host(temporaryFolder());
    expect(await cli(["prove", open, "--from", empty.url])).toMatchObject({
      code: 2,
      err: expect.stringContaining("LEDGER_NOT_FOUND"),
    });
  });

  test("a copy that says otherwise proves nothing", async () => {
    const altered = join(temporaryFolder(), "altered");
    cpSync(copy, altered, { recursive: true });
    const file = existsSync(join(altered, "events/events.jsonl"))
      ? "events/events.jsonl"
      : `${[...ids.keys()][0]}.json`;
    const text = readFileSync(join(altered, file), "utf8");
    writeFileSync(
      join(altered, file),
      text.replaceAll('"timestamp":"2', '"timestamp":"1').replaceAll('"timestamp": "2', '"timestamp": "1'),
    );
    await using served = await host(altered);
    const [id = ""] = [...ids.values()][0] ?? [];
    const { code, out } = await cli(["prove", id, "--from", served.url]);
    expect([code === 0, out]).toEqual([false, ""]);
  });

  test("done again, it adds nothing, and refuses a copy of something else", async () => {
    const again = await cli(["export", copy, "--ledger", folder, "--format", "json"]);
    expect(JSON.parse(again.out)).toMatchObject({ months: [...ids.keys()].slice(0, 2) });
    const other = join(temporaryFolder(), "other");
    cpSync(copy, other, { recursive: true });
    writeFileSync(join(other, "anchors", [...ids.keys()][0] ?? "", "evidence.json"), "{}\n");
    expect(await cli(["export", other, "--ledger", folder])).toMatchObject({
      code: 2,
      err: expect.stringContaining("ARCHIVE_CONFLICT"),
    });
  });
});

test("a copy is not made inside the ledger, nor of a ledger without closed months", async () => {
  const folder = await sampleCopy();
  expect((await cli(["export", join(folder, "public"), "--ledger", folder])).err).toContain("CONFIG_INVALID");
  expect((await cli(["export", join(temporaryFolder(), "to"), "--ledger", folder])).err).toContain(
    "PARTITION_NOT_CLOSED",
  );
});
