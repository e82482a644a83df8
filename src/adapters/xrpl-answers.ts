import { fromHex, toHex } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import { fieldsOf, type FieldReader } from "../core/fields.ts";
import { isJsonObject, type JsonObject } from "../core/json.ts";
import { decodeLedgerHeader, ledgerHash, type LedgerHeader } from "../core/xrpl/ledger-header.ts";
import { type LedgerBytes, wholeLedger, type WholeLedger } from "../core/xrpl/whole-ledger.ts";
import { isRefusal, refusalText, type XrplServer } from "./xrpl-rpc.ts";

const maxIndex = 0xffff_ffff;

/**
 * A server's answer as fields; a refusal it may give is undefined.
 *
 * @throws SettlementError `CHAIN_UNREACHABLE` for any other refusal: another server, or later, may answer;
 * `CHAIN_ANSWER_MALFORMED` also from the fields
 */
export async function ask(
  server: XrplServer,
  command: string,
  parameters: JsonObject,
  allowed: readonly string[] = [],
): Promise<FieldReader | undefined> {
  const answer: unknown = await server.request(command, parameters);
  const what = `${command} of ${server.endpoint}`;
  if (!isJsonObject(answer) || !isRefusal(answer)) return fieldsOf("CHAIN_ANSWER_MALFORMED", what, answer);
  if (allowed.includes(answer.error)) return undefined;
  throw new SettlementError("CHAIN_UNREACHABLE", `${server.endpoint} refused ${command}: ${refusalText(answer)}`);
}

/** An answer that has to be there. */
export async function demand(server: XrplServer, command: string, parameters: JsonObject = {}): Promise<FieldReader> {
  const fields = await ask(server, command, parameters);
  if (!fields) throw new SettlementError("CHAIN_ANSWER_MALFORMED", `${command} of ${server.endpoint}: no answer`);
  return fields;
}

/** A ledger index, which API version 1 writes as a text in some places. */
export function indexIn(fields: FieldReader, name: string): number {
  const value = fields.object[name];
  return typeof value === "string" && /^\d{1,10}$/.test(value) && Number(value) <= maxIndex
    ? Number(value)
    : fields.count(name, maxIndex);
}

/** The ledger that a `tx` answer calls a transaction validated in, under the name of either API version. */
export function heldIn(said: FieldReader): number {
  return indexIn(said, said.has("ledger_index") ? "ledger_index" : "inLedger");
}

/** Drops there are at the most. */
const maxDrops = 100_000_000_000_000_000n;

/** An amount of drops, which is a text. */
export function dropsIn(fields: FieldReader, name: string): bigint {
  const text = fields.text(name, 30);
  const value = /^\d{1,20}$/.test(text) ? BigInt(text) : undefined;
  return value !== undefined && value <= maxDrops ? value : fields.fail(`member "${name}" must be a number of drops`);
}

/** The metadata of a binary transaction, under the name of either API version. */
export function metaHex(fields: FieldReader): string {
  return fields.hex(fields.has("meta_blob") ? "meta_blob" : "meta");
}

/** A header whose hash was computed here. */
export interface HeaderRead {
  readonly header: LedgerHeader;
  /** Upper-case hex. */
  readonly hash: string;
}

/** A ledger whose tree was recomputed here. */
export interface LedgerRead extends HeaderRead {
  readonly bytes: LedgerBytes;
}

/**
 * Reads bytes a server gave; whatever they break is that server's fault.
 *
 * @throws SettlementError `CHAIN_ANSWER_REFUTED` when a tree is not that of its root, else `CHAIN_ANSWER_MALFORMED`
 */
export function ofServer<T>(server: XrplServer, what: string, act: () => T): T {
  try {
    return act();
  } catch (cause) {
    if (!(cause instanceof SettlementError || cause instanceof RangeError)) throw cause;
    if (cause instanceof SettlementError && cause.code.startsWith("CHAIN_")) throw cause;
    const isLie = cause instanceof SettlementError && cause.code === "XRPL_LEDGER_REFUTED";
    const code = isLie ? "CHAIN_ANSWER_REFUTED" : "CHAIN_ANSWER_MALFORMED";
    throw new SettlementError(code, `${what} of ${server.endpoint}: ${cause.message}`, { cause });
  }
}

function upper(hash: Uint8Array): string {
  return toHex(hash).toUpperCase();
}

/** The `ledger` object of a binary answer; undefined where the server does not hold that ledger as validated. */
async function validatedLedger(
  server: XrplServer,
  ledger: number | "validated",
  parameters: JsonObject,
): Promise<FieldReader | undefined> {
  const answer = await ask(server, "ledger", { ledger_index: ledger, binary: true, ...parameters }, ["lgrNotFound"]);
  return answer?.object["validated"] === true ? answer.reader("ledger") : undefined;
}

function requireIndex(server: XrplServer, { index }: LedgerHeader, asked: number | "validated"): void {
  if (asked === "validated" || asked === index) return;
  throw new SettlementError(
    "CHAIN_ANSWER_REFUTED",
    `${server.endpoint} gives ledger ${index} where ledger ${asked} was asked for`,
  );
}

/**
 * The header of a validated ledger; undefined where the server does not hold it, or does not call it validated.
 *
 * @throws SettlementError `CHAIN_UNREACHABLE`, `CHAIN_ANSWER_MALFORMED`, `CHAIN_ANSWER_REFUTED` for another ledger
 */
export async function readHeader(server: XrplServer, asked: number | "validated"): Promise<HeaderRead | undefined> {
  const ledger = await validatedLedger(server, asked, {});
  if (!ledger) return undefined;
  const header = decodeLedgerHeader(fromHex(ledger.hex("ledger_data", 118)));
  requireIndex(server, header, asked);
  return { header, hash: upper(ledgerHash(header)) };
}

/** The bytes of a validated ledger as the server gives them, nothing recomputed. */
export async function readLedger(server: XrplServer, ledgerIndex: number): Promise<LedgerBytes> {
  const bytes = await ledgerBytes(server, ledgerIndex);
  if (bytes) return bytes;
  throw new SettlementError(
    "CHAIN_UNREACHABLE",
    `${server.endpoint} does not hold ledger ${ledgerIndex}, or does not call it validated`,
  );
}

async function ledgerBytes(server: XrplServer, ledgerIndex: number): Promise<LedgerBytes | undefined> {
  const ledger = await validatedLedger(server, ledgerIndex, { transactions: true, expand: true });
  if (!ledger) return undefined;
  const transactions = ledger.list("transactions").map((value) => {
    const fields = fieldsOf("CHAIN_ANSWER_MALFORMED", `ledger ${ledgerIndex} of ${server.endpoint}`, value);
    return { blob: fromHex(fields.hex("tx_blob")), meta: fromHex(metaHex(fields)) };
  });
  return { header: fromHex(ledger.hex("ledger_data", 118)), transactions };
}

/**
 * A validated ledger in binary, the only form whose hashes can be recomputed reliably, with its tree recomputed; undefined
 * where the server does not hold it, or does not call it validated.
 *
 * @throws SettlementError `CHAIN_ANSWER_REFUTED` when its transactions do not make its root, and those of {@link readHeader}
 */
export async function readWholeLedger(server: XrplServer, ledgerIndex: number): Promise<LedgerRead | undefined> {
  const bytes = await ledgerBytes(server, ledgerIndex);
  if (!bytes) return undefined;
  const { header, hash }: WholeLedger = ofServer(server, `ledger ${ledgerIndex}`, () => wholeLedger(bytes));
  requireIndex(server, header, ledgerIndex);
  return { bytes, header, hash: upper(hash) };
}
