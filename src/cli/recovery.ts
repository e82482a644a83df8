import type { LedgerRecovery } from "../adapters/ledger-folder.ts";
import { type Io, styled } from "./io.ts";

/** Tells of an append that a crash tore. */
export function warnOfRecovery(io: Io): (recovery: LedgerRecovery) => void {
  return ({ path, line, droppedBytes, isRepaired }) => {
    const what = isRepaired ? "was cut back to the last whole event" : "is read up to the last whole event";
    io.err(
      `${styled(io, "yellow", "note")}: ${path} ends in a torn append at line ${line} (${droppedBytes} bytes) and ${what}\n`,
    );
  };
}
