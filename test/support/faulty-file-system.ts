import { type FileSystem, nodeFileSystem, type OpenFile } from "../../src/adapters/file-system.ts";

type Step =
  | "facts"
  | "names"
  | "open read"
  | "open update"
  | "open create"
  | "make folder"
  | "rename"
  | "link"
  | "remove"
  | "sync folder"
  | "read"
  | "write"
  | "truncate"
  | "sync";

export interface Fault {
  readonly step: Step;
  /** Which call of this step fails, from 1. */
  readonly call?: number;
  readonly errno: string;
  /** A write that fails leaves this many of its bytes. */
  readonly written?: number;
  /** Is the process gone from then on? Every later call fails too. */
  readonly isCrash?: boolean;
}

/** The files of this machine, until one call fails as `fault` says. `isDone` tells whether it did. */
export function faultyFileSystem(fault: Fault): FileSystem & { readonly isDone: () => boolean } {
  let calls = 0;
  let isDone = false;
  const check = async (step: Step, beforeFailing: () => Promise<unknown> = async () => undefined): Promise<void> => {
    if (isDone && fault.isCrash) throw new Error("the process is gone");
    if (isDone || step !== fault.step || ++calls < (fault.call ?? 1)) return;
    isDone = true;
    await beforeFailing();
    throw Object.assign(new Error(`${fault.errno} of ${step} at /secret/path`), { code: fault.errno });
  };
  const real = nodeFileSystem;
  const wrap = (file: OpenFile): OpenFile => ({
    facts: () => file.facts(),
    async read(buffer, position) {
      await check("read");
      return file.read(buffer, position);
    },
    async write(bytes, position) {
      await check("write", () => file.write(bytes.subarray(0, fault.written ?? 0), position));
      // Short writes are ordinary: every caller has to go on.
      return file.write(bytes.subarray(0, Math.ceil(bytes.length / 2)), position);
    },
    async truncate(size) {
      await check("truncate");
      return file.truncate(size);
    },
    async sync() {
      await check("sync");
      return file.sync();
    },
    close: () => file.close(),
  });
  return {
    isDone: () => isDone,
    facts: (path) => check("facts").then(() => real.facts(path)),
    names: (folder) => check("names").then(() => real.names(folder)),
    open: (path, how) => check(`open ${how}`).then(async () => wrap(await real.open(path, how))),
    makeFolder: (path) => check("make folder").then(() => real.makeFolder(path)),
    rename: (from, to) => check("rename").then(() => real.rename(from, to)),
    link: (from, to) => check("link").then(() => real.link(from, to)),
    remove: (path) => check("remove").then(() => real.remove(path)),
    removeFolder: (path) => check("remove").then(() => real.removeFolder(path)),
    syncFolder: (path) => check("sync folder").then(() => real.syncFolder(path)),
    unique: () => real.unique(),
  };
}
