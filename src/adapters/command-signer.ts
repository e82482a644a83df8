import { createPublicKey } from "node:crypto";
import { encode, encodeForSigning } from "ripple-binary-codec";
import { verify } from "ripple-keypairs";
import { concatBytes, fromHex, toHex } from "../core/bytes.ts";
import { isCurvePoint } from "../core/ed25519.ts";
import { SettlementError } from "../core/error.ts";
import { accountIdOfKey, addressOf } from "../core/xrpl/address.ts";
import { isLowS, parseEcdsaSignature } from "../core/xrpl/ecdsa-signature.ts";
import { sha512Half } from "../core/xrpl/hash.ts";
import { transactionId } from "../core/xrpl/transaction-id.ts";
import { runProgram } from "./child-program.ts";
import { nodeVerify } from "./node-crypto.ts";
import type { AnchorSigner } from "./xrpl-signer.ts";

export interface CommandSignerOptions {
  /** The program and its arguments; there is no shell. */
  readonly command: readonly string[];
  /** 33 bytes in hex: `ED…` for Ed25519, `02…` or `03…` for secp256k1. */
  readonly publicKey: string;
  /** The account it signs for when the key is its regular key; the key's own account by default. */
  readonly account?: string;
  /** {@link signerTimeoutMs} when left out. */
  readonly timeoutMs?: number;
}

/** Time a signer has for one signature, milliseconds. */
const signerTimeoutMs = 30_000;

const maxOutputBytes = 4096;

/** What is in front of a compressed secp256k1 point in a SubjectPublicKeyInfo, RFC 5480. */
const spkiSecp256k1 = fromHex("3036301006072a8648ce3d020106052b8104000a032200");

function isSecp256k1Point(key: Uint8Array): boolean {
  try {
    createPublicKey({ key: Buffer.from(concatBytes(spkiSecp256k1, key)), format: "der", type: "spki" });
    return true;
  } catch {
    return false;
  }
}

interface SignerKey {
  /** Upper case. */
  readonly hex: string;
  readonly bytes: Uint8Array;
  readonly isEd25519: boolean;
}

/** The key in the one spelling that transactions have. @throws SettlementError `CONFIG_INVALID` */
function parseSignerKey(publicKey: string): SignerKey {
  const hex = publicKey.toUpperCase();
  const bytes = /^(ED|02|03)[0-9A-F]{64}$/.test(hex) ? fromHex(hex) : new Uint8Array();
  const isEd25519 = bytes[0] === 0xed;
  const isPoint = bytes.length === 33 && (isEd25519 ? isCurvePoint(bytes.subarray(1)) : isSecp256k1Point(bytes));
  if (isPoint) return { hex, bytes, isEd25519 };
  throw new SettlementError(
    "CONFIG_INVALID",
    "the public key of the signer must be an XRPL key of 33 bytes in hex: ED and an Ed25519 key, or a compressed secp256k1 point",
  );
}

/** What is wrong with what the signer printed; undefined when it is the signature that was asked for. */
function signatureFault(signature: string, signingBytes: string, publicKey: string): string | undefined {
  if (!/^([0-9A-F]{2})+$/.test(signature)) return "it printed something else than hex";
  const bytes = fromHex(signature);
  if (publicKey.startsWith("ED")) {
    if (bytes.length !== 64) return `an Ed25519 signature has 64 bytes, it printed ${bytes.length}`;
    const isGood = nodeVerify(fromHex(publicKey.slice(2)), fromHex(signingBytes), bytes);
    return isGood ? undefined : "its signature is not of this transaction by this key";
  }
  const parsed = parseEcdsaSignature(bytes);
  if (!parsed) return "it printed no DER signature (SEQUENCE of two INTEGERs)";
  if (!isLowS(parsed))
    return "the S of its signature is high, which the XRP Ledger refuses: the order minus S is the low one";
  return verify(signingBytes, signature, publicKey)
    ? undefined
    : "its signature is not of this transaction by this key";
}

/**
 * A signer behind a program, for a key that this process must not hold (HSM, KMS). The program gets one line of JSON:
 * `{"v":1,"account","publicKey","signingBytes","digest","transaction"}`, and prints the signature in hex: 64 bytes of
 * Ed25519 over `signingBytes`, or DER of secp256k1 over `digest`, SHA512Half of `signingBytes`, which is there for that
 * key alone. What it prints is verified before it is used.
 *
 * @throws SettlementError `CONFIG_INVALID`
 */
export function commandSigner(options: CommandSignerOptions): AnchorSigner {
  const { command, timeoutMs = signerTimeoutMs } = options;
  const { hex: publicKey, bytes, isEd25519 } = parseSignerKey(options.publicKey);
  const [program = ""] = command;
  if (program === "") throw new SettlementError("CONFIG_INVALID", "the signer's command is empty; name its program");
  const ownKey = addressOf(accountIdOfKey(bytes));
  const account = options.account ?? ownKey;
  return {
    account,
    ownKey,
    async sign(unsigned) {
      const transaction = { ...unsigned, SigningPubKey: publicKey };
      const signingBytes = encodeForSigning(transaction);
      const digest = isEd25519 ? {} : { digest: toHex(sha512Half(fromHex(signingBytes))).toUpperCase() };
      const request = { v: 1, account, publicKey, signingBytes, ...digest, transaction };
      const end = await runProgram(command, `${JSON.stringify(request)}\n`, { timeoutMs, maxOutputBytes });
      const signature = "fault" in end ? "" : end.stdout.trim().toUpperCase();
      const fault = "fault" in end ? end.fault : signatureFault(signature, signingBytes, publicKey);
      // Arguments and output stay out of the message: either may hold a secret.
      if (fault !== undefined)
        throw new SettlementError("SIGNER_FAILED", `the signer ${program} did not sign: ${fault}`);
      const blob = encode({ ...transaction, TxnSignature: signature });
      return { blob, hash: toHex(transactionId(fromHex(blob))).toUpperCase() };
    },
  };
}
