import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";

/** A folder for all tests of a file, gone after the last. */
export function keptFolder(): { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), "settlement-interop-"));
  afterAll(() => rmSync(path, { recursive: true, force: true }));
  return { path };
}
