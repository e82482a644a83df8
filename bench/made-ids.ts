import { hash } from "node:crypto";

/** Ids as good as random, one after the other, 32 bytes each. */
export function madeIds(count: number): Buffer {
  const ids = Buffer.alloc(32 * count);
  for (let at = 0; at < count; at++) ids.write(hash("sha256", String(at), "binary"), 32 * at, 32, "latin1");
  return ids;
}

export function* entriesOf(ids: Buffer): Generator<Buffer> {
  for (let at = 0; at < ids.length; at += 32) yield ids.subarray(at, at + 32);
}
