import { decode, encodeForSigning } from "ripple-binary-codec";
import { deriveAddress } from "ripple-keypairs";
import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { verifyKeySignature } from "../core/xrpl/key-signature.ts";
import { nodeVerify } from "./node-crypto.ts";

/** A transaction of the account as a server gave it. */
export interface OwnTransaction {
  /** Upper-case hex. */
  readonly hash: string;
  readonly blob: Uint8Array;
  readonly succeeded: boolean;
}

/** Whose transactions they are, and with which Sequence they begin. */
interface Beginning {
  readonly account: string;
  /** Address of the key this node signs with. */
  readonly ownKey: string;
  /** Undefined where the account was there before the first transaction. */
  readonly first: number | undefined;
}

/** Sequences of an account as its own signed transactions leave them. */
export interface UsedSequences {
  readonly used: ReadonlySet<number>;
  /** The next one; undefined where neither the beginning nor a transaction tells. */
  readonly next: number | undefined;
}

function refuse(hash: string, why: string): never {
  throw new SettlementError(
    "CHAIN_ANSWER_REFUTED",
    `the server's history of the account holds transaction ${hash}, ${why}; it is not the account's own`,
  );
}

function text(value: JsonValue | undefined): string {
  return typeof value === "string" ? value : "";
}

function decoded(hash: string, blobHex: string): JsonObject {
  try {
    return decode(blobHex) as unknown as JsonObject;
  } catch (cause) {
    throw new SettlementError("CHAIN_ANSWER_MALFORMED", `transaction ${hash} cannot be decoded`, { cause });
  }
}

function isSigned(transaction: JsonObject): boolean {
  try {
    const message = fromHex(encodeForSigning({ ...transaction }));
    const signature = fromHex(text(transaction["TxnSignature"]));
    return verifyKeySignature(fromHex(text(transaction["SigningPubKey"])), { message, signature }, nodeVerify);
  } catch {
    return false;
  }
}

function addressOfKey(publicKey: string): string {
  try {
    return deriveAddress(publicKey);
  } catch {
    return "";
  }
}

/**
 * Checks that an account's transactions are its own: each signed by its master key, or by a regular key that one of the
 * transactions before it set, and each using the Sequence the one before left. A server can invent a transaction, but no
 * such signature.
 *
 * @param transactions - oldest first
 * @throws SettlementError `CHAIN_ANSWER_REFUTED`, `CHAIN_ANSWER_MALFORMED`, `ANCHOR_HISTORY_INCOMPLETE` for multi-signed transactions, which are not judged
 */
export function usedSequences(
  transactions: readonly OwnTransaction[],
  { account, ownKey, first }: Beginning,
): UsedSequences {
  const keys = new Set([account, ownKey]);
  const used = new Set<number>();
  let next = first;
  for (const { hash, blob, succeeded } of transactions) {
    const transaction = decoded(hash, toHex(blob).toUpperCase());
    if (transaction["Signers"] !== undefined) {
      throw new SettlementError(
        "ANCHOR_HISTORY_INCOMPLETE",
        `transaction ${hash} of ${account} is multi-signed and cannot be judged here; look whether it anchors this month, and use an account of its own`,
      );
    }
    if (!keys.has(addressOfKey(text(transaction["SigningPubKey"]))))
      refuse(hash, "signed by a key that was never the account's");
    if (!isSigned(transaction)) refuse(hash, "whose signature does not verify");
    const sequence = Number(transaction["Sequence"]);
    if (sequence > 0) {
      if (next !== undefined && sequence !== next) refuse(hash, `of Sequence ${sequence} where ${next} was due`);
      used.add(sequence);
      next = sequence + 1;
    }
    if (!succeeded) continue;
    if (transaction["TransactionType"] === "SetRegularKey") keys.add(text(transaction["RegularKey"]));
    if (transaction["TransactionType"] === "TicketCreate" && next !== undefined)
      next += Number(transaction["TicketCount"]);
  }
  return { used, next };
}
