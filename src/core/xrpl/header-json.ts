import { fromHex, toHex } from "../bytes.ts";
import type { FieldReader } from "../fields.ts";
import type { JsonObject } from "../json.ts";
import { decodeLedgerHeader, encodeLedgerHeader, type LedgerHeader } from "./ledger-header.ts";

/** A header as an XPOP spells it (XLS-41). */
export function headerJson(header: LedgerHeader): JsonObject {
  return {
    index: header.index,
    coins: String(header.totalDrops),
    phash: toHex(header.parentHash).toUpperCase(),
    txroot: toHex(header.transactionRoot).toUpperCase(),
    acroot: toHex(header.stateRoot).toUpperCase(),
    pclose: header.parentCloseTimeRippleS,
    close: header.closeTimeRippleS,
    cres: header.closeResolutionS,
    flags: header.closeFlags,
  };
}

/**
 * The header in an XPOP or a receipt. Numbers are checked against their range before anything is packed.
 *
 * @throws SettlementError with the code of `fields`
 */
export function parseHeaderJson(fields: FieldReader): LedgerHeader {
  fields.only("index", "coins", "phash", "txroot", "acroot", "pclose", "close", "cres", "flags");
  const u32 = 0xffff_ffff;
  // The codec owns the layout; a trip through it is the range check.
  return decodeLedgerHeader(
    encodeLedgerHeader({
      index: fields.count("index", u32),
      totalDrops: parseCoins(fields),
      parentHash: fromHex(fields.hex("phash", 32)),
      transactionRoot: fromHex(fields.hex("txroot", 32)),
      stateRoot: fromHex(fields.hex("acroot", 32)),
      parentCloseTimeRippleS: fields.count("pclose", u32),
      closeTimeRippleS: fields.count("close", u32),
      closeResolutionS: fields.count("cres", 255),
      closeFlags: fields.count("flags", 255),
    }),
  );
}

/** A text of decimal digits or, where JSON can carry it exactly, a number. */
function parseCoins(fields: FieldReader): bigint {
  const coins = fields.member("coins");
  if (typeof coins === "number" && Number.isSafeInteger(coins) && coins >= 0) return BigInt(coins);
  if (typeof coins === "string" && /^(0|[1-9]\d{0,18})$/.test(coins)) return BigInt(coins);
  return fields.fail('member "coins" must be a decimal number of drops');
}
