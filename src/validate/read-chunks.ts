import { eventChunks, type LinesBefore, OtherFormatting } from "../core/event-chunks.ts";
import { SettlementError } from "../core/error.ts";
import { isJsonObject, parseJson } from "../core/json.ts";
import { type Dialect, dialectOf } from "../core/ledger-event.ts";
import type { Chunk } from "./chunk.ts";
import type { LedgerTree } from "./find-ledger.ts";
import type { EventPath } from "./read-ledger.ts";

/** A chunk as it is cut from its file. */
export type Cut = Omit<Chunk, "accepted" | "wantsLines">;

/** Chunks of a file of events. @throws OtherFormatting, SettlementError `LEDGER_UNREADABLE` */
export async function* chunksOf(
  { path, month }: EventPath,
  blocks: AsyncIterable<Uint8Array>,
  before?: LinesBefore,
): AsyncGenerator<Cut> {
  for await (const chunk of eventChunks(path, month === "" ? "lines" : "array", blocks, before)) {
    yield { file: path, month, ...chunk };
  }
}

/** @param from - byte to begin with */
export async function* blocksOf(tree: LedgerTree, path: string, from = 0): AsyncGenerator<Uint8Array> {
  if (tree.blocks) {
    yield* tree.blocks(path, from);
    return;
  }
  const bytes = await tree.read(path);
  if (bytes) yield bytes.subarray(from);
  else throw new SettlementError("LEDGER_UNREADABLE", `${path} went away while it was read; try again`);
}

/** The first event of a ledger. */
export interface FirstEvent {
  /** As it is written; undefined where there is none on a line of its own. */
  readonly text: string | undefined;
  /** That the ledger is of, by a guess that is right nearly always. */
  readonly dialect: Dialect;
  /** Events in the chunk that it is the first of; 0 where there is none. */
  readonly chunkEvents: number;
}

export async function firstEvent(tree: LedgerTree, path: EventPath | undefined): Promise<FirstEvent> {
  let text: string | undefined;
  try {
    for await (const { bytes, count } of path ? chunksOf(path, blocksOf(tree, path.path)) : []) {
      text = Buffer.from(bytes.subarray(0, bytes.indexOf(0x0a))).toString("utf8");
      const value = parseJson(text);
      return { text, dialect: isJsonObject(value) ? dialectOf(value) : "monthly", chunkEvents: count };
    }
  } catch (error) {
    if (!(error instanceof OtherFormatting) && !(error instanceof SettlementError)) throw error;
  }
  return { text: undefined, dialect: path?.month === "" ? "jsonl" : "monthly", chunkEvents: 0 };
}
