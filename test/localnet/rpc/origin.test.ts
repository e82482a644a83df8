import { once } from "node:events";
import { afterAll, beforeAll, expect, test } from "vitest";
import { WebSocket } from "ws";
import { type Localnet, startLocalnet } from "../../../src/localnet/start-localnet.ts";

let localnet: Localnet;

beforeAll(async () => {
  localnet = await startLocalnet();
});

afterAll(() => localnet.close());

const cases: readonly (readonly [string, Record<string, string>, boolean])[] = [
  ["a program", {}, true],
  ["a page of this machine", { Origin: "http://localhost:3000" }, true],
  ["a page of this machine by number", { Origin: "http://127.0.0.1" }, true],
  ["a page of elsewhere", { Origin: "https://evil.example" }, false],
  ["a page of elsewhere that looks like this machine", { Origin: "http://localhost.evil.example" }, false],
  ["a sandboxed page", { Origin: "null" }, false],
];

test.each(cases)("%s", async (_, headers, answered) => {
  const response = await fetch(localnet.rpcUrl, { method: "POST", headers, body: '{"method":"ping"}' });
  expect(response.status).toBe(answered ? 200 : 403);
  const socket = new WebSocket(localnet.wsUrl, { headers });
  const opened = once(socket, "open").then(
    () => true,
    () => false,
  );
  expect(await opened).toBe(answered);
  socket.terminate();
});
