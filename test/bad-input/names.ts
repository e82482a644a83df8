import { type BadInput, wrong } from "./bad-input.ts";

const at = ["--ledger", "LEDGER", "--data", "DATA"];

const months = [
  "../2026-01",
  "2026-01/../../../etc",
  "2026-08/",
  "/2026-08",
  "2026-13",
  "2026-00",
  "2026-1",
  "26-01",
  "2026-08.json",
  "2026-08\0",
  "2026-08\n",
  "２０２６-08",
  "",
  "-1",
  "9999-12",
  "2".repeat(5000),
].flatMap((month): BadInput[] =>
  ["close", "anchor"].map((command) => ({
    name: `${command} ${JSON.stringify(month.slice(0, 30))}`,
    run: [command, ...at, "--", month],
    answer: wrong("MONTH_MALFORMED"),
    says: ["written YYYY-MM, like 2026-03"],
  })),
);

const events: readonly BadInput[] = [
  ["", "EVENT_NAME_MALFORMED"],
  ["@1.0.0", "EVENT_NAME_MALFORMED"],
  ["tidewater-labs/tidegauge", "EVENT_NAME_MALFORMED"],
  ["../../../etc/passwd", "EVENT_NAME_MALFORMED"],
  ["../../../etc/passwd@1.0.0", "EVENT_NAME_MALFORMED"],
  ["tidewater-labs@1.4.0", "EVENT_NAME_MALFORMED"],
  ["tidewater-labs/tidegauge@", "EVENT_NAME_MALFORMED"],
  [`tidewater-labs/tidegauge@${"9".repeat(5000)}`, "EVENT_NAME_MALFORMED"],
  ["f".repeat(63), "EVENT_NAME_MALFORMED"],
  [`0x${"f".repeat(64)}`, "EVENT_NAME_MALFORMED"],
  ["x".repeat(5000), "EVENT_NAME_MALFORMED"],
].map(([name = "", code = ""]): BadInput => ({
  name: `prove ${JSON.stringify(name.slice(0, 40))}`,
  run: ["prove", "--ledger", "LEDGER", "--", name],
  answer: wrong(code),
  says: ["64 hex digits", "org/repo@version"],
}));

const absent: readonly BadInput[] = [
  {
    name: "prove an id that no event has",
    run: ["prove", "f".repeat(64), "--ledger", "LEDGER"],
    answer: wrong("EVENT_NOT_FOUND"),
    says: ["holds no event", "f".repeat(64)],
  },
  {
    name: "prove a release that was never made",
    run: "prove tidewater-labs/tidegauge@99.0.0 --ledger LEDGER",
    answer: wrong("EVENT_NOT_FOUND"),
    says: ["no release", "tidewater-labs/tidegauge 99.0.0"],
  },
  {
    name: "close a month before the ledger began",
    run: "close 2026-01 --ledger LEDGER --data DATA",
    answer: wrong("PARTITION_NOT_FOUND"),
    says: ["no month 2026-01", "2026-08"],
  },
];

const transactions: readonly BadInput[] = [
  "",
  "x",
  "f".repeat(63),
  "f".repeat(65),
  `0x${"f".repeat(62)}`,
  `${"f".repeat(62)}/.`,
  "../../../data/settlement-key.pem",
].map((hash) => ({
  name: `verify-tx ${JSON.stringify(hash.slice(0, 40))}`,
  run: ["verify-tx", ...at, "--", hash],
  answer: wrong("TRANSACTION_HASH_MALFORMED"),
  says: ["64 hex digits"],
}));

const refs: readonly BadInput[] = [
  "--upload-pack=touch here",
  "-rf",
  "HEAD..main",
  "main:secrets",
  "../nowhere",
  "a b",
  "$(id)",
  "x".repeat(300),
].map((ref) => ({
  name: `a base of ${JSON.stringify(ref.slice(0, 40))}`,
  run: ["validate", "--ledger", "LEDGER", `--base=${ref}`],
  answer: wrong("GIT_REF_MALFORMED"),
  says: ["branch, tag or commit", "origin/main"],
}));

const base: readonly BadInput[] = [
  {
    name: "a base in a folder that is no repository",
    run: "validate --ledger LEDGER --base HEAD",
    answer: wrong("GIT_NOT_A_REPOSITORY"),
    says: ["not in a git repository"],
  },
  {
    name: "a base with a NUL byte",
    run: ["validate", "--ledger", "LEDGER", "--base", "main\0"],
    answer: wrong("CONFIG_INVALID"),
    says: ["--base must be a text"],
  },
];

const nodes: readonly BadInput[] = [
  "../../../etc/passwd",
  "tidewater-labs",
  "tidewater-labs/..",
  "tidewater-labs/tidegauge/x",
  "tidewater-labs\\tidegauge",
  "/tidegauge",
  "tidewater-labs/tide\0gauge",
  `tidewater-labs/${"x".repeat(5000)}`,
  "tidewater-labs/ｔidegauge",
].map((id): BadInput => ({
  name: `a node that calls itself ${JSON.stringify(id.slice(0, 40))}`,
  spoil: (place) => place.edit("ledger/nodes/tidewater-labs/tidegauge/node.json", (node) => (node["id"] = id)),
  run: "status --ledger LEDGER",
  answer: wrong("NODE_ID_MALFORMED"),
  says: ["nodes/tidewater-labs/tidegauge/node.json", "is not written org/repo"],
}));

const others: readonly BadInput[] = [
  {
    name: "a node in the folder of another",
    spoil: (place) =>
      place.edit("ledger/nodes/tidewater-labs/tidegauge/node.json", (node) => (node["id"] = "gullwatch/uptime")),
    run: "status --ledger LEDGER",
    answer: wrong("NODE_MALFORMED"),
    says: ["nodes/tidewater-labs/tidegauge/node.json", "its id is gullwatch/uptime", "of its own id"],
  },
  {
    name: "an event of a node outside the ledger",
    spoil: (place) => place.swap("ledger/2026-09.json", '"nodeId":"gullwatch/advisories"', '"nodeId":"../../keys"'),
    run: "status --ledger LEDGER",
    answer: wrong("PARTITION_MALFORMED"),
    says: ["2026-09.json line 2", "../../keys"],
  },
  {
    name: "a host with a path",
    spoil: (place) => place.edit("ledger/settlement.json", (info) => (info["host"] = "test.example/../..")),
    run: "status --ledger LEDGER",
    answer: wrong("SETTLEMENT_INFO_MALFORMED"),
    says: ["settlement.json", "must be written like ledger.example.org"],
  },
];

export const names: readonly BadInput[] = [
  ...months,
  ...events,
  ...absent,
  ...transactions,
  ...refs,
  ...base,
  ...nodes,
  ...others,
];
