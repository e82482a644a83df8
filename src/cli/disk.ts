import { statfsSync, statSync } from "node:fs";

/** A disk that the node writes to. */
export interface Disk {
  /** What is on it, for people. */
  readonly holds: string;
  readonly freeBytes: number;
  /** A database that grows, or a large month that closes, may not fit any more. */
  readonly isLow: boolean;
}

const lowBytes = 256_000_000;

interface Folder {
  readonly what: string;
  readonly path: string;
}

function deviceOf(path: string): number | undefined {
  return statSync(path, { throwIfNoEntry: false })?.dev;
}

/** The disks that hold these folders, each once; folders that are not there are left out. */
export function disksOf(folders: readonly Folder[]): readonly Disk[] {
  const disks = new Map<number, Disk>();
  for (const { what, path } of folders) {
    const device = deviceOf(path);
    if (device === undefined) continue;
    const known = disks.get(device);
    const { bavail, bsize } = statfsSync(path);
    const freeBytes = bavail * bsize;
    disks.set(device, { holds: known ? `${known.holds} and ${what}` : what, freeBytes, isLow: freeBytes < lowBytes });
  }
  return [...disks.values()];
}

/** `1.2 GB free for ledger and data`. */
export function diskText({ holds, freeBytes }: Disk): string {
  const [unit, bytes] = freeBytes >= 1e9 ? (["GB", 1e9] as const) : (["MB", 1e6] as const);
  return `${(freeBytes / bytes).toFixed(1)} ${unit} free for ${holds}`;
}
