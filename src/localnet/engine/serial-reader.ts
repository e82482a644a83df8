import { DEFAULT_DEFINITIONS } from "ripple-binary-codec";

import { fieldType } from "../../core/xrpl/fields.ts";

/** What rippled's own reader says of bytes that are no object. */
export class SerialFault extends Error {}

/** Fields of an object by name; of nested objects and arrays only that they are there is kept. */
export type FieldNames = Map<string, number | undefined>;

interface Cursor {
  readonly bytes: Uint8Array;
  at: number;
}

const { object, array } = fieldType;
const maxDepth = 10;

const sizes: Readonly<Record<number, readonly [size: number, reader: string]>> = {
  [fieldType.uint8]: [1, "get8"],
  [fieldType.uint16]: [2, "get16"],
  [fieldType.uint32]: [4, "get32"],
  [fieldType.uint64]: [8, "get64"],
  [fieldType.int32]: [4, "get32"],
  [fieldType.int64]: [8, "get64"],
  [fieldType.hash128]: [16, "getBitString"],
  [fieldType.hash160]: [20, "getBitString"],
  [fieldType.hash192]: [24, "getBitString"],
  [fieldType.hash256]: [32, "getBitString"],
  [fieldType.currency]: [20, "getBitString"],
};

/** Fields that nested objects must have, by the object's name. */
const innerRequired: Readonly<Record<string, readonly string[]>> = {
  Signer: ["Account", "SigningPubKey", "TxnSignature"],
  SignerEntry: ["Account", "SignerWeight"],
};

/**
 * The names of the fields of a serialised object, with the value of 16-bit ones. It reads as leniently as rippled's
 * `STObject` does (any order, a missing end marker) and complains in its words; the codec reads the values.
 *
 * @throws SerialFault
 */
export function readFieldNames(bytes: Uint8Array): FieldNames {
  const cursor = { bytes, at: 0 };
  const names = readObject(cursor, 0);
  if (cursor.at < bytes.length) throw new SerialFault("Transaction contains an object terminator");
  return names;
}

function readObject(cursor: Cursor, depth: number): FieldNames {
  const names: FieldNames = new Map();
  while (cursor.at < cursor.bytes.length) {
    const [type, code] = readId(cursor);
    if (type === object && code === 1) break;
    if (type === array && code === 1) throw new SerialFault("Illegal end-of-array marker in object");
    const name = nameOf(type, code);
    const isTwice = names.has(name);
    names.set(name, readValue(cursor, type, { name, depth: depth + 1 }));
    if (isTwice) throw new SerialFault("Duplicate field detected");
  }
  return names;
}

function readArray(cursor: Cursor, depth: number): void {
  while (cursor.at < cursor.bytes.length) {
    const [type, code] = readId(cursor);
    if (type === array && code === 1) return;
    if (type === object && code === 1) throw new SerialFault("Illegal terminator in array");
    const name = nameOf(type, code);
    if (type !== object) throw new SerialFault("Non-object in array");
    readValue(cursor, type, { name, depth: depth + 1 });
  }
}

/** The value of a 16-bit field; others are only passed over. */
function readValue(
  cursor: Cursor,
  type: number,
  { name, depth }: { readonly name: string; readonly depth: number },
): number | undefined {
  if (depth > maxDepth) throw new SerialFault("Maximum nesting depth of STVar exceeded");
  if (type === object) {
    const inner = readObject(cursor, depth);
    requireFields(inner, innerRequired[name] ?? []);
    return undefined;
  }
  if (type === array) {
    readArray(cursor, depth);
    return undefined;
  }
  const fixed = sizes[type];
  if (fixed) {
    const bytes = take(cursor, ...fixed);
    return type === fieldType.uint16 ? (bytes[0] ?? 0) * 256 + (bytes[1] ?? 0) : undefined;
  }
  skipOther(cursor, type);
  return undefined;
}

function skipOther(cursor: Cursor, type: number): void {
  switch (type) {
    case fieldType.amount: {
      const [first = 0] = take(cursor, 8, "get64");
      if (first & 0x80) take(cursor, 40, "getBitString");
      else if (first & 0x20) take(cursor, 25, "getBitString");
      return;
    }
    case fieldType.blob:
      take(cursor, readLength(cursor), "getRaw");
      return;
    case fieldType.accountId: {
      const length = readLength(cursor);
      take(cursor, length, "getRaw");
      if (length !== 20) throw new SerialFault("Invalid STAccount size");
      return;
    }
    case fieldType.vector256: {
      const length = readLength(cursor);
      take(cursor, length, "getSlice");
      if (length % 32 !== 0) throw new SerialFault(`Bad serialization for STVector256: ${length}`);
      return;
    }
    default:
      // Types no transaction known here has a field of: the codec has the last word on them.
      cursor.at = cursor.bytes.length;
  }
}

/** Names every required field that is missing, as rippled's templates do. */
export function requireFields(names: FieldNames, required: readonly string[]): void {
  for (const name of required) if (!names.has(name)) throw new SerialFault(`Field '${name}' is required but missing.`);
}

function readId(cursor: Cursor): readonly [type: number, code: number] {
  const [first = 0] = take(cursor, 1, "get8");
  const extended = (nibble: number, what: string): number => {
    if (nibble !== 0) return nibble;
    const [code = 0] = take(cursor, 1, "get8");
    if (code < 16) throw new SerialFault(`gFID: uncommon ${what} out of range ${code}`);
    return code;
  };
  const type = extended(first >> 4, "type");
  return [type, extended(first & 15, "name")];
}

function nameOf(type: number, code: number): string {
  // The codec's table is keyed by ordinal as text.
  const field = DEFAULT_DEFINITIONS.field.fromString(String(type * 65_536 + code)) as
    | { readonly name: string }
    | undefined;
  if (!field) throw new SerialFault("Unknown field");
  return field.name;
}

function readLength(cursor: Cursor): number {
  const [first = 0] = take(cursor, 1, "get8");
  if (first <= 192) return first;
  const [second = 0] = take(cursor, 1, "get8");
  if (first <= 240) return 193 + (first - 193) * 256 + second;
  const [third = 0] = take(cursor, 1, "get8");
  if (first > 254) throw new SerialFault("b1>254");
  return 12_481 + (first - 241) * 65_536 + second * 256 + third;
}

function take(cursor: Cursor, length: number, reader: string): Uint8Array {
  if (cursor.at + length > cursor.bytes.length) throw new SerialFault(`invalid SerialIter ${reader}`);
  const bytes = cursor.bytes.subarray(cursor.at, cursor.at + length);
  cursor.at += length;
  return bytes;
}
