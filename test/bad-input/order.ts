import { type BadInput, notNow, refuted, wrong } from "./bad-input.ts";
import type { Place } from "./place.ts";

const at = "--ledger LEDGER --data DATA";

/** The ledger as it was before anything was closed. */
function unnamed(place: Place): void {
  place.drop("ledger/anchors");
  place.drop("ledger/settlement.json");
}

export const order: readonly BadInput[] = [
  {
    name: "close a month that is not over",
    run: `close 2026-09 ${at} --grace 9999999`,
    answer: wrong("PARTITION_NOT_OVER"),
    says: ["2026-09 can be closed from", "grace"],
  },
  {
    name: "close a month that is not over, in a ledger without a name",
    spoil: unnamed,
    run: `close 2026-08 ${at} --grace 9999999`,
    answer: wrong("PARTITION_NOT_OVER"),
    says: ["2026-08 can be closed from"],
  },
  {
    name: "close out of order",
    run: `close 2026-10 ${at} --grace 0`,
    answer: wrong("PARTITION_OUT_OF_ORDER"),
    says: ["ascending order", "close 2026-09 before 2026-10"],
  },
  {
    name: "close out of order, in a ledger without a name",
    spoil: unnamed,
    run: `close 2026-09 ${at} --grace 0`,
    answer: wrong("PARTITION_OUT_OF_ORDER"),
    says: ["close 2026-08 before 2026-09"],
  },
  {
    name: "close a ledger that breaks a rule",
    spoil: (place) => place.drop("ledger/nodes/gullwatch/advisories/node.json"),
    run: `close 2026-09 ${at}`,
    answer: refuted("PARTITION_REJECTED"),
    says: ["SIGNER_NOT_REGISTERED", "2026-09.json:2", "nothing was closed"],
  },
  {
    name: "close a ledger that breaks a rule, without a name",
    spoil: (place) => {
      unnamed(place);
      place.drop("ledger/nodes/tidewater-labs/tidegauge/node.json");
    },
    run: `close 2026-08 ${at}`,
    answer: refuted("PARTITION_REJECTED"),
    says: ["SIGNER_NOT_REGISTERED", "2026-08.json", "nothing was closed"],
  },
  {
    name: "close for another network than settlement.json says",
    spoil: (place) => place.put("key.pem", place.text("data/settlement-key.pem")),
    run: `close 2026-09 ${at} --network testnet --key-file ROOT/key.pem`,
    answer: wrong("CHAIN_WRONG_NETWORK"),
    says: ["settlement.json says", "local", "testnet"],
  },
  {
    name: "close with another key than settlement.json says",
    spoil: (place) => place.drop("data/settlement-key.pem"),
    run: `close 2026-09 ${at}`,
    answer: wrong("SETTLEMENT_KEY_MISMATCH"),
    says: ["settlement.json names the settlement key", "--key-file"],
    leaves: ["data/settlement-key.pem"],
  },
  {
    name: "close a ledger without a name on a public network",
    spoil: (place) => {
      unnamed(place);
      place.put("key.pem", place.text("data/settlement-key.pem"));
    },
    run: `close 2026-08 ${at} --network testnet --key-file ROOT/key.pem`,
    answer: wrong("SETTLEMENT_INFO_MISSING"),
    says: ["no settlement.json", "--origin"],
  },
  {
    name: "anchor an open month",
    run: `anchor 2026-09 ${at}`,
    answer: notNow("PARTITION_NOT_CLOSED"),
    says: ["2026-09 is not closed yet", "settlement close 2026-09"],
  },
  {
    name: "look at the anchor of an open month",
    run: `anchor 2026-09 ${at} --dry-run`,
    answer: notNow("PARTITION_NOT_CLOSED"),
    says: ["2026-09 is not closed yet", "settlement close 2026-09"],
  },
  {
    name: "prove a release of an open month",
    run: "prove saltmarsh-data/buoy-feed@1.7.1 --ledger LEDGER",
    answer: notNow("PARTITION_NOT_CLOSED"),
    says: ["is not closed yet", "when the month is over"],
  },
  {
    name: "anchor with another key than settlement.json says",
    spoil: (place) => {
      place.drop("ledger/anchors/2026-08/receipt.json");
      place.drop("data/settlement-key.pem");
    },
    run: `anchor 2026-08 ${at}`,
    answer: wrong("SETTLEMENT_KEY_MISMATCH"),
    says: ["settlement key", "--key-file"],
    leaves: ["data/settlement-key.pem", "data/state", "data/localnet"],
  },
];
