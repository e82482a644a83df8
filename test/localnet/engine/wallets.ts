import { encode, encodeForMultisigning, encodeForSigning } from "ripple-binary-codec";
import { deriveAddress, deriveKeypair, generateSeed, sign } from "ripple-keypairs";

import { compareBytes, fromHex, utf8 } from "../../../src/core/bytes.ts";
import { parseAddress } from "../../../src/core/xrpl/address.ts";

/** Throwaway keys of tests. */
export interface Wallet {
  readonly address: string;
  readonly publicKey: string;
  readonly privateKey: string;
}

export type Fields = Readonly<Record<string, unknown>>;

function walletOf(seed: string): Wallet {
  const keys = deriveKeypair(seed);
  return { ...keys, address: deriveAddress(keys.publicKey) };
}

/** The same wallet for the same name, always. */
export function walletNamed(name: string, algorithm: "ed25519" | "ecdsa-secp256k1" = "ed25519"): Wallet {
  const entropy = Uint8Array.from({ length: 16 }, (_, at) => utf8(name)[at] ?? at);
  return walletOf(generateSeed({ entropy, algorithm }));
}

export const genesis: Wallet = walletOf("snoPBrXtMeMyMHUVTgbuqAfg1SUTb");

export function signed(fields: Fields, signer: Wallet): Uint8Array {
  const json = { ...fields, SigningPubKey: signer.publicKey };
  const TxnSignature = sign(encodeForSigning(json), signer.privateKey);
  return fromHex(encode({ ...json, TxnSignature }));
}

export interface MultiSigner {
  readonly account: string;
  readonly wallet: Wallet;
}

/** Signed by several, in the order of their account ids unless told otherwise. */
export function multisigned(fields: Fields, signers: readonly MultiSigner[], keepOrder = false): Uint8Array {
  const json = { ...fields, SigningPubKey: "" };
  const ordered = keepOrder
    ? signers
    : signers.toSorted((a, b) => compareBytes(parseAddress(a.account), parseAddress(b.account)));
  const Signers = ordered.map(({ account, wallet }) => ({
    Signer: {
      Account: account,
      SigningPubKey: wallet.publicKey,
      TxnSignature: sign(encodeForMultisigning(json, account), wallet.privateKey),
    },
  }));
  return fromHex(encode({ ...json, Signers }));
}
