import { encode, encodeForSigning } from "ripple-binary-codec";
import { deriveAddress, deriveKeypair, sign } from "ripple-keypairs";
import { seedSigner } from "../../src/adapters/xrpl-signer.ts";
import type { AnchorSigner } from "../../src/adapters/xrpl-signer.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { localNetworkId } from "../../src/core/network.ts";

type Fields = Readonly<Record<string, unknown>>;

/** An account of the network that somebody signs for. */
export interface Wallet {
  readonly address: string;
  /** The same fields give the same bytes, so a signature that was made once serves every schedule. */
  sign(fields: Fields): Uint8Array;
}

function walletOf(seed: string): Wallet {
  const { publicKey, privateKey } = deriveKeypair(seed);
  const address = deriveAddress(publicKey);
  const made = new Map<string, Uint8Array>();
  return {
    address,
    sign(fields) {
      const json = { Account: address, NetworkID: localNetworkId, ...fields, SigningPubKey: publicKey };
      const key = JSON.stringify(json);
      const known = made.get(key);
      if (known) return known;
      const TxnSignature = sign(encodeForSigning(json), privateKey);
      const blob = fromHex(encode({ ...json, TxnSignature }));
      made.set(key, blob);
      return blob;
    },
  };
}

export const genesis = walletOf("snoPBrXtMeMyMHUVTgbuqAfg1SUTb");
/** Of an account that exists on no public network. */
const anchoringSeed = "sEdSPx8CLbFUna3DJdvJ74aQPLdemqu";
/** The anchoring account; its seed is in another tool too. */
export const anchoring = walletOf(anchoringSeed);
/** Somebody who fills ledgers. */
export const crowd = walletOf("sEdTM1uX8pu2do5XvTnutH6HsouMaM2");

const signatures = new Map<string, ReturnType<AnchorSigner["sign"]>>();

/** The signer of the anchoring account. */
export const anchorSigner: AnchorSigner = (() => {
  const signer = seedSigner(anchoringSeed);
  return {
    ...signer,
    sign(transaction) {
      const key = JSON.stringify(transaction);
      const known = signatures.get(key) ?? signer.sign(transaction);
      signatures.set(key, known);
      return known;
    },
  };
})();
