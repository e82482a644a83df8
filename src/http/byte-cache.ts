/** Values kept under names, up to a number of bytes in all. */
export interface ByteCache<T> {
  get(name: string): T | undefined;
  /** @param bytes - what the value takes */
  set(name: string, value: T, bytes: number): void;
  delete(name: string): void;
  /** What is kept, names and a share for each entry counted. */
  readonly size: number;
}

/** What an entry costs beside its name and its value; about what a `Map` and the objects take. */
const entryBytes = 200;

/** A value that takes more than this share of the whole would push out too many others. */
const largestShare = 1 / 8;

/** The least recently used are given up first. @param maxBytes - 0 keeps nothing */
export function byteCache<T>(maxBytes: number): ByteCache<T> {
  const kept = new Map<string, { readonly value: T; readonly cost: number }>();
  let size = 0;
  const drop = (name: string): void => {
    size -= kept.get(name)?.cost ?? 0;
    kept.delete(name);
  };
  return {
    get(name) {
      const entry = kept.get(name);
      if (entry === undefined) return undefined;
      kept.delete(name);
      kept.set(name, entry);
      return entry.value;
    },
    set(name, value, bytes) {
      drop(name);
      const cost = entryBytes + 2 * name.length + bytes;
      if (cost > maxBytes * largestShare) return;
      kept.set(name, { value, cost });
      size += cost;
      for (const oldest of kept.keys()) {
        if (size <= maxBytes) return;
        drop(oldest);
      }
    },
    delete: drop,
    get size() {
      return size;
    },
  };
}
