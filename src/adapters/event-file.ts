import { concatBytes, fromUtf8, utf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Dialect, LedgerEvent } from "../core/ledger-event.ts";
import {
  type AppendPoint,
  appendPoint,
  appendBytes,
  formatPartition,
  type PartitionForm,
} from "../core/partition-file.ts";
import { placed } from "../core/placed.ts";
import { type Recovery, recoverPartition } from "../core/partition-recovery.ts";
import { overwriteEnd, replaceFile } from "./durable-file.ts";
import { maxFileBytes, tooLarge } from "./file-faults.ts";
import { factsOf, type Folder, readFile } from "./plain-file.ts";

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
 * @param expected - version that the file must have, empty when there must be none; any when left out
 * @returns the version of the file afterwards
 * @throws SettlementError `LEDGER_WRITE_FAILED`, `PARTITION_MALFORMED`; `LEDGER_CHANGED` with `expected`: what was written
 * may be in the file or in one that somebody else has replaced meanwhile
 */
export async function appendToFile(file: EventFile, events: readonly string[], expected?: string): Promise<string> {
  const { folder, path, form, points } = file;
  for (let tries = 0; tries < 3; tries++) {
    const facts = await factsOf(folder, path);
    if (expected !== undefined && (facts?.version ?? "") !== expected) throw changed(path);
    if (!facts) return replaced(file, utf8(formatPartition(form, events)), undefined);
    const known = points.get(path);
    points.delete(path);
    const { point, bytes } = known?.version === facts.version ? { point: known.point } : await readPoint(file);
    const { bytes: added, next } = appendBytes(point, events);
    if (point.at + added.length > maxFileBytes) throw tooLarge(path, point.at + added.length);
    if (!point.isOurForm && bytes) return replaced(file, concatBytes(bytes.subarray(0, point.at), added), bytes);
    const after = await overwriteEnd(folder, path, facts.version, { at: point.at, bytes: added });
    if (after) {
      // The name may lead to another file by now, and what was written to nowhere.
      if (expected !== undefined && (await factsOf(folder, path))?.version !== after.version) throw changed(path);
      points.set(path, { version: after.version, point: next });
      return after.version;
    }
  }
  throw new SettlementError(
    "LEDGER_WRITE_FAILED",
    `${path} could not be written, and nothing of it was kept: another process keeps changing it; stop one of the two`,
  );
}

async function replaced(
  { folder, path }: EventFile,
  bytes: Uint8Array,
  previous: Uint8Array | undefined,
): Promise<string> {
  await replaceFile(folder, path, bytes, previous);
  return (await factsOf(folder, path))?.version ?? "";
}

/** Cuts a torn append back, as the next append would. @throws SettlementError `LEDGER_WRITE_FAILED`, `PARTITION_MALFORMED` */
export async function mendFile(file: EventFile): Promise<void> {
  if (await factsOf(file.folder, file.path)) await readPoint(file);
}

export function changed(path: string): SettlementError {
  return new SettlementError("LEDGER_CHANGED", `${path} was changed by somebody else meanwhile; look again and repeat`);
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
