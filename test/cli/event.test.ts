import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, describe, expect, test } from "vitest";
import { fromUtf8, utf8 } from "../../src/core/bytes.ts";
import { acceptRoutes } from "../../src/http/accept.ts";
import type { Route } from "../../src/http/route.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import {
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  jsonlFiles,
  closedMonthlyFiles,
  linesPath,
  monthlyFiles,
  nativeEvent,
  nodeJson,
  pemOf,
  releasePayload,
  seedOf,
  signAgain,
  withoutFile,
} from "../support/build-ledger.ts";
import { privateKeyPem } from "../../src/core/public-key.ts";
import { cli, type CliResult } from "../support/cli.ts";
import { eventsServer, type Reply } from "../support/events-server.ts";
import { temporaryFolder, textsIn } from "../support/temporary-folder.ts";
import { json, keyFile, nodeOfTwo, now, put, refusals, release } from "./joining.ts";

const nowUnixMs = Date.parse(now);
let folder: string;

beforeEach(() => {
  folder = temporaryFolder();
});

function run(...args: readonly string[]): Promise<CliResult> {
  return cli(args, { SETTLEMENT_NOW: now });
}

function widget(version = "2.1.0", timestamp = now): Json {
  return nativeEvent("ReleasePublished", "acme/widget", timestamp, releasePayload("acme/widget", version));
}

function gear(version = "1.2.0"): Json {
  return jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", version, now), "acme/widget");
}

describe("settlement event sign", () => {
  test("of type and payload makes the event of the monthly dialect, by the manifest at hand", async () => {
    const node = put(folder, "node.json", nodeJson("acme/widget", "compute"));
    const key = keyFile(folder, "acme/widget");
    const file = put(folder, "release.json", release("acme/widget", "2.1.0"));
    const { code, out, err } = await run("event", "sign", file, "--key-file", key, "--node", node);
    expect([code, err]).toEqual([0, ""]);
    expect(JSON.parse(out)).toEqual(widget());
  });

  test("of a whole event keeps what is said, and writes it to a file", async () => {
    const timestamp = "2026-03-19T08:00:00.250Z";
    const { id: _id, signature: _signature, ...content } = widget("2.1.0", timestamp);
    const file = put(folder, "event.json", content);
    const output = join(folder, "signed.json");
    const pem = readFileSync(keyFile(folder, "acme/widget"), "utf8");
    const { code, out } = await cli(["event", "sign", file, "-o", output], { SETTLEMENT_KEY: pem });
    expect(code).toBe(0);
    expect(json(folder, "signed.json")).toEqual(widget("2.1.0", timestamp));
    expect(out).toMatch(/^✓ .*signed\.json: event [0-9a-f]{64}, signed\n$/);
  });

  test("makes the event of the jsonl dialect, the key named by the manifest or by a flag", async () => {
    const content = jsonlContent("ReleasePublished", "acme/widget", "1.2.0", now);
    const { type, timestamp: _timestamp, ...payload } = content;
    const node = put(folder, "node.json", nodeJson("acme/widget", "compute"));
    const key = keyFile(folder, "acme/widget");
    const signing = ["--key-file", key, "--dialect", "jsonl"];
    const whole = await run("event", "sign", put(folder, "a.json", content), ...signing, "--key-id", "acme-widget-1");
    const parts = await run("event", "sign", put(folder, "b.json", { type, payload }), ...signing, "--node", node);
    expect(JSON.parse(whole.out)).toEqual(gear());
    expect(JSON.parse(parts.out)).toEqual(gear());
  });

  const notSigned: readonly (readonly [string, Json, readonly string[], string])[] = [
    ["a payload that its schema refuses", { type: "ReleasePublished", payload: {} }, [], "PAYLOAD_INVALID"],
    [
      "an event that no ledger takes",
      { ...jsonlContent("ReleasePublished", "a/b", "1", now) },
      ["--key-id", "k1"],
      "EVENT_MALFORMED",
    ],
  ];
  test.for(notSigned)("refuses %s", async ([, content, args, code]) => {
    const file = put(folder, "event.json", content);
    const key = keyFile(folder, "acme/widget");
    const result = await run("event", "sign", file, "--key-file", key, "--id", "acme/widget", ...args);
    expect(result.code).toBe(1);
    expect(refusals(result.out)).toContain(code);
    expect(result.out).toMatch(/to do {2}\S/);
  });

  const keyFaults: readonly (readonly [string, Json, string, string])[] = [
    ["a key that the manifest does not have", {}, "somebody", "SIGNATURE_INVALID"],
    ["a key that has ended", { validUntil: "2026-03-20T12:00:00Z" }, "acme/widget", "KEY_NOT_VALID"],
    ["a key that has not begun", { validFrom: "2026-03-20T12:00:01Z" }, "acme/widget", "KEY_NOT_VALID"],
    [
      "a compromised key",
      { revokedAt: now, revocationReason: "compromise", invalidAfter: "2026-03-01T00:00:00Z" },
      "acme/widget",
      "KEY_NOT_VALID",
    ],
  ];
  test.for(keyFaults)("refuses to sign with %s, and says so with its code", async ([, window, name, code]) => {
    const node = put(folder, "node.json", nodeJson("acme/widget", "compute", {}, window));
    const file = put(folder, "event.json", release("acme/widget", "2.1.0"));
    const args = ["event", "sign", file, "--key-file", keyFile(folder, name), "--node", node];
    for (const dialect of ["monthly", "jsonl"]) {
      const result = await run(...args, "--dialect", dialect);
      expect([result.code, refusals(result.out)]).toEqual([1, [code]]);
    }
    expect(JSON.parse((await run(...args, "--format", "json")).out)).toMatchObject({
      answers: [{ state: "refused", code }],
    });
  });

  test.for<[string, unknown, readonly string[], RegExp]>([
    ["an event that is signed", widget(), [], /^EVENT_MALFORMED: .*already/],
    ["a list", [], [], /^EVENT_MALFORMED/],
    ["no JSON", "{", [], /^JSON_MALFORMED: .*event\.json/],
    ["a member twice", '{"type":1,"type":2}', [], /^JSON_DUPLICATE_KEY/],
    ["an event of nobody", { type: "ReleasePublished", payload: {} }, [], /^NODE_ID_MALFORMED: .*--id/],
    ["a type that is none", { type: "Party", payload: {} }, ["--id", "a/b"], /^EVENT_TYPE_UNKNOWN/],
    [
      "a member of its own",
      { type: "ReleasePublished", payload: {}, more: 1 },
      ["--id", "a/b"],
      /^EVENT_MALFORMED: .*more/,
    ],
    ["no key id", jsonlContent("ReleasePublished", "a/b", "1.0.0", now), [], /^EVENT_MALFORMED: .*--key-id/],
    ["a nodeId in jsonl", release("a/b", "1.0.0"), ["--dialect", "jsonl"], /^EVENT_MALFORMED: .*--key-id/],
    ["a manifest that is not there", release("a/b", "1.0.0"), ["--node", "/nowhere.json"], /^USAGE_INVALID: /],
  ])("refuses %s", async ([, content, args, message]) => {
    const file = put(folder, "event.json", content);
    const { code, out, err } = await run("event", "sign", file, "--key-file", keyFile(folder, "a/b"), ...args);
    expect([code, out]).toEqual([2, ""]);
    expect(err).toMatch(message);
  });

  test("needs a key, and one", async () => {
    const file = put(folder, "event.json", release("a/b", "1.0.0"));
    expect((await run("event", "sign", file)).err).toMatch(/^CONFIG_INVALID: signing needs the maintainer's key/);
    const pem = privateKeyPem(seedOf("a/b"));
    const both = await cli(["event", "sign", file, "--key-file", keyFile(folder, "a/b")], { SETTLEMENT_KEY: pem });
    expect(both.err).toMatch(/^CONFIG_INVALID: both SETTLEMENT_KEY and --key-file/);
    expect((await run("event", "sign", join(folder, "nothing"))).err).toMatch(/^CONFIG_INVALID|^USAGE_INVALID/);
  });
});

describe("settlement event append", () => {
  const ledgers: readonly (readonly [string, () => Files, () => Json, string])[] = [
    ["monthly", monthlyFiles, widget, "2026-03.json"],
    ["jsonl", jsonlFiles, gear, linesPath],
  ];

  test.for(ledgers)("adds an event to a %s ledger, once, and the ledger stays good", async ([, files, event, path]) => {
    const ledger = folderOf(files());
    const file = put(folder, "event.json", event());
    const first = await run("event", "append", file, "--ledger", ledger);
    expect([first.code, first.err]).toEqual([0, ""]);
    expect(first.out).toMatch(/^ACCEPTED {2}[0-9a-f]{64}, leaf \d+ of 2026-03\n$/);
    const text = readFileSync(join(ledger, path), "utf8");
    expect(text.startsWith(files()[path]?.slice(0, -3) ?? "-")).toBe(true);
    expect(text).toContain(JSON.stringify(event()));
    const second = await run("event", "append", file, "--ledger", ledger);
    expect(second.out).toMatch(/^KNOWN {5}[0-9a-f]{64}, leaf \d+ of 2026-03; nothing was added\n$/);
    expect(readFileSync(join(ledger, path), "utf8")).toBe(text);
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test("adds the good ones of several, and says what is wrong with the others", async () => {
    const ledger = folderOf(monthlyFiles());
    const events = [widget("2.1.0"), widget("2.0.0", "2026-03-19T00:00:00Z"), widget("2.2.0")];
    const file = put(folder, "events.json", events);
    const { code, out } = await run("event", "append", file, "--ledger", ledger, "--format", "json");
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      answers: [
        { state: "accepted", month: "2026-03", leafIndex: 5 },
        { state: "refused", code: "RELEASE_DUPLICATE", hint: expect.stringContaining("another version") as string },
        { state: "accepted", month: "2026-03", leafIndex: 6 },
      ],
    });
  });

  const refused: readonly (readonly [string, () => Json | string])[] = [
    [
      "SIGNER_NOT_REGISTERED",
      () => nativeEvent("ReleasePublished", "no/body", now, releasePayload("no/body", "1.0.0")),
    ],
    ["SIGNATURE_INVALID", () => signAgain(widget(), "somebody")],
    ["EVENT_ID_MISMATCH", () => ({ ...widget(), timestamp: "2026-03-19T00:00:00Z" })],
    ["EVENT_FROM_FUTURE", () => widget("2.1.0", "2026-03-20T13:00:00Z")],
    ["EVENT_LATE", () => widget("2.1.0", "2026-02-20T13:00:00Z")],
    ["RELEASE_DUPLICATE", () => widget("2.0.0")],
    [
      "EVENT_KIND_NOT_ALLOWED",
      () => nativeEvent("ReleasePublished", "audit/one", now, releasePayload("audit/one", "1.0.0")),
    ],
    [
      "EVENT_REPO_NOT_OWN",
      () => nativeEvent("ReleasePublished", "acme/gadget", now, releasePayload("acme/widget", "9.0.0")),
    ],
    ["LEDGER_MIXED_DIALECTS", gear],
    ["PAYLOAD_INVALID", () => nativeEvent("ReleasePublished", "acme/widget", now, {})],
  ];
  test.for(refused)("refuses %s with its hint, and writes nothing", async ([code, event]) => {
    const ledger = folderOf(await closedMonthlyFiles());
    const before = await textsIn(ledger);
    const result = await run("event", "append", put(folder, "event.json", event()), "--ledger", ledger);
    expect([result.code, refusals(result.out)]).toEqual([1, [code]]);
    expect(result.out).toMatch(/\n {2}to do {2}\S/);
    const { ".writer.lock": _lock, ...after } = await textsIn(ledger);
    expect(after).toEqual(before);
  });

  test("refuses what is signed with a key whose time is over", async () => {
    const node = nodeJson("acme/widget", "compute", {}, { validUntil: "2026-03-20T11:59:59Z" });
    const ledger = folderOf({ ...monthlyFiles(), "nodes/acme/widget/node.json": JSON.stringify(node) });
    const now = await run("event", "append", put(folder, "event.json", widget()), "--ledger", ledger);
    const earlier = widget("2.2.0", "2026-03-20T11:00:00Z");
    const then = await run("event", "append", put(folder, "event.json", earlier), "--ledger", ledger);
    expect([refusals(now.out), refusals(then.out)]).toEqual([["KEY_NOT_VALID"], ["KEY_NOT_VALID_NOW"]]);
  });

  test("mends a torn end first, as a crash leaves it", async () => {
    const files = monthlyFiles();
    const ledger = folderOf({ ...files, "2026-03.json": `${files["2026-03.json"]?.slice(0, -3) ?? ""}\n,{"id":"a` });
    const { code, err } = await run("event", "append", put(folder, "event.json", widget()), "--ledger", ledger);
    expect(code).toBe(0);
    expect(err).toContain("torn append");
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test.for<[string, (files: Files) => Files, RegExp]>([
    [
      "a ledger that breaks its rules",
      (files) => withoutFile(files, "nodes/acme/widget/node.json"),
      /^ACCEPTANCE_STOPPED: .*SIGNER_NOT_REGISTERED/,
    ],
    ["a folder that is none", () => ({ "notes.txt": "x" }), /^LEDGER_NOT_FOUND/],
  ])("adds nothing to %s", async ([, change, message]) => {
    const ledger = folderOf(change(monthlyFiles()));
    const { code, err } = await run("event", "append", put(folder, "event.json", widget()), "--ledger", ledger);
    expect(code).not.toBe(0);
    expect(err).toMatch(message);
  });
});

describe("settlement event submit", () => {
  /** A settlement node as far as events go: the route, and the real acceptance behind it. */
  async function settlementNode(ledger: string): Promise<string> {
    const [route] = acceptRoutes({ acceptor: acceptor(acceptingInto(ledger, () => nowUnixMs)) });
    const { url } = await eventsServer(async ({ body }): Promise<Reply> => {
      const answer = await route?.answer({ body: utf8(body) } as Parameters<Route["answer"]>[0]);
      return { status: answer?.status ?? 200, body: textOf(answer?.body) };
    });
    return url;
  }

  function textOf(body: unknown): string {
    return body instanceof Uint8Array ? fromUtf8(body) : String(body);
  }

  test("hands events in, each with its answer, and again without harm", async () => {
    const ledger = folderOf(await closedMonthlyFiles());
    const url = await settlementNode(ledger);
    const file = put(folder, "events.json", [widget("2.1.0"), widget("2.0.0")]);
    const first = await run("event", "submit", file, "--url", url);
    expect(first.code).toBe(1);
    expect(first.out).toMatch(
      /^ACCEPTED {2}[0-9a-f]{64}, leaf \d+ of ledger\.test\/ledger\nREFUSED {2}RELEASE_DUPLICATE: /,
    );
    const again = await run("event", "submit", put(folder, "one.json", widget("2.1.0")), "--url", url);
    expect([again.code, again.out.slice(0, 5)]).toEqual([0, "KNOWN"]);
    expect((await run("validate", "--ledger", ledger)).code).toBe(0);
  });

  test("waits for a server that is busy, and says so", async () => {
    const { id } = widget();
    const answers = [{ id, state: "accepted", month: "2026-03", leafIndex: 0, checkpoint: "" }];
    const busy = { status: 503, headers: { "retry-after": "0" } };
    const { url, asked } = await eventsServer([busy, busy, { status: 200, body: { answers } }]);
    const { code, err } = await run("event", "submit", put(folder, "event.json", widget()), "--url", url);
    expect([code, asked.length]).toEqual([0, 3]);
    expect(err.match(/^note: the server answers 503; trying again in 0 s$/gm)).toHaveLength(2);
  });

  test("a server that takes no events is no good address, and one that never answers leaves it open", async () => {
    const file = put(folder, "event.json", widget());
    const { url } = await eventsServer([{ status: 405 }]);
    expect(await run("event", "submit", file, "--url", url)).toMatchObject({ code: 2, out: "" });
    const patient = await eventsServer([{ status: 429, headers: { "retry-after": "9999" } }]);
    const { code, out } = await run("event", "submit", file, "--url", patient.url, "--format", "json");
    expect(code).toBe(3);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "SUBMISSION_UNANSWERED", kind: "uncertain" } });
    expect((await run("event", "submit", file)).err).toMatch(/^CONFIG_INVALID: event submit needs --url/);
    expect((await run("event", "submit", file, "--url", "http://example.org")).err).toMatch(/^CONFIG_INVALID: --url/);
  });
});

describe("settlement event show", () => {
  test("of an event in the ledger says who signed it, and where it stands", async () => {
    const ledger = folderOf(await closedMonthlyFiles());
    const { code, out } = await run("event", "show", "acme/widget@1.0.0", "--ledger", ledger);
    expect(code).toBe(0);
    expect(out).toMatch(/^type +ReleasePublished \(monthly dialect\)$/m);
    expect(out).toMatch(/^about +acme\/widget@1\.0\.0$/m);
    expect(out).toMatch(/^signature +holds \(acme\/widget, key acme-widget-1\): /m);
    expect(out).toMatch(/^month +2026-01, leaf 0$/m);
    expect(out).toMatch(/^anchor +unproven: /m);
    const open = await run("event", "show", "acme/widget@2.0.0", "--ledger", ledger, "--format", "json");
    expect(JSON.parse(open.out)).toMatchObject({
      version: "2.0.0",
      signature: { verdict: "holds", signer: "acme/widget" },
      place: { month: "2026-03", leafIndex: 0, anchor: { state: "open", verdict: null } },
    });
  });

  test("of a jsonl event names the node that signed", async () => {
    const ledger = folderOf(jsonlFiles());
    const [, attestation] = (jsonlFiles()[linesPath] ?? "").split("\n");
    const file = put(folder, "event.json", attestation);
    const { code, out } = await run("event", "show", file, "--ledger", ledger, "--format", "json");
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({
      node: "audit/one",
      repo: "acme/widget",
      place: { month: "2026-01", leafIndex: 1 },
    });
  });

  test("of a file tells by the manifest at hand, or that it cannot", async () => {
    const file = put(folder, "event.json", widget());
    const two = put(folder, "node.json", nodeOfTwo("acme/widget", "compute"));
    const strange = put(folder, "strange.json", nodeJson("acme/widget", "compute", {}, { publicKey: pemOf("x/y") }));
    const late = put(
      folder,
      "late.json",
      nodeJson("acme/widget", "compute", {}, { validFrom: "2027-01-01T00:00:00Z" }),
    );
    const show = async (...args: readonly string[]): Promise<readonly [number, string]> => {
      const { code, out } = await run("event", "show", file, ...args);
      return [code, /^signature +(\w+)/m.exec(out)?.[1] ?? ""];
    };
    mkdirSync(join(folder, "empty"));
    expect(await show("--node", two)).toEqual([0, "holds"]);
    expect(await show("--node", strange)).toEqual([1, "fails"]);
    expect(await show("--node", late)).toEqual([1, "fails"]);
    expect(await show()).toEqual([3, "unknown"]);
  });

  test("of a compromised key trusts nothing that no anchor shows to be older", async () => {
    const revoked = {
      revokedAt: "2026-03-19T00:00:00Z",
      revocationReason: "compromise",
      invalidAfter: "2026-03-10T00:00:00Z",
    };
    const node = nodeJson("acme/widget", "compute", {}, revoked);
    const ledger = folderOf({ ...monthlyFiles(), "nodes/acme/widget/node.json": JSON.stringify(node) });
    const { code, out } = await run("event", "show", "acme/widget@2.0.0", "--ledger", ledger);
    expect(code).toBe(1);
    expect(out).toMatch(
      /^signature +fails \(acme\/widget, key acme-widget-1\): the key was compromised, and nothing proves/m,
    );
  });

  test.for<[string, string, RegExp]>([
    ["an id that nothing has", "ab".repeat(32), /^EVENT_NOT_FOUND/],
    ["a release that nobody made", "acme/widget@9.9.9", /^EVENT_NOT_FOUND/],
    ["a file that is not there", "nothing.json", /^USAGE_INVALID/],
  ])("refuses %s", async ([, name, message]) => {
    const ledger = folderOf(monthlyFiles());
    const { code, err } = await run("event", "show", name, "--ledger", ledger);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});
