import { concatBytes, uintBytes } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { type Hash } from "../hash.ts";
import { hashPrefix, sha512Half } from "./hash.ts";

/** A ledger header as it is hashed. Times are seconds of the Ripple epoch, see {@link rippleEpochUnixS}. */
export interface LedgerHeader {
  readonly index: number;
  readonly totalDrops: bigint;
  readonly parentHash: Hash;
  /** Root of the transaction tree. */
  readonly transactionRoot: Hash;
  /** Root of the state tree. */
  readonly stateRoot: Hash;
  readonly parentCloseTimeRippleS: number;
  readonly closeTimeRippleS: number;
  /** Seconds the close time was rounded to. */
  readonly closeResolutionS: number;
  /** Bit 1: the validators did not agree on the close time. */
  readonly closeFlags: number;
}

/** 2000-01-01T00:00:00Z, where the XRP Ledger starts to count, in Unix seconds. */
export const rippleEpochUnixS = 946_684_800;

/** Bytes of a serialised header. */
export const ledgerHeaderSize = 118;

const maxDrops = 2n ** 64n - 1n;

/**
 * The 118 bytes of a header (`ledger_data` of the `ledger` method).
 *
 * @throws SettlementError `XRPL_HEADER_MALFORMED` for a number out of its range or a hash of another size
 */
export function encodeLedgerHeader(header: LedgerHeader): Uint8Array {
  const { totalDrops } = header;
  if (typeof totalDrops !== "bigint" || totalDrops < 0n || totalDrops > maxDrops) throw outOfRange("totalDrops", 64);
  return concatBytes(
    uint(header.index, 4, "index"),
    uintBytes(totalDrops, 8),
    hash(header.parentHash, "parentHash"),
    hash(header.transactionRoot, "transactionRoot"),
    hash(header.stateRoot, "stateRoot"),
    uint(header.parentCloseTimeRippleS, 4, "parentCloseTimeRippleS"),
    uint(header.closeTimeRippleS, 4, "closeTimeRippleS"),
    uint(header.closeResolutionS, 1, "closeResolutionS"),
    uint(header.closeFlags, 1, "closeFlags"),
  );
}

/** @throws SettlementError `XRPL_HEADER_MALFORMED` unless there are exactly 118 bytes */
export function decodeLedgerHeader(bytes: Uint8Array): LedgerHeader {
  if (bytes.length !== ledgerHeaderSize) {
    throw new SettlementError("XRPL_HEADER_MALFORMED", `a ledger header has 118 bytes, not ${bytes.length}`);
  }
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return {
    index: view.getUint32(0),
    totalDrops: view.getBigUint64(4),
    parentHash: bytes.slice(12, 44),
    transactionRoot: bytes.slice(44, 76),
    stateRoot: bytes.slice(76, 108),
    parentCloseTimeRippleS: view.getUint32(108),
    closeTimeRippleS: view.getUint32(112),
    closeResolutionS: view.getUint8(116),
    closeFlags: view.getUint8(117),
  };
}

/**
 * The hash by which the next ledger and the validators name this one.
 *
 * @throws SettlementError `XRPL_HEADER_MALFORMED` as {@link encodeLedgerHeader} does
 */
export function ledgerHash(header: LedgerHeader | Uint8Array): Hash {
  const bytes = header instanceof Uint8Array ? header : encodeLedgerHeader(header);
  if (bytes.length !== ledgerHeaderSize) {
    throw new SettlementError("XRPL_HEADER_MALFORMED", `a ledger header has 118 bytes, not ${bytes.length}`);
  }
  return sha512Half(hashPrefix.ledgerHeader, bytes);
}

function uint(value: number, width: number, name: string): Uint8Array {
  if (!Number.isInteger(value) || value < 0 || value >= 2 ** (8 * width)) throw outOfRange(name, 8 * width);
  return uintBytes(value, width);
}

function hash(value: Hash, name: string): Hash {
  if (value.length !== 32) {
    throw new SettlementError(
      "XRPL_HEADER_MALFORMED",
      `${name} of the ledger header has ${value.length} bytes, not 32`,
    );
  }
  return value;
}

function outOfRange(name: string, bits: number): SettlementError {
  return new SettlementError(
    "XRPL_HEADER_MALFORMED",
    `${name} of the ledger header is not an unsigned ${bits}-bit integer`,
  );
}
