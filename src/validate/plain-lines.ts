import type { Sha256 } from "../core/hash.ts";
import type { Dialect } from "../core/ledger-event.ts";
import { plainEvents, type ReadPlainEvent } from "../core/plain-event.ts";

/** Longest chunk that is read here. */
const mostBytes = 2 ** 19;

/** Room for what is longer than its text by a name. */
const extraBytes = 1024;

/** An event whose text, id and grammar were found to be good. */
export interface ProvenEvent {
  readonly dialect: Dialect;
  readonly unixMs: number;
  /** As it is written, but for the order of its members. */
  readonly text: string;
  /** Its JCS; valid until the next chunk is opened. */
  line(): Uint8Array;
}

/** Reads events of a chunk in their own bytes. */
export interface PlainLines {
  /** Takes a copy of the bytes of a chunk. */
  open(bytes: Uint8Array): void;
  /**
   * The event whose text fills a line.
   *
   * @param start - of its text
   * @param end - position of the line feed, or of what else ends the line
   * @param ids - takes the 32 bytes of its id, from `idAt` on; other bytes where there is no such event
   * @returns undefined where something is wrong or merely doubtful
   */
  read(start: number, end: number, ids: Uint8Array, idAt: number): ProvenEvent | undefined;
}

/** Where a chunk is read. */
interface Room {
  readonly bytes: Uint8Array;
  /** The same bytes. */
  readonly text: Buffer;
  readonly readAt: ReadPlainEvent;
}

function newRoom(sha256: Sha256): Room {
  const bytes = new Uint8Array(2 * mostBytes + extraBytes);
  const readAt = plainEvents(bytes, mostBytes, (start, end, target, at) =>
    target.set(sha256(bytes.subarray(start, end)), at),
  );
  return { bytes, text: Buffer.from(bytes.buffer), readAt };
}

export function plainLines(sha256: Sha256): PlainLines {
  let room: Room | undefined;
  let isOpen = false;
  return {
    open(chunk) {
      isOpen = chunk.length <= mostBytes;
      if (!isOpen) return;
      room ??= newRoom(sha256);
      room.bytes.set(chunk);
    },
    read(start, end, ids, idAt) {
      if (!room || !isOpen) return undefined;
      const { bytes, text, readAt } = room;
      const event = readAt(start, ids, idAt);
      if (event?.end !== end) return undefined;
      const { dialect, unixMs } = event;
      return { dialect, unixMs, text: text.toString("utf8", start, end), line: () => bytes.subarray(start, end) };
    },
  };
}
