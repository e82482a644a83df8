import { concatBytes, uintBytes } from "../../src/core/bytes.ts";
import { SettlementError } from "../../src/core/error.ts";
import { readFields, type SerialField } from "../../src/core/xrpl/fields.ts";
import { vlPrefix } from "../../src/core/xrpl/vl.ts";
import type { Chance } from "../simulator/chance.ts";
import { otherSignature } from "./mutate-signatures.ts";

type BytesMutation = (bytes: Uint8Array, chance: Chance) => Uint8Array;

const interesting = [0x00, 0x01, 0x7f, 0x80, 0xc0, 0xc1, 0xe1, 0xf0, 0xf1, 0xfe, 0xff];

function slices(bytes: Uint8Array, chance: Chance): readonly [Uint8Array, Uint8Array, Uint8Array] {
  const from = chance.between(0, bytes.length);
  const to = chance.between(from, Math.min(bytes.length, from + 40));
  return [bytes.subarray(0, from), bytes.subarray(from, to), bytes.subarray(to)];
}

/** Changes that know nothing of what the bytes mean. */
const blind: Readonly<Record<string, BytesMutation>> = {
  "flips a bit": (bytes, chance) => {
    const at = chance.below(bytes.length);
    return bytes.length === 0 ? Uint8Array.of(0) : bytes.with(at, (bytes[at] ?? 0) ^ (1 << chance.below(8)));
  },
  "sets a byte": (bytes, chance) => {
    const byte = chance.happens(0.5) ? chance.pick(interesting) : chance.below(256);
    return bytes.length === 0 ? Uint8Array.of(byte) : bytes.with(chance.below(bytes.length), byte);
  },
  "cuts the end": (bytes, chance) => bytes.subarray(0, chance.below(bytes.length + 1)),
  "cuts the beginning": (bytes, chance) => bytes.subarray(chance.below(bytes.length + 1)),
  "drops a slice": (bytes, chance) => {
    const [before, , after] = slices(bytes, chance);
    return concatBytes(before, after);
  },
  "doubles a slice": (bytes, chance) => {
    const [before, slice, after] = slices(bytes, chance);
    return concatBytes(before, slice, slice, after);
  },
  "puts bytes in": (bytes, chance) => {
    const [before, , after] = slices(bytes, chance);
    const more = Uint8Array.from({ length: chance.between(1, 20) }, () => chance.below(256));
    return concatBytes(before, more, after);
  },
  "swaps two slices": (bytes, chance) => {
    const [before, slice, after] = slices(bytes, chance);
    return concatBytes(slice, before, after);
  },
};

/** Fields of a serialised XRPL object, or none where the bytes are no object. */
function fieldsIn(bytes: Uint8Array): readonly SerialField[] {
  try {
    return readFields(bytes);
  } catch (error) {
    if (error instanceof SettlementError) return [];
    throw error;
  }
}

const joined = (fields: readonly SerialField[]): Uint8Array => concatBytes(...fields.map(({ raw }) => raw));

/** Changes of serialised XRPL objects: transactions, metadata, validations, manifests. */
const serial: Readonly<Record<string, (fields: readonly SerialField[], chance: Chance) => Uint8Array>> = {
  "drops a field": (fields, chance) => joined(fields.toSpliced(chance.below(fields.length), 1)),
  "doubles a field": (fields, chance) => {
    const at = chance.below(fields.length);
    return joined([...fields.slice(0, at + 1), ...fields.slice(at)]);
  },
  "swaps two fields": (fields, chance) => {
    const at = chance.below(Math.max(1, fields.length - 1));
    return joined([...fields.slice(0, at), ...fields.slice(at, at + 2).toReversed(), ...fields.slice(at + 2)]);
  },
  "changes a field's value": (fields, chance) => {
    const at = chance.below(fields.length);
    const field = fields[at];
    if (!field || field.bytes.length === 0) return joined(fields);
    const start = field.raw.length - field.bytes.length;
    const value = field.raw.with(start + chance.below(field.bytes.length), chance.below(256));
    return concatBytes(joined(fields.slice(0, at)), value, joined(fields.slice(at + 1)));
  },
  "adds a field": (fields, chance) => {
    // A number of 32 bits, an amount, a blob, an empty object, an empty list; field codes of one byte and of two.
    const headers = ["2f", "20f0", "6f", "7f", "70f0", "efe1", "fff1"];
    const header = Uint8Array.from(Buffer.from(chance.pick(headers), "hex"));
    const value = uintBytes(chance.below(2 ** 31), 8).subarray(chance.pick([0, 4, 8]));
    const at = chance.between(0, fields.length);
    return concatBytes(joined(fields.slice(0, at)), header, value, joined(fields.slice(at)));
  },
};

/** The object with its Signature (a blob, field 6) in another spelling. */
function respelt(
  fields: readonly SerialField[],
  chance: Chance,
): readonly [how: string, bytes: Uint8Array] | undefined {
  const at = fields.findIndex(({ typeCode, fieldCode }) => typeCode === 7 && fieldCode === 6);
  const field = fields[at];
  const other = field && otherSignature(field.bytes, chance);
  if (!other) return undefined;
  const [how, der] = other;
  const raw = concatBytes(Uint8Array.of(0x76), vlPrefix(der.length), der);
  return [how, concatBytes(joined(fields.slice(0, at)), raw, joined(fields.slice(at + 1)))];
}

/** The same bytes but for a signature of theirs, or one that they are, in another spelling; undefined where there is none. */
export function otherSpelling(
  bytes: Uint8Array,
  chance: Chance,
): readonly [how: string, bytes: Uint8Array] | undefined {
  return bytes[0] === 0x30 ? otherSignature(bytes, chance) : respelt(fieldsIn(bytes), chance);
}

/** Other bytes, and what was done. */
export function mutateBytes(bytes: Uint8Array, chance: Chance): readonly [how: string, bytes: Uint8Array] {
  const other = chance.happens(0.15) ? otherSpelling(bytes, chance) : undefined;
  if (other) return other;
  const fields = chance.happens(0.5) ? fieldsIn(bytes) : [];
  const [first] = fields;
  if (first && fields.length > 1) {
    const how = chance.pick(Object.keys(serial));
    return [how, serial[how]?.(fields, chance) ?? bytes];
  }
  const how = chance.pick(Object.keys(blind));
  return [how, blind[how]?.(bytes, chance) ?? bytes];
}
