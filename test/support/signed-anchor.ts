import type { SignedAnchor } from "../../src/ports.ts";

/** A signed transaction like no other: `mark` makes its hash. */
export function signedAnchor(mark: number, network = "testnet"): SignedAnchor {
  return {
    network,
    networkId: 1,
    account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    hash: mark.toString(16).toUpperCase().padStart(64, "0"),
    blob: "12".repeat(300),
    sequence: 4_294_967_295,
    lastLedgerSequence: 4_000_000_020,
    signedAtIndex: 4_000_000_000,
    feeDrops: 1_000_000_000_000_000,
  };
}
