import { concatBytes, fromHex, uintBytes } from "../../core/bytes.ts";
import { hashPrefix, zeroHash } from "../../core/xrpl/hash.ts";
import { decodeLedgerHeader } from "../../core/xrpl/ledger-header.ts";
import type { ClosedLedger } from "../engine.ts";
import { type Field, type KeyPair, serialised, signatureOf, sized, uint32 } from "./signed-fields.ts";

/** One validation as its signer sent it. */
export interface SentValidation {
  /** The whole STValidation. */
  readonly data: Uint8Array;
  readonly signature: Uint8Array;
  readonly flags: number;
  readonly cookie: bigint;
  readonly signingTimeRippleS: number;
  readonly validatedHash: Uint8Array;
  /** 33 bytes each. */
  readonly signingKey: Uint8Array;
  readonly masterKey: Uint8Array;
  /** Milliseconds after the close of the ledger. */
  readonly delayMs: number;
}

/** What validators look at. */
export type SignedLedger = Pick<ClosedLedger, "index" | "hash" | "header">;

/** Who signs. */
export interface Signatory {
  readonly master: KeyPair;
  readonly signing: KeyPair;
  readonly cookie: bigint;
}

const fullFlag = 0x0000_0001;
const canonicalFlag = 0x8000_0000;

/** A signed STValidation of a ledger, its fields in the order of rippled's. */
export function validationOf(
  { master, signing, cookie }: Signatory,
  ledger: SignedLedger,
  isFull: boolean,
  delayMs: number,
): SentValidation {
  const flags = (canonicalFlag | (isFull ? fullFlag : 0)) >>> 0;
  const header = decodeLedgerHeader(ledger.header);
  const signingTimeRippleS = header.closeTimeRippleS;
  const fields: readonly Field[] = [
    [[0x22], uint32(flags)],
    [[0x26], uint32(ledger.index)],
    [[0x29], uint32(signingTimeRippleS)],
    [[0x3a], uintBytes(cookie, 8)],
    [[0x51], fromHex(ledger.hash)],
    [[0x50, 0x17], zeroHash],
    [[0x50, 0x19], header.parentHash],
    [[0x73], sized(fromHex(signing.publicKey))],
  ];
  const signature = signatureOf(concatBytes(hashPrefix.validation, serialised(fields)), signing);
  return {
    data: serialised([...fields, [[0x76], sized(signature)]]),
    signature,
    flags,
    cookie,
    signingTimeRippleS,
    validatedHash: header.parentHash,
    signingKey: fromHex(signing.publicKey),
    masterKey: fromHex(master.publicKey),
    delayMs,
  };
}
