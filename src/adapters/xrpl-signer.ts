import { type AccountSet, Wallet } from "xrpl";
import { SettlementError } from "../core/error.ts";

/** An AccountSet with every field that is signed but the key. */
export type UnsignedAnchor = AccountSet & Required<Pick<AccountSet, "Fee" | "Sequence" | "LastLedgerSequence">>;

/** A signed transaction, both upper-case hex. */
interface SignedBlob {
  readonly blob: string;
  /** Transaction id. */
  readonly hash: string;
}

/** Signs for one account, with its master key or a regular key. */
export interface AnchorSigner {
  /** Classic address of the account, not of the key. */
  readonly account: string;
  /** Classic address of the key. */
  readonly ownKey: string;
  /** @throws SettlementError `SIGNER_FAILED` where another program signs */
  sign(transaction: UnsignedAnchor): Promise<SignedBlob>;
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
    async sign(transaction) {
      const { tx_blob: blob, hash } = wallet.sign(transaction);
      return { blob, hash };
    },
  };
}
