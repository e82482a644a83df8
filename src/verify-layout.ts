/** Key, id and signature of an event, as they are verified. */
export type Signed = readonly [publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array];

const lengths = [32, 32, 64] as const;
const each = 128;

/** Have these the lengths that {@link packSigned} takes? */
export function canPack(signed: Signed): boolean {
  return signed.every((bytes, part) => bytes.length === lengths[part]);
}

/** One behind the other: an object for each would take longer on its way to a thread than its share of the work. */
export function packSigned(all: readonly Signed[]): Uint8Array<ArrayBuffer> {
  const packed = new Uint8Array(all.length * each);
  let at = 0;
  for (const signed of all) {
    for (const bytes of signed) {
      packed.set(bytes, at);
      at += bytes.length;
    }
  }
  return packed;
}

/** What {@link packSigned} was given, in the same memory. */
export function unpackSigned(packed: Uint8Array): Signed[] {
  const [key, message] = lengths;
  return Array.from({ length: packed.length / each }, (_, number) => {
    const at = number * each;
    const [messageAt, signatureAt] = [at + key, at + key + message];
    return [
      packed.subarray(at, messageAt),
      packed.subarray(messageAt, signatureAt),
      packed.subarray(signatureAt, at + each),
    ];
  });
}
