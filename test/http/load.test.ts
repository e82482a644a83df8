import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished, test, expect } from "vitest";
import { createApp } from "../../src/http/app.ts";
import type { ShedReason } from "../../src/http/limits.ts";
import { serveHttp } from "../../src/http/serve-http.ts";
import type { Attempts } from "../../src/ports.ts";
import { runSample } from "./running.ts";
import { eventId, sampleMonths } from "./sample-ledger.ts";

const clients = 80;
const asks = 15;
const requests = 3;

/** Attempts that take a while to be listed, and how many lists were under way at most. */
function slowAttempts(attempts: Pick<Attempts, "list">): {
  readonly list: Attempts["list"];
  readonly most: () => number;
} {
  let [now, most] = [0, 0];
  const list = async (): ReturnType<Attempts["list"]> => {
    most = Math.max(most, ++now);
    await sleep(2);
    now--;
    return attempts.list();
  };
  return { list, most: () => most };
}

interface Seen {
  readonly client: number;
  readonly status: number;
  readonly code: string | undefined;
  /** Of the answer, as it has to be; undefined for one that was turned away. */
  readonly isRight: boolean | undefined;
  readonly retryAfter: string | null;
}

test("far too many requests: some are turned away, and every other answer is right", async () => {
  const run = await runSample({ clock: Date.now, viewMaxAgeMs: 1000 });
  const attempts = slowAttempts(run.deps.attempts);
  const shed: ShedReason[] = [];
  const app = createApp(
    { ...run.deps, attempts },
    {
      trustProxy: ["loopback"],
      rate: { perSecond: 1, burst: 3 * asks },
      requests,
      waiting: 5,
      bodies: 20,
      onShed: (reason) => shed.push(reason),
    },
  );
  const server = await serveHttp(app, { port: 0, host: "127.0.0.1" });
  onTestFinished(async () => {
    await server.close();
    await run[Symbol.asyncDispose]();
  });

  const ids = (sampleMonths["2026-01"] ?? []).slice(0, 40).map(({ id }) => id);
  const proofs = new Map<string, string>();
  for (const id of ids) proofs.set(id, await (await run.get(`/v1/events/${id}/proof`)).text());
  const batch = JSON.stringify({ ids: [eventId("2026-01", 1), eventId("2026-02", 0)] });
  const batchAnswer = await (await run.post("/v1/proofs", batch)).text();

  /** A proof, a batch of proofs, or an anchor that is unknown, as it comes. */
  const ask = async (client: number, turn: number): Promise<Seen> => {
    // The first twenty are behind one address and share its rate; the others have one each.
    const from = { "X-Forwarded-For": client < 20 ? "203.0.113.1" : `198.51.100.${client}` };
    const id = ids[(client * 7 + turn) % ids.length] ?? "";
    const kinds = [
      [`/v1/events/${id}/proof`, undefined, 200, (text: string) => text === proofs.get(id)],
      ["/v1/proofs", batch, 200, (text: string) => text === batchAnswer],
      [`/v1/anchors/${id}`, undefined, 404, (text: string) => text.includes("ANCHOR_NOT_FOUND")],
    ] as const;
    const [path, body, expected, isRight] = kinds[(client + turn) % 3] ?? kinds[0];
    const headers = { ...from, "Content-Type": "application/json" };
    const post = body === undefined ? {} : { method: "POST", body };
    const answer = await fetch(`${server.url}${path}`, { ...post, headers });
    const text = await answer.text();
    const isAnswered = answer.status === expected;
    return {
      client,
      status: answer.status,
      code: isAnswered ? undefined : (JSON.parse(text) as { code: string }).code,
      isRight: isAnswered ? isRight(text) : undefined,
      retryAfter: answer.headers.get("Retry-After"),
    };
  };
  const seen: Seen[] = [];
  const behave = async (client: number): Promise<void> => {
    for (let turn = 0; turn < asks; turn++) seen.push(await ask(client, turn));
  };
  await Promise.all(Array.from({ length: clients }, (_, client) => behave(client)));

  const answered = seen.filter(({ isRight }) => isRight !== undefined);
  const turnedAway = seen.filter(({ isRight }) => isRight === undefined);
  expect(seen).toHaveLength(clients * asks);
  expect(answered.filter(({ isRight }) => isRight === false)).toEqual([]);
  expect(answered.length).toBeGreaterThan(0);
  const kinds = new Set(turnedAway.map(({ status, code }) => `${status} ${code}`));
  expect(kinds).toEqual(new Set(["429 RATE_LIMITED", "503 SERVER_BUSY"]));
  expect(turnedAway.filter(({ retryAfter }) => !/^[1-9]\d*$/.test(retryAfter ?? ""))).toEqual([]);
  // Whoever kept to his rate is never told that he did not.
  expect(turnedAway.filter(({ status, client }) => status === 429 && client >= 20)).toEqual([]);
  // Each refusal is counted, once.
  expect(shed).toHaveLength(turnedAway.length);
  expect(shed.filter((reason) => reason === "rate")).toHaveLength(
    turnedAway.filter(({ status }) => status === 429).length,
  );
  // However many came, no more were ever worked on at once.
  expect(attempts.most()).toBeGreaterThan(0);
  expect(attempts.most()).toBeLessThanOrEqual(requests);
  // When it is over, everybody is answered as before, and no bug was met.
  expect((await ask(clients, 0)).isRight).toBe(true);
  expect(run.log.filter(({ level }) => level === "error")).toEqual([]);
});
