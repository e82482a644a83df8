import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { archiveFolder } from "../../src/adapters/archive-folder.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { ledgerFolder } from "../../src/adapters/ledger-folder.ts";
import { memoryAttempts } from "../../src/adapters/memory-attempts.ts";
import { nodeSha256, nodeVerify } from "../../src/adapters/node-crypto.ts";
import { fromHex, fromUtf8 } from "../../src/core/bytes.ts";
import { judgeBundle } from "../../src/core/judge-bundle.ts";
import { verifyConsistency } from "../../src/core/merkle-proof.ts";
import { createApp } from "../../src/http/app.ts";
import { type HttpServer, serveHttp } from "../../src/http/serve-http.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { readLedgerView } from "../../src/settle/ledger-view.ts";
import { type ConsoleData, type EventEntry, NoAnswer } from "../../src/web/console/data.ts";
import { copyData } from "../../src/web/console/static/copy-data.ts";
import { builtInPins, serverPins, trustOf, withPins } from "../../src/web/pins.ts";
import { parseLink, fromBase64url } from "../../src/web/link.ts";
import { closeMonth, sampleFiles } from "../http/sample-ledger.ts";
import { witness } from "../http/witness.ts";
import { builtKey } from "../support/accepting.ts";
import { jsonlFiles } from "../support/build-ledger.ts";
import { cli } from "../support/cli.ts";
import { testCloseDeps } from "../support/settle.ts";
import { lastingFolders } from "../support/lasting-folder.ts";
import { type StaticHost, staticHost } from "../support/static-host.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

const lastingFolder = lastingFolders();

function writeAll(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** January closed, anchored and proven, February closed, March open. */
async function monthlyLedger(folder: string): Promise<string> {
  writeAll(folder, sampleFiles());
  const [ledger, archive] = [ledgerFolder(folder), archiveFolder(folder)];
  for (const month of ["2026-01", "2026-02"]) await closeMonth(month, ledger, archive);
  await witness(archive, "2026-01");
  return folder;
}

/** One list, its first two months closed. */
async function jsonlLedger(root: string): Promise<string> {
  writeAll(root, jsonlFiles());
  const folder = existsSync(join(root, "ledger")) ? join(root, "ledger") : root;
  const source = { ledger: ledgerFolder(folder), archive: archiveFolder(folder) };
  for (const { month } of (await readLedgerView(source)).partitions.slice(0, 2)) {
    await closePartition(month, "local", { ...testCloseDeps(source, Date.UTC(2026, 10, 21)), key: builtKey });
  }
  return folder;
}

async function nodeOver(folder: string, facts: Uint8Array): Promise<HttpServer> {
  const [ledger, archive] = [ledgerFolder(folder), archiveFolder(folder)];
  const own = { network: "local", version: "0.0.0-test", log: () => undefined } as const;
  const trust = trustOf(withPins(builtInPins, serverPins(facts)));
  const deps = { ledger, archive, attempts: memoryAttempts(), trust, verify: nodeVerify, sha256: nodeSha256 };
  return serveHttp(createApp({ ...deps, ...own, place: { tree: folderTree(folder), prefix: "" } }), {
    port: 0,
    host: "127.0.0.1",
  });
}

/** Every page of a list. */
async function all(data: ConsoleData, query: Parameters<ConsoleData["events"]>[0]): Promise<readonly EventEntry[]> {
  const found: EventEntry[] = [];
  for (let after: string | undefined; ;) {
    const page = await data.events({ ...query, ...(after === undefined ? {} : { after }) });
    found.push(...page.events);
    if (page.next === null) return found;
    after = page.next;
  }
}

async function faultOf(work: Promise<unknown>): Promise<NoAnswer> {
  const error = await work.then(
    () => new Error("it answered"),
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(NoAnswer);
  return error as NoAnswer;
}

describe.each([
  ["a ledger of months", monthlyLedger],
  ["a ledger of one list", jsonlLedger],
])("a copy of %s", (_, make) => {
  let copy = "";
  let node: HttpServer;
  let host: StaticHost;
  let data: ConsoleData;
  const json = async <T>(path: string): Promise<T> => (await (await fetch(`${node.url}/v1${path}`)).json()) as T;
  const bytes = async (path: string): Promise<string> => (await fetch(`${node.url}/v1${path}`)).text();
  let closed: readonly EventEntry[] = [];

  beforeAll(async () => {
    const folder = await make(lastingFolder());
    copy = join(lastingFolder(), "public");
    const { code, err } = await cli(["export", copy, "--ledger", folder]);
    if (code !== 0) throw new Error(err);
    [node, host] = await Promise.all([nodeOver(folder, readFileSync(join(copy, "v1"))), staticHost(copy)]);
    data = copyData(new URL(host.url));
    closed = await all(data, { filters: {}, limit: 7 });
  });
  afterAll(async () => {
    await Promise.all([node.close(), host[Symbol.asyncDispose]()]);
  });

  test("says of itself and of its months what a node says", async () => {
    const { links: _links, version: _version, ...facts } = await json<Record<string, unknown>>("");
    expect(await data.facts()).toMatchObject(facts);
    const { partitions } = await json<{ partitions: Record<string, unknown>[] }>("/partitions");
    const own = await data.months();
    const served = partitions.slice(0, 2).map(({ state: _state, links: _links, ...month }) => month);
    expect(own.partitions.map(({ links: _links, ...month }) => month)).toEqual(served);
    for (const { month, links } of own.partitions) {
      const { manifest, evidence } = await json<Record<string, unknown>>(`/partitions/${month}`);
      expect(await data.month(month)).toMatchObject({ manifest, evidence });
      for (const name of ["checkpoint", "ledger-checkpoint", "receipt", "xpop"] as const) {
        if (name in links) {
          expect(fromUtf8(await data.monthFile(month, name))).toBe(await bytes(`/partitions/${month}/${name}`));
        }
      }
    }
    expect(await data.copied()).toEqual({ at: expect.stringMatching(/Z$/), through: own.partitions.at(-1)?.month });
  });

  test("lists and finds the same events", async () => {
    for (const { month, count } of (await data.months()).partitions) {
      const listed = await all(data, { month, limit: 101 });
      expect(listed).toHaveLength(count);
      expect(listed).toEqual(
        (await json<{ events: unknown[] }>(`/partitions/${month}/events?limit=1000`)).events.slice(0, count),
      );
    }
    const nodes = (await data.nodes()).map(({ id }) => id);
    const searches = [
      ...nodes.flatMap((id) => [{ repo: id }, { node: id }]),
      { type: "ReleasePublished" },
      { type: "AttestationPublished", node: nodes[0] ?? "" },
      { repo: "acme/nobody" },
    ] as readonly Record<string, string>[];
    const months = new Set(closed.map(({ month }) => month));
    for (const filters of searches) {
      const served = await json<{ events: EventEntry[] }>(
        `/events?${new URLSearchParams({ ...filters, limit: "1000" }).toString()}`,
      );
      const known = served.events.filter(({ month }) => months.has(month));
      expect(await all(data, { filters, limit: 3 })).toEqual(known);
    }
  });

  test("proves each event by the bytes that a node serves, and from few bytes of its own", async () => {
    for (const { id } of closed.filter((_, at) => at < 3 || at % 60 === 0)) {
      expect(fromUtf8(await data.proof(id))).toBe(await bytes(`/events/${id}/proof`));
    }
    const [first] = closed;
    const fresh = copyData(new URL(host.url));
    await fresh.months();
    host.asked.length = 0;
    const proof = await fresh.proof(first?.id ?? "");
    expect(host.asked.length).toBeLessThan(16);
    expect(Math.max(...host.asked.map((each) => each.bytes))).toBeLessThan(20_000);
    const trust = trustOf(serverPins(new TextEncoder().encode(JSON.stringify(await data.facts()))));
    expect(judgeBundle(proof, trust, nodeVerify).verdict).not.toBe("failed");
    const link = await data.verificationOf(first?.id ?? "");
    expect(link).toMatch(/^\/verify\.html#proof=/);
    const packed = parseLink({ hash: link.slice(link.indexOf("#")), search: "" });
    const text = packed.kind === "inline" ? packed.text : "";
    const stream = new Blob([Uint8Array.from(fromBase64url(text))]).stream();
    const unpacked = await new Response(stream.pipeThrough(new DecompressionStream("gzip"))).text();
    expect(unpacked).toBe(fromUtf8(proof));
  });

  test("shows that the log only grew, by its tiles", async () => {
    const [old, now] = (await data.months()).partitions;
    const [before, after] = await Promise.all([old, now].map((each) => data.month(each?.month ?? "")));
    const heads = [before, after].map((each) => ({ size: each?.evidence?.s ?? 0, root: each?.evidence?.l ?? "" }));
    const [oldHead, newHead] = heads.map(({ size, root }) => ({ size, root: fromHex(root) }));
    const { path } = await data.consistency(heads[0]?.size ?? 0, heads[1]?.size ?? 0);
    expect(path).toEqual(
      (await json<{ path: string[] }>(`/consistency?old=${heads[0]?.size}&new=${heads[1]?.size}`)).path,
    );
    expect(() => oldHead && newHead && verifyConsistency(oldHead, newHead, path.map(fromHex))).not.toThrow();
  });

  test("knows the nodes, the anchors and what is said about releases", async () => {
    expect(await data.nodes()).toEqual(await json("/registry/nodes"));
    for (const { id } of await data.nodes()) {
      expect(await data.node(id)).toEqual((await json<{ node: unknown }>(`/nodes/${id}`)).node);
    }
    const anchors = await data.anchors();
    const served = await json<{ anchors: { transactionHash: string }[] }>("/anchors");
    expect(anchors.map(({ transactionHash }) => transactionHash)).toEqual(
      served.anchors.map(({ transactionHash }) => transactionHash),
    );
    for (const { transactionHash } of anchors) {
      expect(await data.anchorBlob(transactionHash)).toBe(
        (await json<{ blob: string }>(`/anchors/${transactionHash}`)).blob,
      );
    }
    expect((await faultOf(data.anchorBlob("00".repeat(32)))).code).toBe("ANCHOR_NOT_FOUND");
    const releases = await all(data, { filters: { type: "ReleasePublished" }, limit: 50 });
    expect(releases.length).toBeGreaterThan(0);
    for (const { event } of releases) {
      const { repo, version } = (event["payload"] ?? event) as { repo: string; version: string };
      const path = `/releases/${repo}/${version}`;
      const { ok: _ok, links: _links, ...judged } = await json<Record<string, unknown>>(path);
      const own = await data.release(repo, version);
      const isKnown = ({ id }: { readonly id: string }): boolean => closed.some((each) => each.id === id);
      // What was said in open months is not in a copy.
      if ((judged["events"] as { id: string }[]).every(isKnown)) expect(own).toEqual(judged);
      else expect(own.events).toEqual((judged["events"] as { id: string }[]).filter(isKnown));
    }
  });

  test("tells what it has not got", async () => {
    expect(await faultOf(data.event("00".repeat(32)))).toMatchObject({ status: 404, code: "EVENT_NOT_FOUND" });
    expect(await faultOf(data.event("x"))).toMatchObject({ status: 400, code: "PARAMETER_MALFORMED" });
    expect(await faultOf(data.month("2019-01"))).toMatchObject({ status: 404, code: "PARTITION_NOT_FOUND" });
    expect(await faultOf(data.month("../../x"))).toMatchObject({ status: 404 });
    expect(await faultOf(data.node("acme/none"))).toMatchObject({ status: 404, code: "NODE_NOT_FOUND" });
    expect(await faultOf(data.release("acme/none", "1.0.0"))).toMatchObject({ status: 404 });
    expect(await faultOf(data.events({ filters: { type: "Nonsense" }, limit: 5 }))).toMatchObject({ status: 400 });
    await using empty = await staticHost(temporaryFolder());
    expect(await faultOf(copyData(new URL(empty.url)).months())).toMatchObject({ code: "LEDGER_NOT_FOUND" });
  });

  test("is read from a host that knows no ranges too", async () => {
    await using plain = await staticHost(copy, { hasRanges: false });
    const slow = copyData(new URL(plain.url));
    expect(await all(slow, { filters: {}, limit: 1000 })).toEqual(closed);
    const id = closed.at(-1)?.id ?? "";
    expect(await slow.proof(id)).toEqual(await data.proof(id));
    const whole = plain.asked.filter(({ path }) => path.endsWith("index/places")).map(({ path }) => path);
    expect(new Set(whole).size).toBe(whole.length);
  });

  describe("that was altered", () => {
    /** The copy with one of its files changed. */
    async function altered(
      change: (read: (path: string) => Buffer, write: (path: string, bytes: Buffer | string) => void) => void,
    ): Promise<AsyncDisposable & { readonly data: ConsoleData }> {
      const folder = join(temporaryFolder(), "altered");
      cpSync(copy, folder, { recursive: true });
      change(
        (path) => readFileSync(join(folder, path)),
        (path, content) => writeFileSync(join(folder, path), content),
      );
      const served = await staticHost(folder);
      return {
        data: copyData(new URL(served.url)),
        [Symbol.asyncDispose]: async () => {
          await served[Symbol.asyncDispose]();
          rmSync(folder, { recursive: true });
        },
      };
    }
    const flip = (bytes: Buffer, at: number): void => {
      bytes[at] = (bytes[at] ?? 0) ^ 1;
    };
    const cases: readonly (readonly [name: string, file: string, change: (bytes: Buffer) => void])[] = [
      ["a tile", "tile/0/000", (bytes) => bytes.fill(7)],
      ["a manifest", "manifest.json", (bytes) => flip(bytes, bytes.indexOf('"root": "') + 12)],
      ["the evidence", "evidence.json", (bytes) => flip(bytes, bytes.indexOf('"l": "') + 9)],
      ["the nodes", "nodes.json", (bytes) => flip(bytes, bytes.indexOf('"name"') + 10)],
      ["the places", "index/places", (bytes) => bytes.fill(0)],
      ["the ids", "index/ids", (bytes) => bytes.fill(0)],
    ];
    test.each(cases)("in %s proves nothing, and says so", async (_name, file, change) => {
      const { id = "", month: of = "" } = closed[0] ?? {};
      const count = closed.filter((each) => each.month === of).length;
      const suffix = file.startsWith("tile/") && count < 256 ? `.p/${count}` : "";
      await using changed = await altered((read, write) => {
        const content = read(`anchors/${of}/${file}${suffix}`);
        change(content);
        write(`anchors/${of}/${file}${suffix}`, content);
      });
      const fault = await faultOf(changed.data.proof(id));
      expect(fault.message.length).toBeGreaterThan(20);
      expect([400, 404, 422]).toContain(fault.status);
      expect(fault.code === "EVENT_NOT_FOUND").toBe(file === "index/ids");
    });

    test("in what finds the month says that the copy does not hold the event", async () => {
      const { id = "", month: of = "" } = closed[0] ?? {};
      await using changed = await altered((read, write) => write("index/ids", read("index/ids").fill(0)));
      expect(await faultOf(changed.data.proof(id))).toMatchObject({ status: 404, code: "EVENT_NOT_FOUND" });
      // What is not looked for by its id is there all the same.
      expect((await changed.data.events({ month: of, limit: 1 })).events).toEqual(closed.slice(0, 1));
      await using cut = await altered((read, write) => write("index/ids", read("index/ids").subarray(8)));
      expect(await faultOf(cut.data.proof(id))).toMatchObject({ code: "INDEX_MALFORMED" });
    });

    test("in an event says so wherever the event is shown", async () => {
      const { id = "", month: of = "", dialect } = closed[0] ?? {};
      const file = dialect === "monthly" ? `${of}.json` : "events/events.jsonl";
      await using changed = await altered((read, write) => {
        const content = read(file);
        flip(content, content.indexOf('"timestamp"') + 15);
        write(file, content);
      });
      expect(await faultOf(changed.data.proof(id))).toMatchObject({ status: 422, code: "LEDGER_REFUTED" });
      expect(await faultOf(changed.data.event(id))).toMatchObject({ status: 422, code: "LEDGER_REFUTED" });
      expect(await faultOf(changed.data.events({ month: of, limit: 5 }))).toMatchObject({ status: 422 });
    });

    test("in its list of months is found out by the month's own files", async () => {
      const { month: of = "" } = closed[0] ?? {};
      await using changed = await altered((read, write) => {
        const site = JSON.parse(read("site.json").toString()) as { months: { evidence: { d: string } }[] };
        const [first] = site.months;
        if (first) first.evidence.d = "00".repeat(32);
        write("site.json", JSON.stringify(site));
      });
      expect(await faultOf(changed.data.month(of))).toMatchObject({ status: 422, code: "LEDGER_REFUTED" });
    });
  });
});
