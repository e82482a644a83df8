import { type AccountSet, Wallet } from "xrpl";
import { SettlementError } from "../core/error.ts";

/** An AccountSet with every field that is signed but the key. */
export type UnsignedAnchor = AccountSet & Required<Pick<AccountSet, "Fee" | "Sequence" | "LastLedgerSequence">>;

/** Signs for one account, with its master key or a regular key. */
export interface AnchorSigner {
  /** Classic address of the account, not of the key. */
  readonly account: string;
  /** Classic address of the key. */
  readonly ownKey: string;
  sign(transaction: UnsignedAnchor): { readonly blob: string; readonly hash: string };
}

/**
 * A signer from an XRPL seed (`s…`).
 *
 * @param account - the account it signs for when the seed is that of a regular key; the seed's own account by default
 * @throws SettlementError `SEED_MALFORMED`; the message never holds the seed
 */
export function seedSigner(seed: string, account?: string): AnchorSigner {
  let wallet: Wallet;
  try {
    wallet = Wallet.fromSeed(seed.trim());
  } catch {
    throw new SettlementError(
      "SEED_MALFORMED",
      "the XRPL seed is not a family seed (s…); check the file or variable it comes from",
    );
  }
  return {
    account: account ?? wallet.classicAddress,
    ownKey: wallet.classicAddress,
    sign(transaction) {
      const { tx_blob: blob, hash } = wallet.sign(transaction);
      return { blob, hash };
    },
  };
}
