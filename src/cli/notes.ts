import type { LedgerRecovery } from "../adapters/ledger-folder.ts";
import { harmless, type Io, styled } from "./io.ts";

/** Tells the operator what is worth knowing, on the error stream. */
export function noteTo(io: Io): (notice: string) => void {
  return (notice) => io.err(`${styled(io, "yellow", "note")}: ${harmless(notice)}\n`);
}

/** Tells of an append that a crash tore. */
export function warnOfRecovery(io: Io): (recovery: LedgerRecovery) => void {
  const note = noteTo(io);
  return ({ path, line, droppedBytes, isRepaired }) => {
    const what = isRepaired ? "was cut back to the last whole event" : "is read up to the last whole event";
    note(`${path} ends in a torn append at line ${line} (${droppedBytes} bytes) and ${what}`);
  };
}
