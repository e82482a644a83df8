import { SettlementError } from "../error.ts";

/** Type codes of serialised fields (rippled `SField.h`). */
export const fieldType = {
  uint16: 1,
  uint32: 2,
  uint64: 3,
  hash128: 4,
  hash256: 5,
  amount: 6,
  blob: 7,
  accountId: 8,
  number: 9,
  int32: 10,
  int64: 11,
  object: 14,
  array: 15,
  uint8: 16,
  hash160: 17,
  pathSet: 18,
  vector256: 19,
  uint96: 20,
  hash192: 21,
  uint384: 22,
  uint512: 23,
  issue: 24,
  xchainBridge: 25,
  currency: 26,
} as const;

/** One field of a serialised object as it stands. */
export interface SerialField {
  readonly typeCode: number;
  readonly fieldCode: number;
  /** Header, length prefix, value and end marker. */
  readonly raw: Uint8Array;
  /** The value alone. */
  readonly bytes: Uint8Array;
  /** Fields of an object, elements of an array (each an object), else empty. */
  readonly inner: readonly SerialField[];
}

/** Objects and arrays inside each other; rippled refuses more too. */
const maxDepth = 10;
const { object, array } = fieldType;
const endCode = 1;

const fixedSizes: Readonly<Record<number, number>> = {
  [fieldType.uint8]: 1,
  [fieldType.uint16]: 2,
  [fieldType.uint32]: 4,
  [fieldType.uint64]: 8,
  [fieldType.uint96]: 12,
  [fieldType.hash128]: 16,
  [fieldType.hash160]: 20,
  [fieldType.hash192]: 24,
  [fieldType.hash256]: 32,
  [fieldType.uint384]: 48,
  [fieldType.uint512]: 64,
  [fieldType.number]: 12,
  [fieldType.int32]: 4,
  [fieldType.int64]: 8,
  [fieldType.currency]: 20,
};

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

/**
 * The fields of a serialised object: a transaction, metadata, a validation or a manifest.
 *
 * Strict: fields in canonical order (type, then field code), each once, lengths in their shortest form, nothing after
 * the last field, at most 10 objects and arrays inside each other. Unknown field codes of known types are read.
 *
 * @throws SettlementError `XRPL_FIELDS_MALFORMED`
 */
export function readFields(bytes: Uint8Array): readonly SerialField[] {
  return readMembers({ bytes, at: 0 }, 0);
}

/** The one field of this type and code, if it is there. */
export function fieldOf(fields: readonly SerialField[], typeCode: number, fieldCode: number): SerialField | undefined {
  return fields.find((field) => field.typeCode === typeCode && field.fieldCode === fieldCode);
}

/** Members up to the end marker (depth above 0) or the end of the bytes (depth 0). */
function readMembers(cursor: Cursor, depth: number): readonly SerialField[] {
  const members: SerialField[] = [];
  let last = -1;
  while (cursor.at < cursor.bytes.length) {
    const field = readField(cursor, depth);
    if (field.typeCode === object && field.fieldCode === endCode) {
      if (depth === 0) throw malformed(cursor, "an end-of-object marker where no object is open");
      return members;
    }
    if (field.typeCode === array && field.fieldCode === endCode) {
      throw malformed(cursor, "an end-of-array marker where no array is open");
    }
    const order = field.typeCode * 256 + field.fieldCode;
    if (order <= last) throw malformed(cursor, `field ${nameOf(field)} is there twice or out of order`);
    last = order;
    members.push(field);
  }
  if (depth > 0) throw malformed(cursor, "the bytes end inside an object");
  return members;
}

function readElements(cursor: Cursor, depth: number): readonly SerialField[] {
  const elements: SerialField[] = [];
  for (;;) {
    const field = readField(cursor, depth);
    if (field.typeCode === array && field.fieldCode === endCode) return elements;
    if (field.typeCode !== object || field.fieldCode === endCode) {
      throw malformed(cursor, `field ${nameOf(field)} stands in an array, which holds objects alone`);
    }
    elements.push(field);
  }
}

function readField(cursor: Cursor, depth: number): SerialField {
  const start = cursor.at;
  const { typeCode, fieldCode } = readHeader(cursor);
  const nested = typeCode === object || typeCode === array;
  if (nested && fieldCode !== endCode) {
    if (depth >= maxDepth) throw malformed(cursor, `more than ${maxDepth} objects and arrays inside each other`);
    const from = cursor.at;
    const inner = typeCode === object ? readMembers(cursor, depth + 1) : readElements(cursor, depth + 1);
    const bytes = cursor.bytes.subarray(from, cursor.at - 1);
    return { typeCode, fieldCode, raw: cursor.bytes.subarray(start, cursor.at), bytes, inner };
  }
  const bytes = nested ? cursor.bytes.subarray(cursor.at, cursor.at) : readValue(cursor, typeCode);
  return { typeCode, fieldCode, raw: cursor.bytes.subarray(start, cursor.at), bytes, inner: [] };
}

function readHeader(cursor: Cursor): { typeCode: number; fieldCode: number } {
  const first = byte(cursor);
  const extended = (nibble: number): number => {
    if (nibble !== 0) return nibble;
    const code = byte(cursor);
    if (code < 16) throw malformed(cursor, "a field header is not in its shortest form");
    return code;
  };
  const typeCode = extended(first >> 4);
  const fieldCode = extended(first & 15);
  return { typeCode, fieldCode };
}

function readValue(cursor: Cursor, typeCode: number): Uint8Array {
  const fixed = fixedSizes[typeCode];
  if (fixed !== undefined) return take(cursor, fixed);
  const from = cursor.at;
  switch (typeCode) {
    case fieldType.amount:
      return take(cursor, amountSize(peek(cursor)));
    case fieldType.blob:
      return readVl(cursor);
    case fieldType.accountId:
      return readAccount(cursor);
    case fieldType.vector256: {
      const bytes = readVl(cursor);
      if (bytes.length % 32 !== 0) throw malformed(cursor, "a list of hashes is no multiple of 32 bytes");
      return bytes;
    }
    case fieldType.pathSet:
      skipPathSet(cursor);
      return cursor.bytes.subarray(from, cursor.at);
    case fieldType.issue:
      skipIssue(cursor);
      return cursor.bytes.subarray(from, cursor.at);
    case fieldType.xchainBridge:
      for (let side = 0; side < 2; side++) {
        readAccount(cursor);
        skipIssue(cursor);
      }
      return cursor.bytes.subarray(from, cursor.at);
    default:
      throw malformed(cursor, `field type ${typeCode} is unknown`);
  }
}

/** 48 bytes of an issued amount, 33 of a multi-purpose token, 8 of drops. */
function amountSize(first: number): number {
  if (first & 0x80) return 48;
  return first & 0x20 ? 33 : 8;
}

function readAccount(cursor: Cursor): Uint8Array {
  const bytes = readVl(cursor);
  if (bytes.length !== 20 && bytes.length !== 0)
    throw malformed(cursor, `an account id has ${bytes.length} bytes, not 20`);
  return bytes;
}

/** Paths of steps: 0xFF between paths, 0x00 at the end, else bits for account, currency and issuer, 20 bytes each. */
function skipPathSet(cursor: Cursor): void {
  for (;;) {
    const step = byte(cursor);
    if (step === 0) return;
    if (step === 0xff) continue;
    if ((step & ~0x31) !== 0) throw malformed(cursor, `path step type ${step} is unknown`);
    for (const bit of [0x01, 0x10, 0x20]) if (step & bit) take(cursor, 20);
  }
}

/** XRP 20 bytes, an issued currency 40, a multi-purpose token 44 (issuer, the no-account id, sequence). */
function skipIssue(cursor: Cursor): void {
  if (take(cursor, 20).every((byte) => byte === 0)) return;
  const account = take(cursor, 20);
  const noAccount = account.every((byte, at) => byte === (at === 19 ? 1 : 0));
  if (noAccount) take(cursor, 4);
}

function readVl(cursor: Cursor): Uint8Array {
  const first = byte(cursor);
  if (first <= 192) return take(cursor, first);
  if (first <= 240) return take(cursor, 193 + (first - 193) * 256 + byte(cursor));
  if (first > 254) throw malformed(cursor, "a length prefix starts with 255");
  return take(cursor, 12_481 + (first - 241) * 65_536 + byte(cursor) * 256 + byte(cursor));
}

function byte(cursor: Cursor): number {
  return take(cursor, 1)[0] ?? 0;
}

function peek(cursor: Cursor): number {
  return cursor.bytes[cursor.at] ?? 0;
}

function take(cursor: Cursor, length: number): Uint8Array {
  if (cursor.at + length > cursor.bytes.length)
    throw malformed(cursor, `the bytes end inside a field of ${length} bytes`);
  const bytes = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return bytes;
}

function nameOf(field: { readonly typeCode: number; readonly fieldCode: number }): string {
  return `${field.typeCode}.${field.fieldCode}`;
}

function malformed(cursor: Cursor, fault: string): SettlementError {
  return new SettlementError("XRPL_FIELDS_MALFORMED", `serialised XRPL object, byte ${cursor.at}: ${fault}`);
}
