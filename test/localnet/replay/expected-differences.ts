import { type Folder } from "./replay.ts";

/** One way in which this server answers otherwise than the recorded one, on purpose or for good. */
export interface ExpectedDifference {
  readonly where: string;
  readonly recorded: string;
  readonly here: string;
  readonly why: string;
  /** The entries it shows in. */
  readonly entries: Partial<Record<Folder, readonly number[]>>;
  /** Exactly what differs in each of them. */
  readonly faults: readonly string[] | Partial<Record<Folder, readonly string[]>>;
}

const announcement = "nobody shall take it for a real network";

export const expectedDifferences: readonly ExpectedDifference[] = [
  {
    where: "`server_info`",
    recorded: "no `local_network`",
    here: "`local_network: true`, and `build_version` names this product behind the number",
    why: announcement,
    entries: {
      net0: [3, 4, 5, 118, 139, 635, 636, 637],
      net63456: [3, 4, 5, 288, 289, 290],
      queue: [17, 25, 46, 62, 70, 73, 100],
    },
    faults: ["info.local_network: here only"],
  },
  {
    where: "`server_state`",
    recorded: "no `local_network`",
    here: "the same two",
    why: announcement,
    entries: { net0: [6, 7, 638, 639], net63456: [6, 7, 291, 292], queue: [63] },
    faults: ["state.local_network: here only"],
  },
  {
    where: "GET on the WebSocket port",
    recorded: "xrpld's test page",
    here: "a page that names this product",
    why: announcement,
    entries: { net0: [63] },
    faults: ["text differs"],
  },
  {
    where: "`simulate`",
    recorded: "the metadata it would have",
    here: "`unknownCmd`",
    why: "nothing needs it yet",
    entries: { net0: [379, 380, 381, 382], net63456: [193, 194, 195, 196] },
    faults: [
      "applied: recorded only",
      "engine_result: recorded only",
      "engine_result_code: recorded only",
      "engine_result_message: recorded only",
      "error: here only",
      "error_code: here only",
      "error_message: here only",
      "ledger_index: recorded only",
      "meta: recorded only",
      "request: here only",
      'status: "success" recorded, "error" here',
      "tx_json: recorded only",
    ],
  },
  {
    where: "a held transaction whose gap is filled",
    recorded: "enters the open ledger a moment later, in a job of its own",
    here: "enters it in the same call",
    why: "the close that follows is the same, to the hash",
    entries: { net0: [251], net63456: [125] },
    faults: {
      net0: [
        'account_data.Balance: "5000030235" recorded, "5000028223" here',
        "account_data.Sequence: 15 recorded, 16 here",
      ],
      net63456: [
        'account_data.Balance: "500030235" recorded, "500028223" here',
        "account_data.Sequence: 15 recorded, 16 here",
      ],
    },
  },
  {
    where: "load on a port without admin rights",
    recorded: '`warning: "load"`, then close 1008, then 503',
    here: "no limit by cost; connections, sizes and unread bytes are bounded",
    why: "one user, on loopback",
    entries: { net0: [648, 649, 650] },
    faults: ["not replayed"],
  },
];

/** The expected list in the shape a replay returns. */
export function expectedIn(folder: Folder): ReadonlyMap<number, readonly string[]> {
  const expected = new Map<number, readonly string[]>();
  for (const { entries, faults } of expectedDifferences) {
    const here = "length" in faults ? faults : (faults[folder] ?? []);
    for (const n of entries[folder] ?? []) expected.set(n, here);
  }
  return new Map([...expected].toSorted(([a], [b]) => a - b));
}

/** The row of the table in `docs/localnet.md`. */
export function rowOf({ where, recorded, here, why }: ExpectedDifference): string {
  return `| ${where} | ${recorded} | ${here} | ${why} |`;
}
