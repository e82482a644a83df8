import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { memoryTree } from "../../src/adapters/memory-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { toBase64, utf8 } from "../../src/core/bytes.ts";
import { signEd25519 } from "../../src/core/ed25519.ts";
import { idBytes } from "../../src/core/event.ts";
import { isJsonObject, type JsonObject } from "../../src/core/json.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { openDoor } from "../../src/validate/door.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { acceptingInto, doorOptions } from "../support/accepting.ts";
import {
  anchorEvent,
  closedJsonlFiles,
  closedMonthlyFiles,
  eventsIn,
  type Files,
  type Json,
  jsonlContent,
  jsonlEvent,
  jsonlFiles,
  linesPath,
  monthlyFiles,
  nativeEvent,
  networkManifest,
  nowUnixMs,
  partition,
  pemOf,
  releasePayload,
  seedOf,
  textIn,
  withEvents,
  withJson,
} from "../support/build-ledger.ts";
import type { Tree } from "./hostile-case.ts";
import { forms } from "./hostile-forms-cases.ts";
import * as jsonlCases from "./hostile-jsonl-cases.ts";
import { payloads, speakers } from "./hostile-monthly-cases.ts";
import { keyEvent, keyEventCases, keyLedger, later, rotated, rotation } from "./key-event-cases.ts";

/** What the validator says of a ledger as a change of an earlier one. */
async function errorsOf(files: Files, base: Files): Promise<readonly string[]> {
  const options = { nowUnixMs, verify: nodeVerify, windows: { aheadMs: 15 * 60_000 } };
  const { findings } = await validateLedger(memoryTree(files), { ...options, base: memoryTree(base) });
  return findings.filter(({ severity }) => severity === "error").map(({ code }) => code);
}

function eventPathsOf(files: Files): string[] {
  return Object.keys(files).filter((path) => path === linesPath || /(^|\/)\d{4}-\d{2}\.json$/.test(path));
}

function timestampOf(text: string): string {
  try {
    const value: unknown = JSON.parse(text);
    return isJsonObject(value) ? textIn(value["timestamp"]) : "";
  } catch {
    return "";
  }
}

/** The ledger with one more event at the end of its file. */
function withAppended(files: Files, text: string): Files {
  const list = files[linesPath];
  if (list !== undefined) return { ...files, [linesPath]: `${list}${text}\n` };
  const month = monthOfText(timestampOf(text)) ?? "2026-03";
  const path = `${Object.keys(files).some((each) => each.startsWith("ledger/")) ? "ledger/" : ""}${month}.json`;
  const file = files[path];
  const added =
    file === undefined || file === "[\n]\n" ? `[\n${text}\n]\n` : file.replace(/\n\]\n$/, `\n,${text}\n]\n`);
  return { ...files, [path]: added };
}

/** Is the event of a month before the first one of a ledger that has closed none? Only the door minds. */
function isBeforeAll(files: Files, text: string): boolean {
  if (Object.keys(files).some((path) => path.endsWith("manifest.json") && path.includes("anchors/"))) return false;
  const timestamps = eventPathsOf(files).flatMap((path) => eventsIn(files, path).map((event) => event["timestamp"]));
  const months = timestamps.map((timestamp) => monthOfText(textIn(timestamp)) ?? "");
  const own = monthOfText(timestampOf(text));
  return own !== undefined && months.length > 0 && months.every((month) => own < month);
}

/** UTC month of a time; undefined for a text that is none. */
function monthOfText(timestamp: string): string | undefined {
  const unixMs = Date.parse(timestamp);
  return Number.isNaN(unixMs) ? undefined : /^\d{4}-\d{2}/.exec(new Date(unixMs).toISOString())?.[0];
}

interface DoorVerdict {
  readonly state: string;
  readonly code?: string;
}

/** What the door of a ledger says of events that are handed in together; undefined when it is shut. */
async function doorVerdicts(files: Files, texts: readonly string[]): Promise<readonly DoorVerdict[] | undefined> {
  const tree = memoryTree(files);
  const deps = acceptingInto("/nowhere", () => nowUnixMs, {
    ledger: memoryLedger(),
    openDoor: (previous) => openDoor(tree, doorOptions, previous),
    graceMs: 10 * 365 * 86_400_000,
  });
  try {
    return await acceptor(deps).accept(texts.map(utf8));
  } catch (error) {
    expect(error).toMatchObject({ code: "ACCEPTANCE_STOPPED" });
    return undefined;
  }
}

interface Compared {
  readonly verdicts: readonly DoorVerdict[] | undefined;
  /** What the door and the validator disagree about. */
  readonly disagreements: readonly string[];
}

/** Hands events to the door of a ledger, and to the validator one after the other as changes of it. */
async function compared(files: Files, texts: readonly string[]): Promise<Compared> {
  const verdicts = await doorVerdicts(files, texts);
  const isFaulty = (await errorsOf(files, files)).length > 0;
  const disagreements = isFaulty === (verdicts === undefined) ? [] : ["the ledger as it is"];
  let current = files;
  for (const [at, verdict] of (verdicts ?? []).entries()) {
    const text = texts[at] ?? "";
    const next = withAppended(current, text);
    const errors = await errorsOf(next, current);
    const isTwice = verdict.state === "known" || verdict.code === "EVENT_SIGNED_OTHERWISE";
    // Where nothing is closed yet, the validator would let a month begin before the first one.
    const isDoorsOwn = verdict.code === "EVENT_LATE" && isBeforeAll(current, text);
    const isAgreed = isTwice
      ? errors.includes("EVENT_DUPLICATE_ID")
      : isDoorsOwn || (verdict.state === "accepted") === (errors.length === 0);
    if (!isAgreed) disagreements.push(`${JSON.stringify(verdict)}, and ${errors.join(" ") || "no error"}: ${text}`);
    if (verdict.state === "accepted") current = next;
  }
  return { verdicts, disagreements };
}

/** Texts of the events of a ledger, as they stand in their lines. */
function eventTexts(tree: Tree): string[] {
  return Object.entries(tree).flatMap(([path, text]) =>
    typeof text === "string" && eventPathsOf({ [path]: "" }).length > 0
      ? text.split("\n").flatMap((line) => (/^,?\{/.test(line) ? [line.replace(/^,/, "")] : []))
      : [],
  );
}

/** Events that an alteration of a ledger adds or puts in the place of others. */
function newTexts(base: Files, altered: Tree): string[] {
  const known = new Set(eventTexts(base));
  return eventTexts(altered).filter((text) => !known.has(text) && text.length < 100_000);
}

/** The altered ledger with the events that it had before. */
function aroundEvents(base: Files, altered: Tree): Files {
  const others = Object.entries(altered).filter(
    ([path, text]) => typeof text === "string" && eventPathsOf({ [path]: "" }).length === 0,
  );
  return {
    ...(Object.fromEntries(others) as Files),
    ...Object.fromEntries(eventPathsOf(base).map((path) => [path, base[path] ?? ""])),
  };
}

interface Hostile {
  readonly name: string;
  readonly files: Files;
  readonly texts: readonly string[];
}

function hostileOf(
  base: Files,
  cases: readonly { readonly name: string; readonly alter: (files: Files) => Tree }[],
): Hostile[] {
  return cases.flatMap(({ name, alter }) => {
    const altered = alter(base);
    const texts = newTexts(base, altered);
    return texts.length === 0 ? [] : [{ name, files: aroundEvents(base, altered), texts }];
  });
}

const { forms: jsonlForms, signers, times, anchors, smallFiles } = jsonlCases;
const monthlyHostile = hostileOf(monthlyFiles(), [...payloads, ...speakers, ...forms]);
const jsonlHostile = hostileOf(smallFiles(), [...jsonlForms, ...signers, ...times, ...anchors]);
const keyHostile = hostileOf(
  smallFiles(),
  keyEventCases.map(({ name, files }) => ({ name, alter: () => files })),
);

describe.for([
  { dialect: "monthly", cases: monthlyHostile, least: 35 },
  { dialect: "jsonl", cases: jsonlHostile, least: 30 },
  { dialect: "keys", cases: keyHostile, least: 20 },
])("$dialect: every fault that the validator knows of an event", ({ cases, least }) => {
  test("there are many", () => {
    expect(cases.length).toBeGreaterThanOrEqual(least);
  });

  test.for(cases)("$name", async ({ files, texts }) => {
    expect((await compared(files, texts)).disagreements).toEqual([]);
  });
});

const released = nativeEvent(
  "ReleasePublished",
  "acme/widget",
  "2026-03-20T10:00:00Z",
  releasePayload("acme/widget", "4.0.0"),
);
const attested = nativeEvent("AttestationPublished", "audit/one", "2026-03-20T10:00:00Z", {
  targetEventId: released.id,
  verifierResults: [{ check: "license.audit", result: "pass" }],
  compositeScore: 50,
});
const inList = eventsIn(smallFiles(), linesPath);
const line = jsonlEvent(
  jsonlContent("ReleasePublished", "acme/widget", "4.0.0", "2026-03-20T10:00:00Z"),
  "acme/widget",
);
const noted = anchorEvent(networkManifest([...inList, line], "grown"), "2026-03-20T11:00:00Z");
const first = keyEvent("KeyRotation", rotation());
const toThird = { newKeyId: "acme-widget-3", newPublicKey: pemOf("third key"), effectiveAt: later };
const second = keyEvent("KeyRotation", rotation(toThird), "rules/keeper");

describe("what was handed in before counts", () => {
  test.for([
    { name: "a target", files: monthlyFiles(), good: [released, attested], alone: "TARGET_EVENT_UNKNOWN" },
    { name: "a window", files: smallFiles(), good: [line, noted], alone: "ANCHOR_NOTE_MISMATCH" },
    { name: "a story", files: keyLedger([], ...rotated), good: [first, second], alone: "KEY_EVENT_NOT_IN_MANIFEST" },
  ])("$name", async ({ files, good, alone }) => {
    const texts = good.map((event) => JSON.stringify(event));
    const both = await compared(files, texts);
    expect([both.verdicts?.map(({ state }) => state), both.disagreements]).toEqual([["accepted", "accepted"], []]);
    expect(await compared(files, texts.slice(1))).toMatchObject({ verdicts: [{ code: alone }], disagreements: [] });
  });
});

const instants = fc.constantFrom(
  "2025-02-01T00:00:00Z",
  "2025-12-31T23:59:59Z",
  "2026-01-15T00:00:00Z",
  "2026-02-28T23:59:59.999Z",
  "2026-03-01T00:00:00Z",
  "2026-03-19T10:00:00Z",
  "2026-03-20T12:00:00Z",
  "2026-03-20T12:15:00Z",
  "2026-03-20T12:15:00.001Z",
  "2026-04-01T00:00:00Z",
);
const signedBy = fc.constantFrom("acme/widget", "acme/gadget", "audit/one", "audit/two", "rules/keeper", "second key");

function idsIn(files: Files): string[] {
  return eventPathsOf(files).flatMap((path) => eventsIn(files, path).map(({ id }) => textIn(id)));
}

/** Any event of the ledger again: as it is, written otherwise, or signed otherwise. */
function again(files: Files): fc.Arbitrary<string> {
  const events = eventPathsOf(files).flatMap((path) => eventsIn(files, path));
  const otherwise = (event: Json, signer: string): Json => {
    const { signature } = event;
    const id = textIn(isJsonObject(signature) ? signature["canonicalHash"] : event["id"]);
    const value = toBase64(signEd25519(seedOf(signer), idBytes(id)));
    return { ...event, signature: isJsonObject(signature) ? { ...signature, value } : value };
  };
  return fc.tuple(fc.constantFrom(...events), fc.nat(4), signedBy).map(([event, how, signer]) => {
    const reversed = Object.fromEntries(Object.entries(event).toReversed());
    const { signature } = event;
    const renamed = isJsonObject(signature) ? { ...event, signature: { ...signature, keyId: "other-1" } } : reversed;
    return (
      [
        JSON.stringify(event),
        JSON.stringify(reversed),
        JSON.stringify(event).replaceAll(",", " , "),
        JSON.stringify(otherwise(event, signer)),
        JSON.stringify(renamed),
      ][how] ?? ""
    );
  });
}

const diff = { added: ["b"], removed: ["a"], changed: [] };

function monthlyCandidate(files: Files): fc.Arbitrary<string> {
  const node = fc.constantFrom("acme/widget", "acme/gadget", "acme/ghost", "watch/tower");
  const version = fc.constantFrom("0.1.0", "1.0.0", "2.0.0", "3.0.0", "3.1.0", "v4");
  const release = fc
    .tuple(node, node, version, instants, fc.option(signedBy, { nil: undefined }))
    .map(([nodeId, repo, number, time, signer]) =>
      nativeEvent("ReleasePublished", nodeId, time, releasePayload(repo, number), signer ?? nodeId),
    );
  const target = fc.oneof(
    fc.constantFrom(...idsIn(files)),
    release.map(({ id }) => id),
    fc.constant("00".repeat(32)),
  );
  const attestation = fc.tuple(target, instants).map(([targetEventId, time]) =>
    nativeEvent("AttestationPublished", "audit/one", time, {
      targetEventId,
      verifierResults: [{ check: "license.audit", result: "pass" }],
      compositeScore: 50,
    }),
  );
  const breaking = fc.tuple(version, version, instants).map(([fromVersion, toVersion, time]) =>
    nativeEvent("BreakingChangeDetected", "rules/keeper", time, {
      repo: "acme/widget",
      fromVersion,
      toVersion,
      interfaceDiff: diff,
    }),
  );
  return fc.oneof(release, release, attestation, breaking).map((event) => JSON.stringify(event));
}

function jsonlCandidate(): fc.Arbitrary<string> {
  const type = fc.constantFrom("ReleasePublished", "AttestationPublished", "PolicyViolation", "InterfaceUpdated");
  const repo = fc.constantFrom("acme/widget", "acme/ghost", "net/registry");
  const version = fc.constantFrom("1.0.0", "1.1.0", "1.2.0", "1.3.0");
  const keyId = fc.option(fc.constantFrom("acme-widget-1", "audit-one-1", "audit-two-1", "acme-widget-2"), {
    nil: undefined,
  });
  const claims = fc.constantFrom([], [{ type: "security.scan", uri: "repomesh:attestor:security.scan:pass" }]);
  const said = fc
    .tuple(type, repo, version, instants, claims, signedBy, keyId)
    .map(([what, about, number, time, attestations, signer, named]) =>
      jsonlEvent(jsonlContent(what, about, number, time, { attestations }), signer, named),
    );
  const when = fc.constantFrom("2026-03-10T00:00:00Z", "2026-03-15T00:00:00Z");
  const rotation = fc.tuple(when, when, signedBy).map(([timestamp, effectiveAt, signer]) => {
    const key = { retiringKeyId: "acme-widget-1", newKeyId: "acme-widget-2", newPublicKey: pemOf("second key") };
    const content = {
      type: "KeyRotation",
      repo: "acme/widget",
      timestamp,
      key: { action: "rotate", ...key, effectiveAt },
    };
    return jsonlEvent(content, signer, signer === "second key" ? "acme-widget-2" : undefined);
  });
  const sound = fc
    .tuple(fc.boolean(), fc.nat(3), instants)
    .map(([isRelease, minor, time]) =>
      isRelease
        ? jsonlEvent(jsonlContent("ReleasePublished", "acme/widget", `2.${minor}.0`, time), "acme/widget")
        : jsonlEvent(jsonlContent("AttestationPublished", "acme/widget", `2.${minor}.0`, time), "audit/one"),
    );
  return fc.oneof(said, said, sound, sound, rotation).map((event) => JSON.stringify(event));
}

/** One character replaced, so that hardly anything of an event is right any more. */
function damaged(texts: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(texts, fc.nat(), fc.constantFrom(...Array.from('09afAZ+/="\\{}[]:, é')))
    .map(([text, at, character]) => {
      const place = at % text.length;
      return text.slice(0, place) + character + text.slice(place + 1);
    });
}

const keyWindows: readonly JsonObject[] = [
  {},
  {},
  {},
  { validUntil: "2026-03-20T12:00:00Z" },
  { validUntil: "2026-03-10T00:00:00Z" },
  { validFrom: "2026-01-01T00:00:00Z", validUntil: "2026-03-20T12:10:00Z" },
  { validFrom: "2026-03-20T12:05:00Z" },
  { revokedAt: "2026-03-18T00:00:00Z", revocationReason: "retirement" },
  { revokedAt: "2026-03-18T00:00:00Z", revocationReason: "compromise", invalidAfter: "2026-01-01T00:00:00Z" },
];

/** The first key of acme/widget with another window, and a second one. */
function withWindows(files: Files, first: JsonObject, second: JsonObject): Files {
  const path = Object.keys(files).find((each) => each.endsWith("nodes/acme/widget/node.json")) ?? "";
  return withJson(files, path, (node) => {
    const [key = {}] = node["maintainers"] as Json[];
    const other = { ...key, keyId: "acme-widget-2", publicKey: pemOf("second key") };
    node["maintainers"] = [
      { ...key, ...first },
      { ...other, ...second },
    ];
  });
}

/** Events of the jsonl dialect in a file for each month. */
function jsonlMonthFiles(): Files {
  const { [linesPath]: _, ...others } = smallFiles();
  const months = Map.groupBy(eventsIn(smallFiles(), linesPath), ({ timestamp }) => monthOfText(textIn(timestamp)));
  return {
    ...others,
    ...Object.fromEntries(Array.from(months, ([month, all]) => [`ledger/${month}.json`, partition(all)])),
  };
}

const [closedMonthly, closedJsonl] = [await closedMonthlyFiles(), await closedJsonlFiles()];

test.for([
  { name: "monthly", files: monthlyFiles(), path: "2026-03.json", pool: monthlyHostile },
  { name: "monthly, two months closed", files: closedMonthly, path: "2026-03.json", pool: monthlyHostile },
  { name: "jsonl", files: jsonlFiles(), path: linesPath, pool: [...jsonlHostile, ...keyHostile] },
  {
    name: "jsonl by month",
    files: jsonlMonthFiles(),
    path: "ledger/2026-03.json",
    pool: [...jsonlHostile, ...keyHostile],
  },
  { name: "jsonl, two months closed", files: closedJsonl, path: linesPath, pool: [...jsonlHostile, ...keyHostile] },
])("$name: whatever is handed in to whatever ledger, door and validator agree", async ({ files, path, pool }) => {
  const isMonthly = path === "2026-03.json";
  const made = isMonthly ? monthlyCandidate(files) : jsonlCandidate();
  const good = fc.oneof(made, again(files), fc.constantFrom(...pool.flatMap(({ texts }) => texts)));
  const handed = fc.array(fc.oneof({ arbitrary: good, weight: 8 }, { arbitrary: damaged(good), weight: 1 }), {
    minLength: 1,
    maxLength: 6,
  });
  const windows = fc.constantFrom(...keyWindows);
  const seen = new Set<string>();
  await fc.assert(
    fc.asyncProperty(handed, windows, windows, fc.nat(2), async (texts, first, second, cut) => {
      const base = withWindows(
        withEvents(files, path, (events) => events.slice(0, events.length - (isMonthly ? cut : 0))),
        first,
        second,
      );
      const { verdicts = [], disagreements } = await compared(base, texts);
      expect(disagreements).toEqual([]);
      for (const { state, code } of verdicts) seen.add(code ?? state);
    }),
    { numRuns: 40 },
  );
  const least = ["accepted", "known"];
  expect([...seen]).toEqual(expect.arrayContaining(least));
});
