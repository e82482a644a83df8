import { describe, expect, test } from "vitest";
import { jsonAnswer } from "../../src/http/answer.ts";
import { keptAnswers } from "../../src/http/kept-answers.ts";
import { limited } from "./limited.ts";

const route = "/x";
const brief = { route, answer: jsonAnswer({ a: 1 }) };
const immutable = { route, answer: jsonAnswer({ a: 1 }, "immutable") };

describe("answers are kept", () => {
  test("for their time: long what never changes, shortly what may", () => {
    let now = 0;
    const kept = keptAnswers(1000, () => now);
    kept.keep("/brief", brief);
    kept.keep("/immutable", immutable);
    now = 999;
    expect([kept.get("/brief"), kept.get("/immutable")]).toMatchObject([brief, immutable]);
    now = 1000;
    expect(kept.get("/brief")).toBeUndefined();
    expect(kept.get("/immutable")).toMatchObject(immutable);
    // A clock that went back brings nothing back.
    now = 0;
    expect(kept.get("/brief")).toBeUndefined();
    now = 60_000;
    expect(kept.get("/immutable")).toBeUndefined();
  });

  test("only when any cache may keep them", () => {
    const kept = keptAnswers(1000, () => 0);
    kept.keep("/never", { route, answer: jsonAnswer({}, "never") });
    kept.keep("/error", { route, answer: { ...brief.answer, status: 404 } });
    kept.keep(`/${"x".repeat(600)}`, brief);
    expect(["/never", "/error", `/${"x".repeat(600)}`].map((url) => kept.get(url))).toEqual(Array(3).fill(undefined));
  });

  test("not at all where every request is to see the ledger as it is", () => {
    const kept = keptAnswers(0, () => 0);
    kept.keep("/immutable", immutable);
    expect(kept.get("/immutable")).toBeUndefined();
  });

  test("within a number of bytes", () => {
    const kept = keptAnswers(1000, () => 0, 30_000);
    const answer = { ...immutable.answer, body: new Uint8Array(900) };
    for (let at = 0; at < 100; at++) kept.keep(`/${at}`, { route, answer });
    const left = Array.from({ length: 100 }, (_, at) => at).filter((at) => kept.get(`/${at}`) !== undefined);
    expect(left.length).toBeLessThan(10);
    expect(left.at(-1)).toBe(99);
  });
});

test("what is kept needs no place among the requests that are worked on", async () => {
  const { get, reads, release } = await limited({ requests: 1, waiting: 0 }, {}, { viewMaxAgeMs: 3_600_000 });
  const first = await (await get("/v1/openapi.json")).text();
  const held = get("/v1/partitions");
  while (reads() === 0) await new Promise((resolve) => setTimeout(resolve, 1));
  expect((await get("/v1/schemas")).status).toBe(503);
  expect(await (await get("/v1/openapi.json")).text()).toBe(first);
  // Another query is another answer, and here no answer at all.
  expect((await get("/v1/openapi.json?x=1")).status).toBe(400);
  release();
  await held;
});

test("nothing is kept of a path that only operators may see", async () => {
  let asked = 0;
  const metrics = async (): Promise<string> => `asked ${++asked}\n`;
  const { get } = await limited({}, {}, { metrics, viewMaxAgeMs: 3_600_000 });
  expect(await (await get("/metrics")).text()).toBe("asked 1\n");
  expect(await (await get("/metrics")).text()).toBe("asked 2\n");
});

test("an answer of before is counted with its route, and is sent as the first was", async () => {
  const routes: string[] = [];
  const onRequest = ({ route }: { readonly route: string }): void => void routes.push(route);
  const { get } = await limited({}, {}, { onRequest, viewMaxAgeMs: 3_600_000 });
  const seen = async (): Promise<unknown> => {
    const answer = await get("/v1/schemas/common.schema.json");
    const headers = [...answer.headers].filter(([name]) => name !== "date");
    return [answer.status, await answer.text(), headers];
  };
  expect(await seen()).toEqual(await seen());
  expect((await get("/v1/schemas/common.schema.json", { "If-None-Match": "*" })).status).toBe(304);
  await get("/v1/health");
  expect(routes.slice(0, 3)).toEqual(Array(3).fill("/v1/schemas/*name"));
});
