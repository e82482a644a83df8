import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { describe, expect, onTestFinished, test } from "vitest";
import { type WebSocket, WebSocketServer } from "ws";
import { type XrplServer, xrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { startLocalnet } from "../../src/localnet/start-localnet.ts";

interface Asked {
  readonly id: number;
  readonly command: string;
}

/** A WebSocket server that does with each request what it is told. */
async function listening(answer: (socket: WebSocket, asked: Asked) => void, timeoutMs = 10_000): Promise<XrplServer> {
  const sockets = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(sockets, "listening");
  sockets.on("connection", (socket) =>
    socket.on("message", (data: Buffer) => answer(socket, JSON.parse(data.toString()) as Asked)),
  );
  const server = xrplServer(`ws://127.0.0.1:${(sockets.address() as AddressInfo).port}/secret-key`, timeoutMs);
  onTestFinished(async () => {
    for (const socket of sockets.clients) socket.terminate();
    await server.close();
    sockets.close();
  });
  return server;
}

function send(socket: WebSocket, value: unknown): void {
  socket.send(JSON.stringify(value));
}

const success = (socket: WebSocket, { id }: Asked): void =>
  send(socket, { id, type: "response", status: "success", result: { fine: true } });

test("answers and refusals of a server", async () => {
  const localnet = await startLocalnet({ closeMs: 0 });
  const server = xrplServer(localnet.wsUrl);
  onTestFinished(async () => {
    await server.close();
    await localnet.close();
  });
  expect(await server.request("server_info")).toMatchObject({ info: { network_id: 63_456 } });
  expect(await server.request("tx", { transaction: "AB".repeat(32) })).toEqual({
    error: "txnNotFound",
    message: "Transaction not found.",
  });
  expect(await server.request("submit", { tx_blob: "120003" })).toMatchObject({ error: "invalidTransaction" });
});

test("the name of an endpoint holds nothing that is behind its host", async () => {
  const server = await listening((socket) => socket.terminate());
  expect(server.endpoint).toMatch(/^ws:\/\/127\.0\.0\.1:\d+$/);
  await expect(server.request("server_info")).rejects.toMatchObject({
    message: expect.not.stringContaining("secret-key") as string,
  });
  const nowhere = xrplServer("ws://user:secret-key@127.0.0.1:9/secret-key?secret-key");
  await expect(nowhere.request("server_info")).rejects.toMatchObject({
    code: "CHAIN_UNREACHABLE",
    message: expect.not.stringContaining("secret-key") as string,
  });
});

describe("no answer is CHAIN_UNREACHABLE, and the next request has a new connection", () => {
  test.for([
    { name: "silence", fail: () => undefined },
    { name: "a connection that ends", fail: (socket: WebSocket) => socket.close(1008, "threshold exceeded") },
    { name: "a connection that breaks", fail: (socket: WebSocket) => socket.terminate() },
    { name: "no JSON", fail: (socket: WebSocket) => socket.send("Server is overloaded") },
    {
      name: "an error of nobody",
      fail: (socket: WebSocket) => send(socket, { error: "slowDown", error_message: "You are placing too much load" }),
    },
    {
      name: "the answer to something else",
      fail: (socket: WebSocket) => send(socket, { id: 4711, type: "response", status: "success", result: {} }),
    },
    {
      name: "no status",
      fail: (socket: WebSocket, { id }: Asked) => send(socket, { id, type: "response", result: {} }),
    },
    {
      name: "a status of its own",
      fail: (socket: WebSocket, { id }: Asked) => send(socket, { id, type: "response", status: "maybe", result: {} }),
    },
  ])("$name", async ({ fail }) => {
    let fails = true;
    const server = await listening((socket, asked) => (fails ? fail(socket, asked) : success(socket, asked)), 200);
    await expect(server.request("server_info")).rejects.toMatchObject({
      code: "CHAIN_UNREACHABLE",
      kind: "unavailable",
    });
    fails = false;
    expect(await server.request("server_info")).toEqual({ fine: true });
  });

  test("for all requests that were under way, none of which takes the new connection from another", async () => {
    const sockets = new Set<WebSocket>();
    const server = await listening((socket, asked) => {
      sockets.add(socket);
      if (asked.command === "break") socket.terminate();
      else if (asked.command === "answer") success(socket, asked);
    });
    const lost = ["wait", "wait", "break"].map((command) => server.request(command).catch((error: unknown) => error));
    for (const each of await Promise.all(lost)) expect(each).toMatchObject({ code: "CHAIN_UNREACHABLE" });
    const all = await Promise.all([1, 2, 3].map(() => server.request("answer")));
    expect(all).toEqual([{ fine: true }, { fine: true }, { fine: true }]);
    expect(sockets.size).toBe(2);
  });
});

test("answers in another order, twice or to nobody reach who asked, once, and nobody else", async () => {
  const sockets = new Set<WebSocket>();
  const held: Asked[] = [];
  const answer = (socket: WebSocket, { id, command }: Asked): void =>
    send(socket, { id, type: "response", status: "success", result: { to: command } });
  const server = await listening((socket, asked) => {
    sockets.add(socket);
    held.push(asked);
    const [first, second] = held;
    if (held.length === 3) answer(socket, asked);
    if (held.length !== 2 || !first || !second) return;
    answer(socket, { id: 4711, command: "nobody" });
    answer(socket, second);
    answer(socket, { ...second, command: "the same again" });
    answer(socket, first);
    answer(socket, { ...first, command: "the same again" });
  });
  const settled: string[] = [];
  const ask = async (command: string): Promise<unknown> => {
    const result = await server.request(command);
    settled.push(command);
    return result;
  };
  expect(await Promise.all([ask("fee"), ask("ledger")])).toEqual([{ to: "fee" }, { to: "ledger" }]);
  expect(settled).toEqual(["ledger", "fee"]);
  // What came too much broke no connection and stands in nobody's way.
  expect(await ask("tx")).toEqual({ to: "tx" });
  expect(held.map(({ command }) => command)).toEqual(["fee", "ledger", "tx"]);
  expect(sockets.size).toBe(1);
});

test.for([{ result: undefined }, { result: null }, { result: [] }, { result: "text" }])(
  "an answer without result is malformed: $result",
  async ({ result }) => {
    const server = await listening((socket, { id }) =>
      send(socket, { id, type: "response", status: "success", result }),
    );
    await expect(server.request("server_info")).rejects.toMatchObject({ code: "CHAIN_ANSWER_MALFORMED" });
  },
);

test("a refusal without words is one", async () => {
  const server = await listening((socket, { id }) => send(socket, { id, type: "response", status: "error" }));
  expect(await server.request("server_info")).toMatchObject({ error: "unknown" });
});
