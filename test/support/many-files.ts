import type { NamedBytes } from "../../src/adapters/write-batch.ts";

/** As long as tiles are, or shorter; empty ones too. */
export function contentOf(path: string): Uint8Array {
  const number = Number(path.slice(2));
  return new Uint8Array((number * 613) % 8192).fill(1 + (number % 255));
}

/** Files in the folders `a` and `b`. */
export function manyFiles(count: number): NamedBytes[] {
  return Array.from({ length: count }, (_, number) => {
    const path = `${number % 2 === 0 ? "b" : "a"}/${number}`;
    return [path, contentOf(path)] as const;
  });
}
