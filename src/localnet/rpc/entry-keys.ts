import { concatBytes, fromHex, uintBytes } from "../../core/bytes.ts";
import { sha512Half } from "../../core/xrpl/hash.ts";
import { upperHex } from "./transaction-json.ts";

/** Names of the spaces a ledger entry's key is hashed in (rippled `Indexes.cpp`). */
const space = { account: 0x61, directoryPage: 0x64, ownerDirectory: 0x4f, signerList: 0x53, ticket: 0x54 } as const;

function key(kind: keyof typeof space, ...parts: readonly Uint8Array[]): string {
  return upperHex(sha512Half(uintBytes(space[kind], 2), concatBytes(...parts)));
}

/** Keys of ledger entries as the 64 upper-case hex digits a `StateView` takes. */
export const entryKey = {
  account: (accountId: Uint8Array): string => key("account", accountId),
  ticket: (accountId: Uint8Array, sequence: number): string => key("ticket", accountId, uintBytes(sequence, 4)),
  signerList: (accountId: Uint8Array): string => key("signerList", accountId, uintBytes(0, 4)),
  ownerDirectory: (accountId: Uint8Array): string => key("ownerDirectory", accountId),
  directoryPage: (rootKey: string, page: bigint): string =>
    page === 0n ? rootKey : key("directoryPage", fromHex(rootKey.toLowerCase()), uintBytes(page, 8)),
};
