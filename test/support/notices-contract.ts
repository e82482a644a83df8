import { describe, expect, test } from "vitest";
import type { JsonObject } from "../../src/core/json.ts";
import type { Notice, Notices } from "../../src/ports.ts";
import { hostileTexts, longText, unstorableTexts } from "./hostile-texts.ts";
import { outcome } from "./temporary-folder.ts";

const [here, there] = ["https://one.example/hook", "https://two.example/hook"];

function notice(id: string, more: Partial<Notice> = {}): Notice {
  return { id, type: "partition.closed", createdUnixMs: 1000, body: { month: "2026-03", count: 3 }, ...more };
}

/** What every `Notices` promises. @param make - an empty one */
export function noticesContract(name: string, make: () => Promise<Notices>): void {
  describe(`${name} as notices`, () => {
    const ids = async (notices: Notices, endpoint: string, maxTries = 5): Promise<readonly string[]> =>
      (await notices.undelivered(endpoint, maxTries)).map(({ id }) => id);

    test("gives each endpoint what it was not told, oldest first", async () => {
      const notices = await make();
      expect(await notices.undelivered(here, 5)).toEqual([]);
      const recorded = [
        notice("c", { createdUnixMs: 9 }),
        notice("b", { type: "partition.failed", createdUnixMs: Number.MAX_SAFE_INTEGER }),
        notice("z", { createdUnixMs: 10 }),
        notice("a", { createdUnixMs: 10 }),
        notice("m", { createdUnixMs: 0 }),
      ];
      for (const each of recorded) await notices.record(each);
      const oldestFirst = [recorded[4], recorded[0], recorded[2], recorded[3], recorded[1]];
      expect(await notices.undelivered(here, 5)).toEqual(oldestFirst.map((each) => ({ ...each, tries: 0 })));
      await notices.tried("z", here, 20);
      expect(await ids(notices, here)).toEqual(["m", "c", "a", "b"]);
      expect(await ids(notices, there)).toEqual(["m", "c", "z", "a", "b"]);
    });

    test("a notice that is there stays as it is", async () => {
      const notices = await make();
      await notices.record(notice("a"));
      await notices.tried("a", here, 1, "status 500");
      await notices.record(notice("a", { type: "partition.failed", createdUnixMs: 5, body: {} }));
      expect(await notices.undelivered(here, 5)).toEqual([{ ...notice("a"), tries: 1 }]);
      await notices.tried("a", here, 2);
      await notices.record(notice("a"));
      expect(await ids(notices, here)).toEqual([]);
    });

    test("several who record one notice leave one", async () => {
      const notices = await make();
      const given = Array.from({ length: 8 }, (_, at) => notice("a", { body: { at } }));
      expect(await Promise.all(given.map((each) => outcome(notices.record(each))))).toEqual(given.map(() => "ok"));
      const kept = await notices.undelivered(here, 5);
      expect(kept).toHaveLength(1);
      expect(given.map((each) => ({ ...each, tries: 0 }))).toContainEqual(kept[0]);
    });

    test("gives up after so many tries at one endpoint", async () => {
      const notices = await make();
      await notices.record(notice("a"));
      for (const tries of [1, 2, 3]) {
        await notices.tried("a", here, tries, "timed out");
        expect(await notices.undelivered(here, 4)).toEqual([{ ...notice("a"), tries }]);
      }
      expect(await ids(notices, here, 3)).toEqual([]);
      expect(await ids(notices, there, 1)).toEqual(["a"]);
      expect(await ids(notices, there, 0)).toEqual([]);
    });

    test("counts every try of several who try at once", async () => {
      const notices = await make();
      await notices.record(notice("a"));
      await Promise.all(Array.from({ length: 9 }, (_, at) => notices.tried("a", here, at, "refused")));
      expect(await notices.undelivered(here, 10)).toEqual([{ ...notice("a"), tries: 9 }]);
    });

    test("a delivery is for ever", async () => {
      const notices = await make();
      await notices.record(notice("a"));
      await notices.tried("a", here, 1, "refused");
      await notices.tried("a", here, 2);
      await notices.tried("a", here, 3, "a try that began before");
      expect(await ids(notices, here, 1000)).toEqual([]);
      expect(await ids(notices, there)).toEqual(["a"]);
    });

    test("tries of no notice are refused", async () => {
      const notices = await make();
      expect(await outcome(notices.tried("a", here, 1))).toBe("STATE_UNAVAILABLE");
      await notices.record(notice("a"));
      expect(await ids(notices, here)).toEqual(["a"]);
    });

    test("keeps any body as it is, in a copy of its own", async () => {
      const notices = await make();
      const odd: JsonObject = JSON.parse(`{"b":[null,true,-1.5e300,{}],"a":{"__proto__":1},"":"","2":2,"1":1}`);
      const bodies = [
        odd,
        {},
        { texts: [...hostileTexts, ...unstorableTexts], long: longText },
        Object.fromEntries([...hostileTexts, ...unstorableTexts].map((text) => [text, text])),
      ];
      for (const [at, body] of bodies.entries()) await notices.record(notice(`${at}`, { createdUnixMs: at, body }));
      const kept = await notices.undelivered(here, 1);
      expect(kept.map(({ body }) => JSON.stringify(body))).toEqual(bodies.map((body) => JSON.stringify(body)));
      const changing = { month: "2026-03" };
      await notices.record(notice("own", { createdUnixMs: 99, body: changing }));
      changing.month = "2026-04";
      expect((await notices.undelivered(here, 1)).at(-1)?.body).toEqual({ month: "2026-03" });
    });

    test("tells any names apart, and refuses what it could not give back", async () => {
      const notices = await make();
      for (const text of hostileTexts) {
        await notices.record(notice(text));
        await notices.tried(text, text, 1, text);
        expect((await notices.undelivered(text, 5)).find(({ id }) => id === text)?.tries).toBe(1);
        await notices.tried(text, text, 2);
        expect(await ids(notices, text)).toEqual(hostileTexts.slice(0, hostileTexts.indexOf(text)));
      }
      await notices.tried("null", here, 1, longText);
      for (const text of unstorableTexts) {
        expect(await outcome(notices.record(notice(text)))).toBe("STATE_UNAVAILABLE");
        expect(await outcome(notices.tried("null", text, 1))).toBe("STATE_UNAVAILABLE");
        expect(await outcome(notices.tried("null", here, 1, text))).toBe("ok");
      }
      const [tried] = (await notices.undelivered(here, 100)).filter(({ id }) => id === "null");
      expect(tried?.tries).toBe(1 + unstorableTexts.length);
    });
  });
}
