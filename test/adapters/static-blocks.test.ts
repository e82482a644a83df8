import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { staticBlocks } from "../../src/adapters/static-blocks.ts";
import type { StaticFiles } from "../../src/adapters/static-files.ts";
import { SettlementError } from "../../src/core/error.ts";

const content = Uint8Array.from({ length: 100_000 }, (_, at) => (at * 31) % 251);

interface Counted extends StaticFiles {
  readonly asked: (readonly [start: number, length: number])[];
}

function files(): Counted {
  const asked: (readonly [number, number])[] = [];
  return {
    asked,
    read: async (path) => (path === "file" ? content : undefined),
    async part(path, start, length) {
      asked.push([start, length]);
      return path === "file" ? content.subarray(start, start + length) : undefined;
    },
  };
}

test("gives the same bytes as the files, wherever a part begins and ends", async () => {
  const place = fc.tuple(fc.nat({ max: 110_000 }), fc.nat({ max: 60_000 }));
  await fc.assert(
    fc.asyncProperty(fc.array(place, { maxLength: 6 }), async (places) => {
      const blocks = staticBlocks(files());
      const parts = await Promise.all(places.map(([start, length]) => blocks.part("file", start, length)));
      const wanted = places.map(([start, length]) => content.slice(start, start + length));
      expect(parts.map((part) => part?.slice())).toEqual(wanted);
    }),
    { numRuns: 50 },
  );
});

describe("asks", () => {
  test("once for what is near, and once for a stretch", async () => {
    const counted = files();
    const blocks = staticBlocks(counted);
    await Promise.all([blocks.part("file", 0, 8), blocks.part("file", 100, 8), blocks.part("file", 16_000, 300)]);
    await blocks.part("file", 5000, 10_000);
    await blocks.part("file", 20_000, 70_000);
    expect(counted.asked).toEqual([
      [0, 16_384],
      [16_384, 81_920],
    ]);
  });

  test("for nothing where nothing is wanted, and tells what is not there", async () => {
    const counted = files();
    const blocks = staticBlocks(counted);
    expect(await blocks.part("file", 10, 0)).toEqual(new Uint8Array());
    expect(counted.asked).toEqual([]);
    expect(await blocks.part("none", 0, 10)).toBeUndefined();
    expect(await blocks.part("file", 200_000, 10)).toEqual(new Uint8Array());
  });

  test("again for what failed", async () => {
    let isDown = true;
    const counted = files();
    const blocks = staticBlocks({
      ...counted,
      part: async (...wanted) => {
        if (isDown) throw new SettlementError("STATIC_COPY_UNREACHABLE", "the host is away");
        return counted.part(...wanted);
      },
    });
    await expect(blocks.part("file", 0, 40_000)).rejects.toMatchObject({ code: "STATIC_COPY_UNREACHABLE" });
    isDown = false;
    expect((await blocks.part("file", 0, 40_000))?.length).toBe(40_000);
  });
});
