import { onTestFinished, expect, test } from "vitest";
import { nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { utf8 } from "../../src/core/bytes.ts";
import { type Answer, asDownload, jsonAnswer } from "../../src/http/answer.ts";
import type { Exchange } from "../../src/http/exchange.ts";
import { answerSender } from "../../src/http/send-answer.ts";
import { serveHttp } from "../../src/http/serve-http.ts";
import { type RawAnswer, rawRequest } from "./raw-request.ts";

/** Sends one answer to everybody. */
async function serving(answer: Answer, change: Partial<Exchange> = {}): Promise<(head: string) => Promise<RawAnswer>> {
  const send = answerSender(nodeSha256);
  const server = await serveHttp(
    (request, response) => {
      const exchange = { request, response, requestId: "", path: "", route: "", isForOperators: false, actor: "" };
      void send({ ...exchange, ...change }, answer);
    },
    { port: 0, host: "127.0.0.1" },
  );
  onTestFinished(() => server.close());
  return (head) => rawRequest(server.url, head);
}

const page: Answer = {
  type: "text/html; charset=utf-8",
  body: utf8("<p>".repeat(1000)),
  cache: "brief",
  headers: { "Content-Security-Policy": "default-src 'self'", "Cross-Origin-Resource-Policy": "same-origin" },
};

test("what an answer says itself takes the place of what all say, each time it is sent", async () => {
  const get = await serving(page);
  const names = ["content-security-policy", "cross-origin-resource-policy", "x-content-type-options"];
  const first = await get("GET / HTTP/1.1");
  expect(names.map((name) => first.headers.get(name))).toEqual(["default-src 'self'", "same-origin", "nosniff"]);
  const again = await get("GET / HTTP/1.1");
  expect([...again.headers].filter(([name]) => name !== "date")).toEqual(
    [...first.headers].filter(([name]) => name !== "date"),
  );
  const known = await get(`GET / HTTP/1.1\nIf-None-Match: ${first.headers.get("etag")}`);
  expect(known.status).toBe(304);
  expect(names.map((name) => known.headers.get(name))).toEqual(["default-src 'self'", "same-origin", "nosniff"]);
});

test("each coding of an answer has headers of its own, whichever is asked for first", async () => {
  const get = await serving(page);
  const codings = ["gzip", "identity", "br", "gzip"];
  const answers = await Promise.all(codings.map((coding) => get(`GET / HTTP/1.1\nAccept-Encoding: ${coding}`)));
  expect(answers.map(({ headers }) => headers.get("content-encoding"))).toEqual(["gzip", undefined, "br", "gzip"]);
  const tags = answers.map(({ headers }) => headers.get("etag"));
  expect(new Set(tags).size).toBe(3);
  expect(tags[3]).toBe(tags[0]);
  expect(answers.map(({ headers }) => headers.get("vary"))).toEqual(Array(4).fill("Accept-Encoding"));
});

test("a 304 says nothing of a body", async () => {
  const get = await serving(asDownload(jsonAnswer({ a: "b".repeat(2000) }, "immutable"), "a.json"));
  const { headers } = await get("GET / HTTP/1.1\nAccept-Encoding: gzip");
  const ofBody = ["content-type", "content-length", "content-encoding", "content-disposition"];
  expect(ofBody.map((name) => headers.has(name))).toEqual([true, true, true, true]);
  const known = await get(`GET / HTTP/1.1\nAccept-Encoding: gzip\nIf-None-Match: ${headers.get("etag")}`);
  expect([known.status, known.body]).toEqual([304, ""]);
  expect(ofBody.map((name) => known.headers.has(name))).toEqual([false, false, false, false]);
  expect(known.headers.get("cache-control")).toBe(headers.get("cache-control"));
});

test("pages of other origins read what is for all, and nothing that was posted or is for operators", async () => {
  const names = ["access-control-allow-origin", "cross-origin-resource-policy"];
  const said = async (head: string, change: Partial<Exchange> = {}): Promise<unknown> => {
    const { headers } = await (await serving(jsonAnswer({}), change))(head);
    return names.map((name) => headers.get(name));
  };
  expect(await said("GET / HTTP/1.1")).toEqual(["*", "cross-origin"]);
  expect(await said("POST / HTTP/1.1\nContent-Length: 0")).toEqual([undefined, "cross-origin"]);
  expect(await said("GET / HTTP/1.1", { isForOperators: true })).toEqual([undefined, "same-origin"]);
});
