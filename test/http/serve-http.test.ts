import { createServer } from "node:net";
import { expect, test } from "vitest";
import { serveHttp } from "../../src/http/serve-http.ts";
import { runSample } from "./running.ts";

test("a request under way is answered while the server closes, and no new one is taken", async () => {
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  let arrived = (): void => undefined;
  const arrival = new Promise<void>((resolve) => (arrived = resolve));
  const server = await serveHttp(
    (_request, response) => {
      arrived();
      void held.then(() => response.end("done"));
    },
    { port: 0, host: "127.0.0.1" },
  );
  const answer = fetch(server.url);
  await arrival;
  const closed = server.close();
  await expect(fetch(server.url)).rejects.toThrow("fetch failed");
  release();
  expect(await (await answer).text()).toBe("done");
  await closed;
});

test("closing does not wait for connections that are idle", async () => {
  const run = await runSample();
  await (await run.get("/v1/health")).text();
  await run.server.close();
  await expect(run.get("/v1/health")).rejects.toThrow("fetch failed");
});

test("a port that is taken is said to be", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as { port: number };
  await expect(serveHttp(() => undefined, { port, host: "127.0.0.1" })).rejects.toMatchObject({
    code: "HTTP_LISTEN_FAILED",
  });
  await new Promise((resolve) => other.close(resolve));
});

test("an IPv6 address is written as a URL writes it", async () => {
  const server = await serveHttp((_request, response) => response.end("six"), { port: 0, host: "::1" });
  expect(server.url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect(await (await fetch(server.url)).text()).toBe("six");
  await server.close();
});
