import { describe, expect, onTestFinished, test } from "vitest";
import { serveHttp } from "../../src/http/serve-http.ts";
import { limited, open, until } from "./limited.ts";
import { rawRequest } from "./raw-request.ts";

const quick = { headersTimeoutMs: 100, requestTimeoutMs: 200, keepAliveTimeoutMs: 100, checkEveryMs: 20 };

describe("slow connections", () => {
  test.for([
    ["nothing", ""],
    ["half a line", "GET /v1/hea"],
    ["headers without an end", "GET /v1/health HTTP/1.1\r\nHost: x\r\nX: y"],
    [
      "a body without an end",
      "POST /v1/verify HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{",
    ],
  ] as const)("that send %s are closed, and others are answered meanwhile", async ([, text]) => {
    const { server, get } = await limited({}, quick);
    const slow = Array.from({ length: 20 }, () => open(server.url, text));
    expect((await get("/v1/health")).status).toBe(200);
    for (const { closed } of slow) expect((await closed).startsWith("HTTP/1.1 200")).toBe(false);
  });

  test("that send a header now and then are closed too", async () => {
    const { server } = await limited({}, quick);
    const { socket, closed } = open(server.url, "GET /v1/health HTTP/1.1\r\nHost: x\r\n");
    const drip = setInterval(() => socket.write("X: y\r\n"), 10);
    expect(await closed).toMatch(/^HTTP\/1.1 408/);
    clearInterval(drip);
  });

  test("that ask for nothing more are closed", async () => {
    const { server } = await limited({}, quick);
    const answer = await open(server.url, "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n").closed;
    expect(answer).toMatch(/^HTTP\/1.1 200/);
    expect(answer).toMatch(/Connection: keep-alive/i);
  });

  test("that do not take their answer are cut off", async () => {
    let ended = false;
    const server = await serveHttp(
      (_request, response) => {
        response.once("close", () => (ended = true));
        // More than the kernel takes on its own.
        response.end(Buffer.alloc(64 * 1024 * 1024));
      },
      { port: 0, host: "127.0.0.1" },
      { answerTimeoutMs: 200, checkEveryMs: 20 },
    );
    onTestFinished(() => server.close());
    const { socket } = open(server.url, "GET / HTTP/1.1\r\nHost: x\r\n\r\n");
    socket.pause();
    await until(() => ended);
    expect(ended).toBe(true);
  });
});

test("connections beyond the limit are closed, counted, and taken again when others end", async () => {
  const { server, shed } = await limited({}, { maxConnections: 3 });
  const kept = Array.from({ length: 3 }, () => open(server.url, "GET /v1/health HTTP/1.1\r\nHost: x\r\n"));
  await Promise.all(kept.map(({ socket }) => new Promise((resolve) => socket.once("connect", resolve))));
  expect(await open(server.url, "GET /v1/health HTTP/1.1\r\nHost: x\r\n\r\n").closed).toBe("");
  expect(shed).toEqual(["connections"]);
  for (const { socket } of kept) socket.destroy();
  await until(() =>
    rawRequest(server.url, "GET /v1/health HTTP/1.1").then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
});

test("more headers than anybody needs are not kept", async () => {
  const { server } = await limited({});
  const many = Array.from({ length: 500 }, (_, at) => `X${at}: y`).join("\n");
  // Versions of Node differ in whether they drop the rest or the request.
  expect([200, 431]).toContain((await rawRequest(server.url, `GET /v1/health HTTP/1.1\n${many}`)).status);
  const long = `X: ${"y".repeat(16 * 1024)}`;
  expect((await rawRequest(server.url, `GET /v1/health HTTP/1.1\n${long}`)).status).toBe(431);
});

test("requests that wait for their turn are answered while the server closes", async () => {
  const { server, get, reads, release } = await limited({ requests: 1, waiting: 10, waitMs: 3_600_000 });
  const first = get("/v1/partitions");
  await until(() => reads() > 0);
  const waiting = Array.from({ length: 5 }, () => get("/v1/schemas"));
  // The sixth connection is known to be taken when its answer, which waits for nobody, is there.
  expect((await get("/v1/health")).status).toBe(200);
  const closed = server.close();
  release();
  expect((await first).status).toBe(503);
  expect((await Promise.all(waiting)).map(({ status }) => status)).toEqual(Array(5).fill(200));
  await closed;
});
