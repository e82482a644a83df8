import { base58 } from "../base58.ts";
import { concatBytes, equalBytes } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { sha256 } from "../hash.ts";

const xrplBase58 = base58("rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz");
const maxTextLength = 128;

/** Base58Check in the XRP Ledger's alphabet: the payload and the first 4 bytes of its double SHA-256. */
export function toBase58Check(payload: Uint8Array): string {
  return xrplBase58.encode(concatBytes(payload, checksum(payload)));
}

/**
 * The payload of a Base58Check text, its checksum checked and dropped.
 *
 * @throws SettlementError `XRPL_BASE58_MALFORMED`
 */
export function fromBase58Check(text: string): Uint8Array {
  if (text.length > maxTextLength) throw malformed(`has ${text.length} characters, at most ${maxTextLength} are read`);
  const bytes = xrplBase58.decode(text);
  if (!bytes) throw malformed("has a character outside the XRP Ledger's base58 alphabet");
  if (bytes.length < 5) throw malformed("is too short to hold a checksum");
  const payload = bytes.slice(0, -4);
  if (!equalBytes(checksum(payload), bytes.slice(-4))) throw malformed("has a wrong checksum: a character is mistyped");
  return payload;
}

function checksum(payload: Uint8Array): Uint8Array {
  return sha256(sha256(payload)).slice(0, 4);
}

function malformed(fault: string): SettlementError {
  return new SettlementError("XRPL_BASE58_MALFORMED", `the base58 text ${fault}`);
}
