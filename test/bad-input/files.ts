import { type BadInput, notNow, refuted, wrong } from "./bad-input.ts";
import { type Place, release } from "./place.ts";

const status = "status --ledger LEDGER";
const validate = "validate --ledger LEDGER --now 2026-11-21T12:00:00Z --format json";
const prove = `prove ${release} --ledger LEDGER`;

const ledgers: readonly BadInput[] = [
  {
    name: "a ledger folder that is not there",
    run: "status --ledger ROOT/nothing",
    answer: wrong("LEDGER_NOT_FOUND"),
    says: ["no ledger here", "name the folder"],
  },
  {
    name: "a ledger folder that is empty",
    spoil: (place) => place.folder("empty"),
    run: "close 2026-08 --ledger ROOT/empty --data DATA",
    answer: wrong("LEDGER_NOT_FOUND"),
    says: ["no ledger here", "YYYY-MM.json"],
  },
  {
    name: "a file where the ledger folder should be",
    run: "status --ledger ROOT/release.proof.json",
    answer: wrong("LEDGER_NOT_FOUND"),
    says: ["no ledger here", "name the folder"],
  },
  {
    name: "a ledger folder with a NUL byte in its name",
    spoil: (place) => place.put("config.json", '{"ledger":"my\\u0000ledger"}'),
    run: "status --config ROOT/config.json",
    answer: wrong("CONFIG_INVALID"),
    says: ["config.json: ledger", "a text"],
  },
  {
    name: "a folder and its ledger/ that both hold events",
    spoil: (place) => place.put("nodes/readme", ""),
    run: "status --ledger ROOT",
    answer: wrong("LEDGER_AMBIGUOUS"),
    says: ["both the folder and its ledger/", "name one of them"],
  },
  {
    name: "monthly files beside a list of events",
    spoil: (place) => place.put("ledger/events/events.jsonl", place.text("ledger/2026-09.json").split("\n")[1] ?? ""),
    run: status,
    answer: wrong("LEDGER_MIXED_DIALECTS"),
    says: ["events/events.jsonl", "keep one of them"],
  },
  {
    name: "validate no ledger",
    run: "validate --ledger ROOT/nothing",
    answer: wrong("LEDGER_NOT_FOUND"),
    says: ["there is no folder", "--ledger"],
  },
  {
    name: "serve no ledger",
    run: "serve --ledger ROOT/nothing --port 0",
    answer: wrong("LEDGER_NOT_FOUND"),
    says: ["no ledger here"],
  },
];

const september = "ledger/2026-09.json";
const node = "nodes/tidewater-labs/tidegauge/node.json";

/** What stands where a file should be. */
const places: readonly BadInput[] = [
  ["2026-09.json", status],
  [node, status],
  ["settlement.json", status],
  ["anchors/2026-08/manifest.json", status],
  ["anchors/2026-08/receipt.json", status],
  ["anchors/2026-08/checkpoint", prove],
].flatMap(([path = "", run = ""]): BadInput[] => [
  {
    name: `a folder in the place of ${path}`,
    spoil: (place) => place.folder(`ledger/${path}`),
    run,
    answer: wrong("LEDGER_FILE_NOT_PLAIN"),
    says: [`${path} is a folder where a file belongs`, "put a plain file in its place"],
  },
  {
    name: `a link in the place of ${path}`,
    spoil: (place) => place.link(`ledger/${path}`, "/etc/hostname"),
    run,
    answer: wrong("LEDGER_FILE_NOT_PLAIN"),
    says: [`${path} is a link where a file belongs`, "links are never followed"],
  },
  {
    name: `a pipe in the place of ${path}`,
    spoil: (place) => place.pipe(`ledger/${path}`),
    run,
    answer: wrong("LEDGER_FILE_NOT_PLAIN"),
    says: [`${path} is neither a file nor a folder`, "put a plain file in its place"],
  },
]);

const truncated: readonly BadInput[] = [400, 5000].map((bytes) => ({
  name: `a month cut to ${bytes} bytes, in a formatting that cannot be recovered`,
  spoil: (place) => {
    place.put(september, JSON.stringify(JSON.parse(place.text(september)), null, 1));
    place.cut(september, bytes);
  },
  run: status,
  answer: wrong("PARTITION_MALFORMED"),
  says: ["2026-09.json"],
}));

const torn: readonly BadInput[] = [-2, -3, -200].map((bytes) => ({
  name: `a month that lacks its last ${-bytes} bytes is not closed`,
  spoil: (place) => {
    place.cut(september, bytes);
  },
  run: "close 2026-09 --ledger LEDGER --data DATA --grace 0",
  answer: { error: "PARTITION_REJECTED", exit: 1 },
  says: ["PARTITION_TORN", "2026-09.json", "nothing was closed"],
}));

const others: readonly BadInput[] = [
  {
    name: "an empty month file",
    spoil: (place) => place.put(september, ""),
    run: validate,
    answer: { finding: "PARTITION_TORN", file: "2026-09.json" },
    says: ["2026-09.json", "torn append", "cut it back"],
  },
  {
    name: "a month file that holds an object",
    spoil: (place) => place.put(september, '{"events":[]}\n'),
    run: status,
    answer: wrong("PARTITION_MALFORMED"),
    says: ["2026-09.json", "array"],
  },
  {
    name: "garbage between the lines of a month",
    spoil: (place) => place.swap(september, "\n,{", "\n\0\0\0,{"),
    run: status,
    answer: wrong("PARTITION_MALFORMED"),
    says: ["2026-09.json"],
  },
  {
    name: "an event that was altered after it was signed",
    spoil: (place) => place.swap(september, '"severity":"high"', '"severity":"low"'),
    run: status,
    answer: refuted("EVENT_ID_MISMATCH"),
    says: ["2026-09.json line 2", "id"],
  },
  {
    name: "a data folder that is a file",
    spoil: (place) => place.put("file", ""),
    run: "close 2026-09 --ledger LEDGER --data ROOT/file",
    answer: notNow("STATE_UNAVAILABLE"),
    says: ["settlement key cannot be written", "EEXIST", "--data"],
  },
  {
    name: "a state database that is a file",
    spoil: (place) => {
      place.drop("ledger/anchors/2026-08/receipt.json");
      place.put("data/state", "");
    },
    run: "anchor 2026-08 --ledger LEDGER --data DATA",
    answer: notNow("STATE_UNAVAILABLE"),
    says: ["the data folder cannot be used", "permissions"],
  },
  {
    name: "a state database of garbage",
    spoil: (place) => {
      place.drop("ledger/anchors/2026-08/receipt.json");
      place.put("data/state/postgres/PG_VERSION", "not a version");
    },
    run: "anchor 2026-08 --ledger LEDGER --data DATA",
    answer: notNow("STATE_UNAVAILABLE"),
    says: ["the state database cannot be opened", "restore its folder"],
    leaves: ["data/state/lock"],
  },
  {
    name: "ledgers of the local network that are garbage",
    spoil: (place) => place.put("data/localnet/ledgers.jsonl", "garbage\n"),
    run: `verify-tx ${"F".repeat(64)} --ledger LEDGER --data DATA`,
    answer: wrong("LOCALNET_DATA_MALFORMED"),
    says: ["ledgers.jsonl"],
  },
  {
    name: "a folder as the proof to verify",
    run: "verify LEDGER",
    answer: wrong("PROOF_UNREADABLE"),
    says: ["cannot be read", "name a file"],
  },
  {
    name: "a proof that is not there",
    run: "verify ROOT/nothing.json",
    answer: wrong("PROOF_UNREADABLE"),
    says: ["nothing.json cannot be read", "name a file"],
  },
  {
    name: "an output that is a folder",
    run: `${prove} -o DATA`,
    answer: wrong("OUTPUT_UNWRITABLE"),
    says: ["cannot be written"],
  },
  {
    name: "an output in a folder that is not there",
    run: `${prove} -o ROOT/nothing/release.proof.json`,
    answer: wrong("OUTPUT_UNWRITABLE"),
    says: ["cannot be written", "release.proof.json"],
  },
  {
    name: "an output below a file",
    run: `${prove} -o PROOF/release.proof.json`,
    answer: wrong("OUTPUT_UNWRITABLE"),
    says: ["cannot be written", "release.proof.json"],
  },
];

/** A ledger of the other dialect, of these lines. */
const jsonl =
  (...lines: readonly string[]) =>
  (place: Place): void => {
    place.drop("ledger");
    place.put("ledger/events/events.jsonl", lines.map((line) => `${line}\n`).join(""));
  };

const signature = { alg: "ed25519", keyId: "k", value: `${"A".repeat(86)}==`, canonicalHash: "0".repeat(64) };
const line = {
  type: "ReleasePublished",
  repo: "org/repo",
  version: "1.0.0",
  timestamp: "2026-08-01T00:00:00Z",
  signature,
};

const lists: readonly BadInput[] = (
  [
    ["a line of garbage", ["garbage"], ["line 1, event 0", "JSON line 1"]],
    ["two events on a line", ["{}{}"], ["line 1, event 0", "JSON line 1"]],
    ["an array on a line", ["[]"], ["line 1, event 0", "object"]],
    ["an event whose hash is not its own", [JSON.stringify(line)], ["line 1, event 0", "canonicalHash"]],
    [
      "an event of no known type",
      [JSON.stringify({ ...line, type: "Rumour" })],
      ["line 1, event 0", "ReleasePublished, "],
    ],
    ["an event without a signature", [JSON.stringify({ ...line, signature: null })], ["line 1, event 0", "signature"]],
  ] as const
).map(([name, lines, says]) => ({
  name: `a list with ${name}`,
  spoil: jsonl(...lines),
  run: status,
  answer: name.startsWith("an event whose hash") ? refuted("EVENT_ID_MISMATCH") : wrong("PARTITION_MALFORMED"),
  says: ["events/events.jsonl", ...says],
}));

const imports: readonly BadInput[] = [
  {
    name: "import into a folder that is not empty",
    spoil: (place) => {
      place.drop("ledger/anchors");
    },
    run: "import LEDGER --ledger DATA",
    answer: wrong("LEDGER_ALREADY_EXISTS"),
    says: ["is not empty", "--ledger"],
  },
  {
    name: "import a ledger with closed months",
    run: "import LEDGER --ledger ROOT/new",
    answer: wrong("PARTITION_ALREADY_CLOSED"),
    says: ["has closed months", "stays where it is"],
  },
  {
    name: "import what is no ledger",
    run: "import DATA --ledger ROOT/new",
    answer: wrong("LEDGER_NOT_FOUND"),
    says: ["no ledger here"],
  },
];

export const files: readonly BadInput[] = [
  ...lists,
  ...imports,
  ...ledgers,
  ...places,
  ...truncated,
  ...torn,
  ...others,
];
