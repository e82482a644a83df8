import { type BadInput, refuted, wrong } from "./bad-input.ts";
import type { Place } from "./place.ts";

interface JsonFile {
  readonly what: string;
  readonly path: string;
  /** A command that reads the file. */
  readonly run: string;
  /** Where the message says the fault is. */
  readonly where: string;
  /** Code of the file's own grammar. */
  readonly own: string;
  /** What the file holds, if not an object. */
  readonly holds?: string;
}

const node = "nodes/tidewater-labs/tidegauge/node.json";
const anchors = "anchors/2026-08";
const status = "status --ledger LEDGER";

const kinds: readonly JsonFile[] = [
  { what: "a node", path: `ledger/${node}`, run: status, where: node, own: "NODE_MALFORMED" },
  {
    what: "settlement.json",
    path: "ledger/settlement.json",
    run: status,
    where: "settlement.json",
    own: "SETTLEMENT_INFO_MALFORMED",
  },
  {
    what: "a manifest",
    path: `ledger/${anchors}/manifest.json`,
    run: status,
    where: `${anchors}/manifest.json`,
    own: "MANIFEST_MALFORMED",
  },
  {
    what: "evidence",
    path: `ledger/${anchors}/evidence.json`,
    run: status,
    where: `${anchors}/evidence.json`,
    own: "EVIDENCE_MALFORMED",
  },
  {
    what: "a receipt",
    path: `ledger/${anchors}/receipt.json`,
    run: status,
    where: `${anchors}/receipt.json`,
    own: "RECEIPT_MALFORMED",
  },
  {
    what: "the nodes of a close",
    path: `ledger/${anchors}/nodes.json`,
    run: "prove tidewater-labs/tidegauge@1.4.0 --ledger LEDGER",
    where: `${anchors}/nodes.json`,
    own: "NODE_MALFORMED",
    holds: "list of node manifests",
  },
  {
    what: "a trust file",
    path: "data/trust.json",
    run: "verify PROOF --trust TRUST",
    where: "--trust",
    own: "TRUST_MALFORMED",
  },
  {
    what: "a config file",
    path: "config.json",
    run: "status --ledger LEDGER --config ROOT/config.json",
    where: "config.json",
    own: "CONFIG_INVALID",
  },
  { what: "a proof", path: "release.proof.json", run: "verify PROOF", where: "the proof", own: "BUNDLE_MALFORMED" },
];

interface Damage {
  readonly what: string;
  readonly code?: string;
  readonly says: readonly string[];
  readonly to: (text: string) => string | Uint8Array;
}

const utf8 = new TextEncoder();
/** Puts a member first. */
const member = (json: string) => (text: string) => text.replace("{", `{${json},`);

const damages: readonly Damage[] = [
  { what: "cut in half", code: "JSON_MALFORMED", says: ["line "], to: (text) => text.slice(0, text.length / 2) },
  { what: "empty", code: "JSON_MALFORMED", says: ["line 1"], to: () => "" },
  { what: "with a byte order mark", code: "JSON_MALFORMED", says: ["byte order mark"], to: (text) => `\ufeff${text}` },
  {
    what: "in Latin-1",
    code: "UTF8_MALFORMED",
    says: ["line ", "save the file as UTF-8"],
    to: (text) => Buffer.from(member('"é":1')(text), "latin1"),
  },
  {
    what: "with a member twice",
    code: "JSON_DUPLICATE_KEY",
    says: ["line ", '"twice"'],
    to: member('"twice":1,"twice":2'),
  },
  { what: "with half a character", code: "JSON_LONE_SURROGATE", says: ["line "], to: member('"half":"\\ud800"') },
  { what: "with a number too large", code: "JSON_NUMBER_OUT_OF_RANGE", says: ["line "], to: member('"n":1e999') },
  {
    what: "nested a hundred thousand deep",
    code: "JSON_TOO_DEEP",
    says: ["line "],
    to: member(`"deep":${"[".repeat(100_000)}${"]".repeat(100_000)}`),
  },
  { what: "of another type", says: ["object"], to: () => "[[]]" },
  { what: "that says null", says: [], to: () => "null" },
];

const general = kinds.flatMap(({ what, path, run, where, own, holds = "JSON object" }) =>
  damages.map(({ what: damage, code = own, says, to }): BadInput => {
    const spoil = (place: Place): void => {
      if (path === "config.json") place.put(path, '{ "port": 8080 }\n');
      place.put(path, to(place.text(path)));
    };
    const form = damage === "that says null" ? [holds] : [];
    return { name: `${what} ${damage}`, spoil, run, answer: wrong(code), says: [where, ...says, ...form] };
  }),
);

const hugeText = "x".repeat(150_000);

const special: readonly BadInput[] = [
  {
    name: "a node with a member __proto__",
    spoil: (place) => place.swap(`ledger/${node}`, "{", '{"__proto__":{"kind":"registry"},'),
    run: "validate --ledger LEDGER --now 2026-11-21T12:00:00Z --format json",
    answer: { finding: "NODE_MALFORMED", file: node },
    says: ["__proto__"],
  },
  {
    name: "a trust file with a member __proto__",
    spoil: (place) => place.swap("data/trust.json", "{", '{"__proto__":{"logs":[]},'),
    run: "verify PROOF --trust TRUST",
    answer: wrong("TRUST_MALFORMED"),
    says: ["--trust", "__proto__"],
  },
  {
    name: "a config file with a member __proto__",
    spoil: (place) => place.put("config.json", '{"__proto__":{"network":"mainnet"}}'),
    run: "status --ledger LEDGER --config ROOT/config.json",
    answer: wrong("CONFIG_INVALID"),
    says: ["config.json", "__proto__"],
  },
  {
    name: "a proof with a member __proto__",
    spoil: (place) => place.swap("release.proof.json", "{", '{"__proto__":{"v":1},'),
    run: "verify PROOF",
    answer: wrong("BUNDLE_MALFORMED"),
    says: ["the proof", "__proto__"],
  },
  {
    name: "an event with a member __proto__",
    spoil: (place) => place.swap("ledger/2026-09.json", '"payload":{', '"payload":{"__proto__":{},'),
    run: status,
    answer: refuted("EVENT_ID_MISMATCH"),
    says: ["2026-09.json line 2", "event 0"],
  },
  {
    name: "an event with a member twice",
    spoil: (place) => place.swap("ledger/2026-09.json", '{"id":', '{"type":"PolicyViolation","id":'),
    run: status,
    answer: wrong("PARTITION_MALFORMED"),
    says: ["2026-09.json line 2", '"type"', "twice"],
  },
  {
    name: "an event with a number where a text belongs",
    spoil: (place) => place.swap("ledger/2026-09.json", /"timestamp":"[^"]+"/, '"timestamp":20260901'),
    run: status,
    answer: wrong("PARTITION_MALFORMED"),
    says: ["2026-09.json line 2", "timestamp"],
  },
  {
    name: "a policy that is no JSON",
    spoil: (place) => place.put("policy.json", "trust everybody"),
    run: "validate --ledger LEDGER --policy ROOT/policy.json --format json",
    answer: { finding: "JSON_MALFORMED" },
    says: ["policy", "line 1", "write valid JSON"],
  },
  {
    name: "a policy of the wrong shape",
    spoil: (place) => place.put("policy.json", '{"trustedAttestors":"everybody"}'),
    run: "validate --ledger LEDGER --policy ROOT/policy.json --format json",
    answer: { finding: "POLICY_MALFORMED" },
    says: ["policy", "trustedAttestors", "must be a list"],
  },
  {
    name: "a settlement key of 150,000 characters",
    spoil: (place) => place.edit("ledger/settlement.json", (info) => (info["key"] = hugeText)),
    run: status,
    answer: wrong("SETTLEMENT_INFO_MALFORMED"),
    says: ["settlement.json", '"key"', "longer than 300"],
  },
  {
    name: "a proof with an event id of 150,000 characters",
    spoil: (place) =>
      place.edit("release.proof.json", (proof) => ((proof["event"] as Record<string, unknown>)["id"] = hugeText)),
    run: "verify PROOF --format json",
    answer: { layer: "event" },
    says: ["id"],
  },
  {
    name: "a proof of five million bytes",
    spoil: (place) => place.put("release.proof.json", utf8.encode(" ".repeat(5_000_000))),
    run: "verify PROOF",
    answer: wrong("JSON_TOO_LARGE"),
    says: ["the proof", "5000000 bytes", "at most"],
  },
  {
    name: "a trust file of two million bytes",
    spoil: (place) => place.put("data/trust.json", " ".repeat(2_000_000)),
    run: "verify PROOF --trust TRUST",
    answer: wrong("JSON_TOO_LARGE"),
    says: ["--trust", "2000000 bytes", "at most"],
  },
];

export const jsonFiles: readonly BadInput[] = [...general, ...special];
