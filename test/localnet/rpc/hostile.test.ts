import { once } from "node:events";
import { connect } from "node:net";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";

import { methodTable } from "../../../src/localnet/rpc/method-table.ts";
import { type Localnet, startLocalnet } from "../../../src/localnet/start-localnet.ts";

let localnet: Localnet;
let socket: WebSocket;

beforeAll(async () => {
  localnet = await startLocalnet();
  socket = new WebSocket(localnet.wsUrl);
  await once(socket, "open");
});

afterAll(async () => {
  socket.terminate();
  await localnet.close();
});

async function post(body: string | Uint8Array<ArrayBuffer>): Promise<{ status: number; text: string }> {
  const response = await fetch(localnet.rpcUrl, { method: "POST", body });
  return { status: response.status, text: await response.text() };
}

/** The next frame that is an answer, not one of a stream. */
async function ask(message: string | Uint8Array): Promise<Record<string, unknown>> {
  socket.send(message);
  for (;;) {
    const [data] = (await once(socket, "message")) as [Buffer];
    const frame = JSON.parse(data.toString("utf8")) as Record<string, unknown>;
    if (frame["type"] === "response" || frame["type"] === "error") return frame;
  }
}

const field = fc.oneof(
  fc.constantFrom(
    "account",
    "tx_blob",
    "tx_json",
    "ledger_index",
    "ledger_hash",
    "transaction",
    "ctid",
    "marker",
    "limit",
  ),
  fc.constantFrom(
    "secret",
    "seed",
    "key_type",
    "streams",
    "accounts",
    "ticket",
    "index",
    "directory",
    "type",
    "binary",
  ),
  fc.constantFrom("min_ledger", "max_ledger", "api_version", "ripplerpc", "id", "__proto__", "constructor", "hash"),
);
const value = fc.oneof(
  fc.jsonValue({ maxDepth: 4 }),
  fc.constantFrom(
    "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh",
    "validated",
    "current",
    -1,
    0,
    2,
    2 ** 32,
    1e300,
    "AB".repeat(32),
  ),
  fc.record({
    TransactionType: fc.constantFrom("AccountSet", "Payment", 5),
    Account: fc.jsonValue(),
    Fee: fc.jsonValue(),
  }),
);
const params = fc.dictionary(field, value, { maxKeys: 6 });
// closing ledgers or waiting for randomness proves nothing here
const method = fc.constantFrom(...methodTable.keys(), "constructor", "__proto__", "no_such_method");

describe("whatever is sent gets an answer, and the server goes on", () => {
  test("any parameters of any method over HTTP, never an internal error", async () => {
    await fc.assert(
      fc.asyncProperty(method, params, async (name, given) => {
        const { status, text } = await post(JSON.stringify({ method: name, params: [given] }));
        expect(status).toBeLessThan(506);
        expect(text).not.toContain('"internal"');
        expect(text).not.toBe("");
      }),
      { numRuns: 400 },
    );
  });

  test("any parameters of any command over WebSocket", async () => {
    await fc.assert(
      fc.asyncProperty(method, params, async (name, given) => {
        const frame = await ask(JSON.stringify({ ...given, command: name }));
        expect(frame["status"] ?? frame["error"]).toBeDefined();
        expect(frame["error"]).not.toBe("internal");
      }),
      { numRuns: 400 },
    );
  });

  test("any JSON and any bytes", async () => {
    const anything = fc.oneof(fc.json(), fc.string(), fc.uint8Array({ maxLength: 300 }));
    await fc.assert(
      fc.asyncProperty(anything, async (sent) => {
        const bytes = typeof sent === "string" ? sent : Uint8Array.from(sent);
        expect((await post(bytes)).text).not.toBe("");
        expect(await ask(bytes)).toHaveProperty("type");
      }),
      { numRuns: 200 },
    );
  });

  test("a blob that is any bytes", async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ minLength: 1, maxLength: 200 }), async (bytes) => {
        const blob = Buffer.from(bytes).toString("hex");
        const { text } = await post(JSON.stringify({ method: "submit", params: [{ tx_blob: blob }] }));
        expect(text).toContain('"invalidTransaction"');
      }),
      { numRuns: 200 },
    );
  });
});

describe("bounds", () => {
  test("a body over 1 MB is refused before it is read", async () => {
    const { status, text } = await post(`{"method":"ping","params":[{"x":"${"a".repeat(3_000_000)}"}]}`).catch(() => ({
      status: 400,
      text: "Unable to parse request: \r\n",
    }));
    expect({ status, text }).toEqual({ status: 400, text: "Unable to parse request: \r\n" });
  });

  test("a message over 2 MB ends its connection alone", async () => {
    const other = new WebSocket(localnet.wsUrl);
    await once(other, "open");
    const closed = once(other, "close") as Promise<[number]>;
    other.on("error", () => {});
    other.send("a".repeat(2_500_000));
    expect((await closed)[0]).toBe(1009);
    expect(await ask('{"command":"ping"}')).toMatchObject({ status: "success" });
  });

  test("more accounts than a connection may follow", async () => {
    const accounts = Array.from({ length: 1001 }, () => "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
    expect(await ask(JSON.stringify({ command: "subscribe", accounts }))).toMatchObject({ error: "tooBusy" });
  });

  test("a client that is no HTTP client, or goes away in the middle", async () => {
    const { port } = new URL(localnet.rpcUrl);
    const raw = connect(Number(port), "127.0.0.1");
    await once(raw, "connect");
    raw.write("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{");
    raw.destroy();
    const garbage = connect(Number(port), "127.0.0.1");
    garbage.on("error", () => {});
    garbage.resume();
    garbage.end("\u0000\u0001\r\n\r\n");
    await once(garbage, "close");
    expect((await post('{"method":"ping"}')).status).toBe(200);
  });
});
