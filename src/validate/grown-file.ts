/** How the file of a month ends. */
export const closing = Buffer.from("]\n");

const comma = 0x2c;
const openBrace = 0x7b;

/** Is this the byte behind so many events of a month when others were appended to them? */
export function beginsAppended(next: number | undefined, count: number): boolean {
  return next === (count === 0 ? openBrace : comma);
}

/** What is seen of a file while its beginning is compared with what it was. */
export interface GrownFile {
  /** Bytes of all of it. */
  readonly length: number;
  /** The byte behind its beginning. */
  readonly next: number | undefined;
}

/**
 * Reads a file that may have grown.
 *
 * @param keptBytes - length of its beginning
 * @param isKept - handed the beginning part by part, each with where it begins; false ends the reading
 * @returns undefined when the file is shorter, or its beginning another
 */
export async function readGrown(
  blocks: AsyncIterable<Uint8Array>,
  keptBytes: number,
  isKept: (part: Uint8Array, at: number) => boolean,
): Promise<GrownFile | undefined> {
  let length = 0;
  let next: number | undefined;
  for await (const block of blocks) {
    const part = block.subarray(0, Math.max(0, keptBytes - length));
    if (part.length > 0 && !isKept(part, length)) return undefined;
    if (part.length < block.length) next ??= block[part.length];
    length += block.length;
  }
  return length < keptBytes ? undefined : { length, next };
}
