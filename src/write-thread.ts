import { randomUUID } from "node:crypto";
import { closeSync, constants, fsyncSync, linkSync, openSync, unlinkSync, writeSync } from "node:fs";
import { errnoOf } from "./adapters/file-system.ts";
import { temporaryBeside } from "./adapters/temporary-name.ts";
import { type Answered, answerEach } from "./thread-answers.ts";

/** Files to write, their bytes one behind the other. */
export interface WriteTask {
  /** Absolute. */
  readonly paths: readonly string[];
  readonly lengths: readonly number[];
  readonly bytes: Uint8Array<ArrayBuffer>;
}

export interface WriteAnswer {
  /** Files, by their numbers, whose names something else has. */
  readonly taken: readonly number[];
  /** What ended the work before all files were written. */
  readonly fault: { readonly file: number; readonly errno: string } | undefined;
}

/** Gives new files their names one after the other, each once it is whole on the disk. */
function written({ paths, lengths, bytes }: WriteTask): WriteAnswer {
  const taken: number[] = [];
  let at = 0;
  for (const [file, path] of paths.entries()) {
    const end = at + (lengths[file] ?? 0);
    try {
      writeNew(path, bytes.subarray(at, end));
    } catch (error) {
      const errno = errnoOf(error);
      if (errno !== "EEXIST") return { taken, fault: { file, errno } };
      taken.push(file);
    }
    at = end;
  }
  return { taken, fault: undefined };
}

const { O_CREAT, O_EXCL, O_WRONLY } = constants;

function writeNew(path: string, bytes: Uint8Array): void {
  const temporary = temporaryBeside(path, randomUUID());
  const file = openSync(temporary, O_WRONLY | O_CREAT | O_EXCL, 0o644);
  try {
    try {
      for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at, bytes.length - at, at);
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
    linkSync(temporary, path);
  } finally {
    remove(temporary);
  }
}

/** What stays counts for nothing. */
function remove(temporary: string): void {
  try {
    unlinkSync(temporary);
  } catch {
    return;
  }
}

answerEach((task: WriteTask): Answered<WriteAnswer> => {
  const answer = written(task);
  // Given back at once, and not left to be collected.
  task.bytes.buffer.transfer(0);
  return { answer };
});
