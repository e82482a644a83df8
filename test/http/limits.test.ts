import { describe, expect, test } from "vitest";
import { limited, open, problemIn, until } from "./limited.ts";
import { rawRequest } from "./raw-request.ts";

const probes = ["/v1/health", "/healthz", "/metrics"];
const page = "/v1/schemas";

describe("each address has its rate", () => {
  const rate = { perSecond: 1, burst: 3 };

  test("beyond it: 429, a code, Retry-After, and nothing to keep", async () => {
    const { get, shed } = await limited({ rate: { perSecond: 1, burst: 3 } });
    const answers = [await get(page), await get(page), await get("/nowhere"), await get(page), await get("/nowhere")];
    expect(answers.slice(0, 3).map(({ status }) => status)).toEqual([200, 200, 404]);
    for (const answer of answers.slice(3)) {
      expect(await problemIn(answer)).toMatchObject({ status: 429, code: "RATE_LIMITED", title: "Rate limited" });
      expect(answer.headers.get("Content-Type")).toBe("application/problem+json");
      expect(answer.headers.get("Cache-Control")).toBe("no-store");
      expect(answer.headers.get("Retry-After")).toBe("1");
      // A page of another origin can read all of this.
      expect(answer.headers.get("Access-Control-Allow-Origin")).toBe("*");
    }
    expect(shed).toEqual(["rate", "rate"]);
  });

  test("who watches the node is answered however he writes its address, and nobody else is for that", async () => {
    const { server, get } = await limited({ rate });
    for (let at = 0; at < 3; at++) await get(page);
    const statusOf = async (target: string): Promise<number> =>
      (await rawRequest(server.url, `GET ${target} HTTP/1.1`)).status;
    for (const target of ["http://h/v1/health", "HTTP://u:p@h:80/healthz?x", "/v1/health#f"]) {
      expect([target, await statusOf(target)]).not.toEqual([target, 429]);
    }
    for (const target of ["http://h/v1/x/../health", "/v1/health/", "http://h/?/v1/health"]) {
      expect([target, await statusOf(target)]).toEqual([target, 429]);
    }
  });

  test("who watches the node is always answered", async () => {
    const { get, shed } = await limited({ rate });
    for (let at = 0; at < 10; at++) {
      for (const probe of probes) expect((await get(probe)).status).toBe(200);
    }
    expect(shed).toEqual([]);
    for (let at = 0; at < 3; at++) await get(page);
    expect((await get(page)).status).toBe(429);
  });

  test("a body that is refused is not taken for the next request", async () => {
    const { server } = await limited({ rate: { perSecond: 1, burst: 1 } });
    const head = "POST /v1/proofs HTTP/1.1\nContent-Type: application/json\nContent-Length: 40";
    await rawRequest(server.url, head, " ".repeat(40));
    const answer = await rawRequest(server.url, head, "GET /v1/health HTTP/1.1\r\nHost: smuggled\r\n\r\n");
    expect([answer.status, answer.headers.get("connection")]).toEqual([429, "close"]);
    expect(answer.body.match(/HTTP\/1/g)).toBeNull();
  });

  test("X-Forwarded-For of a stranger is not believed", async () => {
    const { get } = await limited({ rate });
    const statuses: number[] = [];
    for (let at = 0; at < 5; at++) statuses.push((await get(page, { "X-Forwarded-For": `192.0.2.${at}` })).status);
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
  });

  test("behind a proxy that is believed it is the client that counts: the last address that is no proxy", async () => {
    const { get } = await limited({ rate, trustProxy: ["loopback", "10.0.0.0/8"] });
    const from = async (forwarded: string): Promise<number> =>
      (await get(page, { "X-Forwarded-For": forwarded })).status;
    const statuses: number[] = [];
    // What stands before the client's address the client may have made up.
    for (let at = 0; at < 5; at++) statuses.push(await from(`203.0.113.${at}, 192.0.2.1, 10.1.2.3`));
    expect(statuses).toEqual([200, 200, 200, 429, 429]);
    expect(await from("192.0.2.2")).toBe(200);
    expect(await from("::ffff:192.0.2.1")).toBe(429);
    for (let at = 0; at < 3; at++) expect(await from(`2001:db8:1:2::${at}`)).toBe(200);
    expect(await from("2001:db8:1:2:ffff::1")).toBe(429);
  });

  test("what is no address counts as the proxy's own", async () => {
    const { get } = await limited({ rate, trustProxy: ["loopback"] });
    const statuses: number[] = [];
    for (const name of ["unknown", "x".repeat(5000), "_hidden", "192.0.2.1:99"]) {
      statuses.push((await get(page, { "X-Forwarded-For": name })).status);
    }
    expect(statuses).toEqual([200, 200, 200, 429]);
  });
});

describe("requests at once", () => {
  test("some are worked on, some wait, the rest gets 503 with a code and Retry-After; then all goes on", async () => {
    const { get, shed, reads, release } = await limited({ requests: 2, waiting: 3, waitMs: 3_600_000 });
    const answers: Response[] = [];
    const all = Array.from({ length: 12 }, async () => answers.push(await get("/v1/partitions")));
    await until(() => answers.length === 7);
    for (const answer of answers) {
      expect(answer.headers.get("Retry-After")).toBe("1");
      expect(await problemIn(answer)).toMatchObject({ status: 503, code: "SERVER_BUSY" });
    }
    expect(shed).toEqual(Array(7).fill("full"));
    expect(reads()).toBeGreaterThan(0);
    // Who watches is answered, and so is who asks for nothing there is.
    expect((await get("/v1/health")).status).toBe(200);
    expect((await get("/nowhere")).status).toBe(404);
    release();
    await Promise.all(all);
    for (const answer of answers.slice(7)) expect((await problemIn(answer)).code).toBe("LEDGER_UNREADABLE");
    expect(answers).toHaveLength(12);
    expect((await get(page)).status).toBe(200);
  });

  test("who waits longer than a request may is told so", async () => {
    const { get, shed, reads, release } = await limited({ requests: 1, waiting: 5, waitMs: 50 });
    const held = get("/v1/partitions");
    await until(() => reads() > 0);
    const late = await Promise.all([get(page), get(page)]);
    expect(late.map(({ status }) => status)).toEqual([503, 503]);
    expect(shed).toEqual(["late", "late"]);
    release();
    expect((await problemIn(await held)).code).toBe("LEDGER_UNREADABLE");
  });

  test("who goes away leaves his place", async () => {
    const { server, get, reads, release } = await limited({ requests: 1, waiting: 1, waitMs: 3_600_000 });
    const held = get("/v1/partitions");
    await until(() => reads() > 0);
    const { socket, closed } = open(server.url, `GET ${page} HTTP/1.1\r\nHost: x\r\n\r\n`);
    await new Promise((resolve) => socket.once("connect", resolve));
    // By the time that one who came later is answered, he waits.
    for (let at = 0; at < 3; at++) await rawRequest(server.url, "GET /v1/health HTTP/1.1");
    expect((await get(page)).status).toBe(503);
    socket.destroy();
    await closed;
    for (let at = 0; at < 3; at++) await rawRequest(server.url, "GET /v1/health HTTP/1.1");
    const next = get(page);
    for (let at = 0; at < 3; at++) await rawRequest(server.url, "GET /v1/health HTTP/1.1");
    release();
    expect((await next).status).toBe(200);
    expect((await held).status).toBe(503);
  });

  test("bodies are held in memory only so many", async () => {
    const { server, shed } = await limited({ bodies: 2 });
    const head = "POST /v1/verify HTTP/1.1\nContent-Type: application/json\nContent-Length: 10";
    const slow = [1, 2].map(() => open(server.url, `${head.replaceAll("\n", "\r\n")}\r\nHost: x\r\n\r\n{`));
    await until(async () => (await rawRequest(server.url, head, "{}        ")).status === 503);
    expect(shed).toContain("bodies");
    // Reading needs none of them.
    expect((await fetch(`${server.url}${page}`)).status).toBe(200);
    for (const { socket } of slow) socket.destroy();
    await until(async () => (await rawRequest(server.url, head, "{}        ")).status === 400);
  });
});

test("one client holds no more than half of the bodies", async () => {
  const { server, shed } = await limited({ bodies: 4, trustProxy: ["loopback"] });
  const head = (client: string): string =>
    `POST /v1/verify HTTP/1.1\nContent-Type: application/json\nContent-Length: 10\nX-Forwarded-For: ${client}`;
  const sent = (client: string): string => `${head(client).replaceAll("\n", "\r\n")}\r\nHost: x\r\n\r\n{`;
  const slow = [1, 2].map(() => open(server.url, sent("192.0.2.1")));
  await until(async () => (await rawRequest(server.url, head("192.0.2.1"), "{}        ")).status === 503);
  expect(shed).toContain("bodies");
  expect((await rawRequest(server.url, head("192.0.2.2"), "{}        ")).status).toBe(400);
  for (const { socket } of slow) socket.destroy();
  await until(async () => (await rawRequest(server.url, head("192.0.2.1"), "{}        ")).status === 400);
});

test("a loop that is always late turns everybody away but who watches, and lets them in again", async () => {
  const { get, shed } = await limited({ loopDelayMs: 20 });
  const busy = setInterval(() => {
    const end = performance.now() + 60;
    while (performance.now() < end);
  }, 1);
  try {
    await until(async () => (await get(page)).status === 503);
    expect((await get("/v1/health")).status).toBe(200);
  } finally {
    clearInterval(busy);
  }
  expect(new Set(shed)).toEqual(new Set(["loop"]));
  await until(async () => (await get(page)).status === 200);
});

test("a body that says nothing of its length is cut off at the limit of its route", async () => {
  const { server } = await limited({});
  const chunk = `10000\r\n${" ".repeat(0x10000)}\r\n`;
  const head = "POST /v1/proofs HTTP/1.1\nContent-Type: application/json\nTransfer-Encoding: chunked";
  const answer = await rawRequest(server.url, head, `${chunk.repeat(2)}0\r\n\r\n`);
  expect(answer.status).toBe(413);
});
