import { mkdtempSync, rmSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";
import { SettlementError } from "../../src/core/error.ts";

/** A folder of its own for the test that runs. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "settlement-test-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Every plain file below a folder with its text, so that nothing half-written can hide. */
export async function textsIn(folder: string): Promise<Record<string, string>> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = names.filter((name) => name.isFile()).map((name) => join(name.parentPath, name.name));
  const texts = paths.toSorted().map(async (path) => [path.slice(folder.length + 1), await readFile(path, "utf8")]);
  return Object.fromEntries(await Promise.all(texts)) as Record<string, string>;
}

/** `ok`, or the code of the `SettlementError` that a promise rejects with; any other error passes through. */
export async function outcome(promise: Promise<unknown>): Promise<string> {
  const error = await failure(promise);
  return error?.code ?? "ok";
}

/** The `SettlementError` that a promise rejects with. */
export async function failure(promise: Promise<unknown>): Promise<SettlementError | undefined> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    if (error instanceof SettlementError) return error;
    throw error;
  }
}
