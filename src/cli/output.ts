import { renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { SettlementError } from "../core/error.ts";

function replace(path: string, bytes: Uint8Array): void {
  const temporary = `${path}.${process.pid}.tmp`;
  try {
    writeFileSync(temporary, bytes, { flag: "wx", flush: true });
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/**
 * Writes the file a user asked for: whole, or not at all. What is there and is no plain file, such as a pipe, takes the
 * bytes as they come.
 *
 * @throws SettlementError `OUTPUT_UNWRITABLE`
 */
export function writeOutput(path: string, bytes: Uint8Array): void {
  try {
    const isPlain = statSync(path, { throwIfNoEntry: false })?.isFile() ?? true;
    if (isPlain) replace(path, bytes);
    else writeFileSync(path, bytes);
  } catch (cause) {
    throw new SettlementError(
      "OUTPUT_UNWRITABLE",
      `${path} cannot be written; check its folder, its permissions and the space on its disk`,
      { cause },
    );
  }
}
