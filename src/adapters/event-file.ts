import { concatBytes, fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import {
  type AppendPoint,
  appendPoint,
  appendText,
  formatPartition,
  type PartitionForm,
} from "../core/partition-file.ts";
import { placed } from "../core/placed.ts";
import { type Recovery, recoverPartition } from "../core/partition-recovery.ts";
import { factsOf, type Folder, overwriteEnd, readFile, replaceFile } from "./durable-file.ts";
import { maxFileBytes, tooLarge } from "./file-faults.ts";

/** Where the next event of a file goes, as long as the file has this version. */
export interface KnownPoint {
  readonly version: string;
  readonly point: AppendPoint;
}

export interface EventFile {
  readonly folder: Folder;
  readonly path: string;
  readonly form: PartitionForm;
  readonly points: Map<string, KnownPoint>;
  /** Told of a torn append that was cut back. */
  readonly onRepaired: (recovery: Recovery) => void;
}

/**
 * Adds events to the end of a file, in place with one fsync where the file is of our own form; else, and where there is
 * no file yet, by replacing the whole.
 *
 * @throws SettlementError `LEDGER_WRITE_FAILED`, `PARTITION_MALFORMED`
 */
export async function appendToFile(file: EventFile, events: readonly string[]): Promise<void> {
  const { folder, path, form, points } = file;
  for (let tries = 0; tries < 3; tries++) {
    const facts = await factsOf(folder, path);
    if (!facts) return replaceFile(folder, path, utf8(formatPartition(form, events)), undefined);
    const known = points.get(path);
    points.delete(path);
    const { point, bytes } = known?.version === facts.version ? { point: known.point } : await readPoint(file);
    const { text, next } = appendText(point, events);
    const added = utf8(text);
    if (point.at + added.length > maxFileBytes) throw tooLarge(path, point.at + added.length);
    if (!point.isOurForm && bytes) {
      return replaceFile(folder, path, concatBytes(bytes.subarray(0, point.at), added), bytes);
    }
    const after = await overwriteEnd(folder, path, facts.version, { at: point.at, bytes: added });
    if (after) {
      points.set(path, { version: after.version, point: next });
      return;
    }
  }
  throw new SettlementError(
    "LEDGER_WRITE_FAILED",
    `${path} could not be written, and nothing of it was kept: another process keeps changing it; stop one of the two`,
  );
}

/** Reads a file for appending, and first cuts a torn append back. */
async function readPoint(file: EventFile): Promise<{ readonly point: AppendPoint; readonly bytes: Uint8Array }> {
  const { folder, path, form, onRepaired } = file;
  const bytes = (await readFile(folder, path)) ?? new Uint8Array();
  const torn = recoverPartition(form, bytes);
  if (torn) {
    await replaceFile(folder, path, torn.whole, bytes);
    onRepaired(torn);
  }
  const whole = torn?.whole ?? bytes;
  return { point: placed(path, () => appendPoint(form, fromUtf8(whole)), "PARTITION_MALFORMED"), bytes: whole };
}

export function otherDialect({ dialect, id }: LedgerEvent, own: Dialect): SettlementError {
  return new SettlementError(
    "LEDGER_MIXED_DIALECTS",
    `event ${id} is of the ${dialect} dialect, and this ledger holds events of the ${own} dialect alone`,
  );
}
