import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { writePage } from "../../scripts/build-page.ts";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { createLedger, ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { parseRules, parseSite } from "../../src/adapters/static-site.ts";
import { parseJson } from "../../src/core/json.ts";
import { formatVkey, makeVkey } from "../../src/core/note.ts";
import { webFolder } from "../../src/http/web-page.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { idsOfMonth } from "../../src/settle/month-scan.ts";
import { registryFiles } from "../../src/settle/registry-files.ts";
import { builtKey } from "../support/accepting.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";
import { lastingFolders } from "../support/lasting-folder.ts";
import { staticHost } from "../support/static-host.ts";
import { temporaryFolder, testCloseDeps, testKey } from "../support/settle.ts";
import { jsonlFiles } from "../support/build-ledger.ts";

const later = Date.UTC(2026, 10, 21);
const lastingFolder = lastingFolders();

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
    await writePage();
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
    await using served = await staticHost(copy);
    for (const id of Array.from(ids.values()).slice(0, 2).flat()) {
      const [own, fetched] = [
        await cli(["prove", id, "--ledger", folder]),
        await cli(["prove", id, "--from", served.url]),
      ];
      expect([fetched.code, fetched.err, fetched.out]).toEqual([0, "", own.out]);
    }
  });

  test("is a whole site: pages, registry, rules, and what says of the months what their files say", async () => {
    const { nodes } = await ledgerFolder(folder).frame();
    for (const { name, text } of registryFiles(nodes)) {
      expect(readFileSync(join(copy, "registry", name), "utf8")).toBe(text);
    }
    for (const [path, page] of [
      ["index.html", "copy.html"],
      ["verify.html", "verify.html"],
    ] as const) {
      expect(readFileSync(join(copy, path)).equals(readFileSync(join(webFolder, page)))).toBe(true);
    }
    const site = parseSite(parseJson(readFileSync(join(copy, "site.json"))));
    const closed = Array.from(ids.keys()).slice(0, 2);
    expect(site.months.map(({ month }) => month)).toEqual(closed);
    for (const { month, manifest, evidence } of site.months) {
      expect(manifest).toEqual(JSON.parse(readFileSync(join(copy, "anchors", month, "manifest.json"), "utf8")));
      expect(evidence).toEqual(JSON.parse(readFileSync(join(copy, "anchors", month, "evidence.json"), "utf8")));
    }
    expect(parseRules(parseJson(readFileSync(join(copy, "network/files.json"))))).toEqual([]);
    const manifests = parseJson(readFileSync(join(copy, "registry/manifests.json")));
    expect(manifests).toEqual(nodes.map(({ json }) => json));
    const names = readdirSync(copy, { recursive: true, encoding: "utf8" });
    expect(names.filter((name) => name.includes(".tmp"))).toEqual([]);
  });

  test("without range requests and without a list of months too", async () => {
    const bare = join(temporaryFolder(), "bare");
    cpSync(copy, bare, { recursive: true });
    rmSync(join(bare, "anchors/months.json"));
    await using served = await staticHost(bare, { hasRanges: false });
    const [id = ""] = [...ids.values()][0] ?? [];
    const { code, err } = await cli(["prove", id, "--from", served.url]);
    expect([code, err]).toEqual([0, ""]);
  });

  test("what is not closed, or not there, is told apart from a host that is away", async () => {
    const served = await staticHost(copy);
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
    await using empty = await staticHost(temporaryFolder());
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
    await using served = await staticHost(altered);
    const [id = ""] = [...ids.values()][0] ?? [];
    const { code, out } = await cli(["prove", id, "--from", served.url]);
    expect([code === 0, out]).toEqual([false, ""]);
  });

  test("done again, it adds nothing, and refuses a copy of something else", async () => {
    const again = await cli(["export", copy, "--ledger", folder, "--format", "json"]);
    expect(JSON.parse(again.out)).toMatchObject({ months: [...ids.keys()].slice(0, 2) });
    const other = join(temporaryFolder(), "other");
    cpSync(copy, other, { recursive: true });
    // What follows from the events is made again, the way this version of the program does it.
    const index = join(other, "anchors", [...ids.keys()][0] ?? "", "index/facts.json");
    const leftover = join(other, "anchors", ".manifest.json.0123456789abcdef.tmp");
    writeFileSync(leftover, "half");
    const facts = readFileSync(index);
    writeFileSync(index, "{}\n");
    expect(await cli(["export", other, "--ledger", folder])).toMatchObject({ code: 0 });
    expect([readFileSync(index).equals(facts), existsSync(leftover)]).toEqual([true, false]);
    writeFileSync(join(other, "anchors", [...ids.keys()][0] ?? "", "evidence.json"), "{}\n");
    expect(await cli(["export", other, "--ledger", folder])).toMatchObject({
      code: 2,
      err: expect.stringContaining("ARCHIVE_CONFLICT"),
    });
  });
});

test("what a network keeps beside its events to judge releases by is in the copy, wherever its ledger lies", async () => {
  const root = lastingFolder();
  cpSync(await sampleCopy(), join(root, "ledger"), { recursive: true });
  const folder = join(root, "ledger");
  const source = { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
  const [first] = (await readLedgerView(source)).partitions;
  await closePartition(first?.month ?? "", "local", { ...testCloseDeps(source, later), key: testKey });
  const [node] = (await source.ledger.frame()).nodes;
  const files = {
    "profiles/strict.json": '{"id":"strict","requiredChecks":[]}',
    [`ledger/nodes/${node?.id}/repomesh.profile.json`]: '{"profileId":"strict"}',
    "notes/private.json": "{}",
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  const copy = join(lastingFolder(), "public");
  const made = await cli(["export", copy, "--ledger", root]);
  const listed = (): readonly string[] => parseRules(parseJson(readFileSync(join(copy, "network/files.json"))));
  const isReadable = made.err === "";
  expect([made.code, isReadable ? listed() : made.err]).toEqual([
    0,
    [`ledger/nodes/${node?.id}/repomesh.profile.json`, "profiles/strict.json"],
  ]);
  expect(existsSync(join(copy, "network/profiles/strict.json"))).toBe(true);
  expect(existsSync(join(copy, "notes"))).toBe(false);
  writeFileSync(join(root, "verifier.policy.json"), "nonsense");
  const again = await cli(["export", copy, "--ledger", root]);
  expect([again.code, again.err]).toEqual([0, expect.stringContaining("without the network's own rules")]);
});

test("a copy is not made inside the ledger, nor of a ledger without closed months", async () => {
  const folder = await sampleCopy();
  expect((await cli(["export", join(folder, "public"), "--ledger", folder])).err).toContain("CONFIG_INVALID");
  expect((await cli(["export", join(temporaryFolder(), "to"), "--ledger", folder])).err).toContain(
    "PARTITION_NOT_CLOSED",
  );
});
