import { concatBytes, equalBytes } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { sha256 } from "../hash.ts";

const alphabet = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz";
const digitOf = new Map(Array.from(alphabet, (char, digit) => [char, digit]));
const maxTextLength = 128;

/** Base58Check in the XRP Ledger's alphabet: the payload and the first 4 bytes of its double SHA-256. */
export function toBase58Check(payload: Uint8Array): string {
  const bytes = concatBytes(payload, checksum(payload));
  let number = 0n;
  for (const byte of bytes) number = (number << 8n) | BigInt(byte);
  let text = "";
  for (; number > 0n; number /= 58n) text = alphabet.charAt(Number(number % 58n)) + text;
  const zeros = bytes.findIndex((byte) => byte !== 0);
  return alphabet.charAt(0).repeat(zeros === -1 ? bytes.length : zeros) + text;
}

/**
 * The payload of a Base58Check text, its checksum checked and dropped.
 *
 * @throws SettlementError `XRPL_BASE58_MALFORMED`
 */
export function fromBase58Check(text: string): Uint8Array {
  if (text.length > maxTextLength) throw malformed(`has ${text.length} characters, at most ${maxTextLength} are read`);
  let number = 0n;
  for (const char of text) {
    const digit = digitOf.get(char);
    if (digit === undefined) throw malformed("has a character outside the XRP Ledger's base58 alphabet");
    number = number * 58n + BigInt(digit);
  }
  const body: number[] = [];
  for (; number > 0n; number >>= 8n) body.unshift(Number(number & 255n));
  const zeros = text.match(/^r*/)?.[0].length ?? 0;
  const bytes = concatBytes(new Uint8Array(zeros), Uint8Array.from(body));
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
