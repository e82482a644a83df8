import { makeManifest, type Manifest } from "../../src/core/manifest.ts";
import { type BadInput, refuted, wrong } from "./bad-input.ts";
import { type Place, release } from "./place.ts";

const folder = "anchors/2026-08";
const manifest = `${folder}/manifest.json`;
const validate = "validate --ledger LEDGER --now 2026-11-21T12:00:00Z --format json";
const prove = `prove ${release} --ledger LEDGER`;
const anchor = "anchor 2026-08 --ledger LEDGER --data DATA";
const zeros = "0".repeat(64);

/** Another manifest with a hash of its own that is right. */
const lie = (change: Partial<Manifest>) => (place: Place) =>
  place.edit(`ledger/${manifest}`, (value) =>
    Object.assign(value, makeManifest({ ...(value as unknown as Manifest), ...change })),
  );

const lies: readonly BadInput[] = [
  {
    name: "a manifest with another root",
    spoil: lie({ root: zeros }),
    run: validate,
    answer: { finding: "MANIFEST_ROOT_MISMATCH", file: manifest },
    says: [zeros, "recomputed"],
  },
  {
    name: "a manifest with another count",
    spoil: lie({ count: 21 }),
    run: validate,
    answer: { finding: "MANIFEST_COUNT_MISMATCH", file: manifest },
    says: ["21", "22", "never changed"],
  },
  {
    name: "a manifest with another range",
    spoil: lie({ range: [zeros, zeros] }),
    run: validate,
    answer: { finding: "MANIFEST_RANGE_MISMATCH", file: manifest },
    says: [zeros],
  },
  {
    name: "a manifest that follows another month",
    spoil: lie({ prev: zeros }),
    run: validate,
    answer: { finding: "MANIFEST_PREV_MISMATCH", file: manifest },
    says: [zeros],
  },
  {
    name: "a manifest for another network",
    spoil: lie({ network: "mainnet" }),
    run: validate,
    answer: { finding: "MANIFEST_NETWORK_MISMATCH", file: manifest },
    says: ["mainnet", "settlement.json"],
  },
  {
    name: "a manifest of another month",
    spoil: lie({ partitionId: "2026-07" }),
    run: validate,
    answer: { finding: "MANIFEST_ID_MISMATCH", file: manifest },
    says: ["2026-07"],
  },
  {
    name: "a manifest whose hash is not its own",
    spoil: (place) => place.swap(`ledger/${manifest}`, '"count": 22', '"count": 21'),
    run: "status --ledger LEDGER",
    answer: refuted("MANIFEST_HASH_MISMATCH"),
    says: [manifest, "the other members hash to"],
  },
  {
    name: "a manifest of a version to come",
    spoil: (place) => place.edit(`ledger/${manifest}`, (value) => (value["v"] = 2)),
    run: "status --ledger LEDGER",
    answer: wrong("FORMAT_VERSION_UNKNOWN"),
    says: [manifest, "version 2", "this reads version 1"],
  },
  {
    name: "a manifest of an unknown tree",
    spoil: (place) => place.edit(`ledger/${manifest}`, (value) => (value["algo"] = "md5")),
    run: "status --ledger LEDGER",
    answer: wrong("MANIFEST_MALFORMED"),
    says: [manifest, "algo", "sha256-merkle-v2"],
  },
];

/** What was closed and altered since, and not anchored yet, is never anchored. */
const unanchored = (spoil: (place: Place) => void) => (place: Place) => {
  place.drop(`ledger/${folder}/receipt.json`);
  spoil(place);
};

const leaves = ["data/state", "data/localnet"];

const neverAnchored: readonly BadInput[] = [
  {
    name: "a manifest with another root is not anchored",
    spoil: unanchored(lie({ root: zeros })),
    run: anchor,
    answer: refuted("LEDGER_REFUTED"),
    says: [manifest, "altered after the close", "nothing is signed"],
    leaves,
  },
  {
    name: "a closed month that lost an event is not anchored",
    spoil: unanchored((place) => place.swap("ledger/2026-08.json", /\n,\{.*\n/, "\n")),
    run: anchor,
    answer: refuted("LEDGER_REFUTED"),
    says: [manifest, "altered after the close", "nothing is signed"],
    leaves,
  },
];

/** The same events, the second before the first. */
function changedPlaces(text: string): string {
  const [open = "", first = "", second = "", ...rest] = text.split("\n");
  return [open, second.slice(1), `,${first}`, ...rest].join("\n");
}

const altered: readonly BadInput[] = [
  {
    name: "a closed month whose events changed places",
    spoil: (place) => place.put("ledger/2026-08.json", changedPlaces(place.text("ledger/2026-08.json"))),
    run: prove,
    answer: refuted("LEDGER_REFUTED"),
    says: ["2026-08.json does not hold leaf 0", "altered after the close"],
  },
  {
    name: "a closed month that lost its file",
    spoil: (place) => place.drop("ledger/2026-08.json"),
    run: validate,
    answer: { finding: "MANIFEST_COUNT_MISMATCH" },
    says: ["2026-08", "22"],
  },
  {
    name: "a closed month whose order changed",
    spoil: (place) => place.swap("ledger/2026-08.json", /\n(\{.*)\n,(\{.*)\n/, ""),
    run: validate,
    answer: { finding: "MANIFEST_RANGE_MISMATCH", file: manifest },
    says: ["range"],
  },
  {
    name: "other nodes at the close",
    spoil: (place) => place.swap(`ledger/${folder}/nodes.json`, "Tide predictions", "Weather predictions"),
    run: prove,
    answer: refuted("LEDGER_REFUTED"),
    says: ["the nodes of 2026-08", "altered after the close"],
  },
  {
    name: "a checkpoint of another size",
    spoil: (place) => place.swap(`ledger/${folder}/checkpoint`, "\n22\n", "\n23\n"),
    run: validate,
    answer: { finding: "NOTE_SIGNATURE_INVALID", file: `${folder}/checkpoint` },
    says: [`${folder}/checkpoint`],
  },
  {
    name: "a checkpoint that is no note",
    spoil: (place) => place.put(`ledger/${folder}/checkpoint`, "trust me\n"),
    run: validate,
    answer: { finding: "NOTE_MALFORMED", file: `${folder}/checkpoint` },
    says: [`${folder}/checkpoint`],
  },
  {
    name: "a receipt of another month",
    spoil: (place) => place.edit(`ledger/${folder}/receipt.json`, (receipt) => (receipt["partitionId"] = "2026-09")),
    run: validate,
    answer: { finding: "RECEIPT_MISMATCH", file: `${folder}/receipt.json` },
    says: ["2026-09"],
  },
  {
    name: "a receipt that states another ledger than its bytes",
    spoil: (place) => place.edit(`ledger/${folder}/receipt.json`, (receipt) => (receipt["ledgerIndex"] = 1)),
    run: "status --ledger LEDGER",
    answer: refuted("RECEIPT_REFUTED"),
    says: [`${folder}/receipt.json`, "ledgerIndex"],
  },
  {
    name: "a receipt of another network id",
    spoil: (place) => place.edit(`ledger/${folder}/receipt.json`, (receipt) => (receipt["networkId"] = 1)),
    run: "status --ledger LEDGER",
    answer: wrong("RECEIPT_MALFORMED"),
    says: [`${folder}/receipt.json`, "network local does not have the id 1"],
  },
];

const missing: readonly BadInput[] = [
  ...["evidence.json", "nodes.json", "checkpoint", "ledger-checkpoint"].map((name): BadInput => ({
    name: `a closed month without ${name}, validated`,
    spoil: (place) => place.drop(`ledger/${folder}/${name}`),
    run: validate,
    answer: { finding: "MONTH_INCOMPLETE", file: `${folder}/${name}` },
    says: [`2026-08 is closed and has no ${name}`, "restore"],
  })),
  ...["evidence.json", "nodes.json", "checkpoint", "ledger-checkpoint"].map((name): BadInput => ({
    name: `a closed month without ${name}, proven`,
    spoil: (place) => place.drop(`ledger/${folder}/${name}`),
    run: prove,
    answer: refuted("LEDGER_REFUTED"),
    says: [`${folder}/${name} is missing though the month is closed`],
  })),
  {
    name: "a closed month without evidence.json, closed again",
    spoil: (place) => place.drop(`ledger/${folder}/evidence.json`),
    run: "close 2026-08 --ledger LEDGER --data DATA",
    answer: refuted("LEDGER_REFUTED"),
    says: [`${folder}/evidence.json is missing though the month is closed`],
  },
  {
    name: "an anchored month without manifest.json",
    spoil: (place) => place.drop(`ledger/${manifest}`),
    run: validate,
    answer: { finding: "MONTH_INCOMPLETE", file: `${folder}/receipt.json` },
    says: ["witnessed and has no manifest.json"],
  },
  {
    name: "an anchored month without manifest.json, closed again",
    spoil: (place) => place.drop(`ledger/${manifest}`),
    run: "close 2026-08 --ledger LEDGER --data DATA",
    answer: refuted("PARTITION_REJECTED"),
    says: ["MONTH_INCOMPLETE", `${folder}/receipt.json`, "nothing was closed"],
  },
];

export const closedMonths: readonly BadInput[] = [...lies, ...neverAnchored, ...altered, ...missing];
