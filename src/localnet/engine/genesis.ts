import { type EngineConfig } from "../engine.ts";
import { amendmentIds } from "./amendments.ts";
import { type AccountRoot, encodeEntry, type Entry, unthreaded } from "./entry.ts";
import { accountKey, amendmentsKey, feeSettingsKey } from "./keys.ts";
import { emptyTree, type StateTree } from "./state-tree.ts";

/** The account of the well-known passphrase `masterpassphrase`, seed `snoPBrXtMeMyMHUVTgbuqAfg1SUTb`. */
const genesisAddress = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";

/** 100 billion XRP: all there ever is. */
export const genesisDrops = 100_000_000_000_000_000n;

/** State of the first ledger: all XRP in one account, the amendments, the fees. */
export function genesisState(config: EngineConfig): StateTree {
  const account: AccountRoot = {
    LedgerEntryType: "AccountRoot",
    Flags: 0,
    Account: genesisAddress,
    Balance: String(genesisDrops),
    Sequence: 1,
    OwnerCount: 0,
    ...unthreaded,
  };
  const amendments = { LedgerEntryType: "Amendments", Flags: 0, Amendments: amendmentIds };
  const fees = {
    LedgerEntryType: "FeeSettings",
    Flags: 0,
    BaseFeeDrops: String(config.baseFeeDrops),
    ReserveBaseDrops: String(config.reserveBaseDrops),
    ReserveIncrementDrops: String(config.reserveIncrementDrops),
  };
  const entries: readonly (readonly [string, Entry])[] = [
    [accountKey(genesisAddress), account],
    [amendmentsKey, amendments],
    [feeSettingsKey, fees],
  ];
  return entries.reduce((tree, [key, entry]) => tree.with(key, encodeEntry(entry)), emptyTree);
}
