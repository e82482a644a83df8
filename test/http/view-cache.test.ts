import { describe, expect, test } from "vitest";
import { recentlyUsed, viewCache } from "../../src/http/view-cache.ts";
import type { LedgerView } from "../../src/settle/ledger-view.ts";

/** A reader whose readings end when the test says so. */
function manualReader() {
  const pending: { resolve(view: LedgerView): void; reject(error: Error): void }[] = [];
  const read = (): Promise<LedgerView> => new Promise((resolve, reject) => pending.push({ resolve, reject }));
  const view = (name: string): LedgerView => ({ name }) as unknown as LedgerView;
  return { pending, read, view };
}

describe("viewCache", () => {
  test("one reading serves all who ask together, and all who ask while it is fresh", async () => {
    const { pending, read, view } = manualReader();
    let now = 0;
    const cached = viewCache(read, () => now, 1000);
    const both = Promise.all([cached(), cached()]);
    expect(pending).toHaveLength(1);
    pending[0]?.resolve(view("first"));
    expect(await both).toEqual([view("first"), view("first")]);
    now = 999;
    expect(await cached()).toEqual(view("first"));
    now = 1000;
    const second = cached();
    expect(pending).toHaveLength(2);
    pending[1]?.resolve(view("second"));
    expect(await second).toEqual(view("second"));
  });

  test("a failure reaches those who waited, and the next request reads again", async () => {
    const { pending, read, view } = manualReader();
    const cached = viewCache(read, () => 0, 1000);
    const waiting = Promise.allSettled([cached(), cached()]);
    pending[0]?.reject(new Error("gone"));
    expect((await waiting).map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    const again = cached();
    pending[1]?.resolve(view("back"));
    expect(await again).toEqual(view("back"));
  });

  test("a reading that takes long is kept for longer", async () => {
    const { pending, read, view } = manualReader();
    let now = 0;
    const cached = viewCache(read, () => now, 1000);
    const first = cached();
    now = 5000;
    pending[0]?.resolve(view("slow"));
    await first;
    now = 49_999;
    expect(await cached()).toEqual(view("slow"));
    now = 50_000;
    void cached();
    expect(pending).toHaveLength(2);
  });
});

describe("recentlyUsed", () => {
  test("keeps the last few, and makes each once", async () => {
    const made: string[] = [];
    const keep = recentlyUsed<string>(2);
    const get = (name: string): Promise<string> =>
      keep(name, async () => {
        made.push(name);
        return name.toUpperCase();
      });
    expect(await Promise.all([get("a"), get("a"), get("b")])).toEqual(["A", "A", "B"]);
    await get("a");
    await get("c"); // b was used longest ago
    await get("a");
    await get("b");
    expect(made).toEqual(["a", "b", "c", "b"]);
  });

  test("a failure is not kept", async () => {
    const keep = recentlyUsed<string>(2);
    await expect(keep("a", () => Promise.reject(new Error("no")))).rejects.toThrow("no");
    expect(await keep("a", () => Promise.resolve("yes"))).toBe("yes");
  });
});
