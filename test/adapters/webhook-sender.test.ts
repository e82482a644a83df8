import { type AddressInfo, createServer } from "node:net";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { isWebhookUrl, webhookSender } from "../../src/adapters/webhook-sender.ts";
import type { Delivery, SendNotice, WebhookEndpoint } from "../../src/ports.ts";
import { type Receiver, startReceiver } from "../support/receiver.ts";

const secrets = [1, 2, 3].map((byte) => `whsec_${Buffer.alloc(32, byte).toString("base64")}`);
const [first = "", second = "", third = ""] = secrets;
const body = '{"data":{"month":"2026-03"},"timestamp":"2026-04-01T00:20:00Z","type":"partition.closed"}';
const message = { id: "msg_0123", body };
const send = webhookSender({ userAgent: "settlement-test/1" });

function endpoint(url: string, secrets: readonly string[] = [first]): WebhookEndpoint {
  return { name: "test", url, secrets, types: ["partition.closed"] };
}

async function sendTo(receiver: Receiver, sender: SendNotice = send, path = "/hook"): Promise<Delivery> {
  return sender(endpoint(`${receiver.url}${path}`), message);
}

test("a receiver's library accepts what is sent, and nothing that was altered", async () => {
  const receiver = await startReceiver();
  expect(await sendTo(receiver)).toEqual({ state: "delivered" });
  const [{ headers, body: got, path } = { headers: {}, body: "", path: "" }] = receiver.received;
  const signed = headers as Record<string, string>;
  expect([path, got, signed["webhook-id"], signed["content-type"], signed["user-agent"]]).toEqual([
    "/hook",
    body,
    "msg_0123",
    "application/json",
    "settlement-test/1",
  ]);
  expect(new Webhook(first).verify(got, signed)).toEqual(JSON.parse(body));
  for (const [name, altered] of [
    ["webhook-id", "msg_0124"],
    ["webhook-timestamp", String(Number(signed["webhook-timestamp"]) + 1)],
  ] as const) {
    expect(() => new Webhook(first).verify(got, { ...signed, [name]: altered })).toThrow(/No matching signature/);
  }
  expect(() => new Webhook(first).verify(got.replace("03", "04"), signed)).toThrow(/No matching signature/);
});

test("while secrets rotate, receivers with the old and with the new one accept it", async () => {
  const receiver = await startReceiver();
  await send(endpoint(receiver.url, [first, second]), message);
  const [{ headers } = { headers: {} }] = receiver.received;
  const signed = headers as Record<string, string>;
  expect(signed["webhook-signature"]).toMatch(/^v1,\S{44} v1,\S{44}$/);
  for (const secret of [first, second]) new Webhook(secret).verify(body, signed);
  expect(() => new Webhook(third).verify(body, signed)).toThrow(/No matching signature/);
});

test.for<readonly [status: number, expected: Delivery]>([
  [200, { state: "delivered" }],
  [299, { state: "delivered" }],
  [301, { state: "failed", fault: "HTTP 301; redirects are not followed" }],
  [307, { state: "failed", fault: "HTTP 307; redirects are not followed" }],
  [400, { state: "failed", fault: "HTTP 400" }],
  [410, { state: "gone", fault: "HTTP 410" }],
  [500, { state: "failed", fault: "HTTP 500" }],
])("%i", async ([status, expected]) => {
  const [receiver, elsewhere] = [await startReceiver(), await startReceiver()];
  receiver.answer = (response) => response.writeHead(status, { Location: elsewhere.url }).end("why");
  expect(await sendTo(receiver)).toEqual(expected);
  expect([receiver.received.length, elsewhere.received.length]).toEqual([1, 0]);
});

test("an answer that never comes is not waited for", async () => {
  const receiver = await startReceiver();
  receiver.answer = () => undefined;
  const impatient = webhookSender({ userAgent: "x", timeoutMs: 100 });
  expect(await sendTo(receiver, impatient)).toEqual({ state: "failed", fault: "no answer within 0.1 seconds" });
});

test("an answer that never ends is left at its status", async () => {
  const receiver = await startReceiver();
  const closed = new Promise<void>((resolve) => {
    receiver.answer = (response) => {
      response.writeHead(200);
      const timer = setInterval(() => response.write("x".repeat(10_000)), 1);
      response.on("close", () => {
        clearInterval(timer);
        resolve();
      });
    };
  });
  expect(await sendTo(receiver)).toEqual({ state: "delivered" });
  await closed;
});

/** Where nobody listens any more. */
async function closedUrl(): Promise<string> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return `http://127.0.0.1:${port}`;
}

test("a connection that breaks is told by its code, never by address", async () => {
  const receiver = await startReceiver();
  receiver.answer = (response) => response.destroy();
  expect(await sendTo(receiver)).toMatchObject({ state: "failed", fault: /^the connection failed \([A-Z_]+\)$/ });
  const nobody = await send(endpoint(`${await closedUrl()}/token`), message);
  expect(nobody).toEqual({ state: "failed", fault: "the connection failed (ECONNREFUSED)" });
});

test("plain http to another machine is not used", async () => {
  expect(await send(endpoint("http://hooks.example.org/x"), message)).toEqual({
    state: "failed",
    fault: "its URL is not https",
  });
});

test.for<readonly [url: string, is: boolean]>([
  ["https://hooks.example.org/a?b=c", true],
  ["http://localhost:8080/x", true],
  ["http://127.0.0.1/x", true],
  ["http://[::1]:1/x", true],
  ["http://localhost.example.org/x", false],
  ["http://127.0.0.1.example.org/x", false],
  ["http://hooks.example.org", false],
  ["https://user:word@hooks.example.org", false],
  ["https://user@hooks.example.org", false],
  ["ftp://localhost/x", false],
  ["file:///etc/passwd", false],
  ["localhost", false],
  ["", false],
])("%s as a webhook: %s", ([url, is]) => expect(isWebhookUrl(url)).toBe(is));
