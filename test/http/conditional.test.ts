import { afterAll, beforeAll, expect, test } from "vitest";
import { rawRequest } from "./raw-request.ts";
import { type Running, runSample } from "./running.ts";
import { eventId } from "./sample-ledger.ts";

let run: Running;
beforeAll(async () => {
  run = await runSample();
});
afterAll(() => run[Symbol.asyncDispose]());

const paths = [
  "/v1",
  "/v1/partitions",
  "/v1/partitions/2026-01",
  "/v1/partitions/2026-01/events",
  "/v1/partitions/2026-01/checkpoint",
  "/v1/partitions/2026-01/receipt",
  "/v1/partitions/2026-01/tile/1/000.p/1",
  "/v1/checkpoint",
  `/v1/events/${eventId("2026-01", 0)}`,
  `/v1/events/${eventId("2026-01", 0)}/proof`,
  `/v1/events/${eventId("2026-01", 0)}/proof?spelling=rekor`,
  "/v1/consistency?old=2&new=300",
  "/v1/anchors",
  "/v1/nodes/acme/watch",
  "/v1/openapi.json",
  "/v1/schemas/common.schema.json",
];

test.for(paths)("%s has a strong tag, and is not sent twice", async (path) => {
  const first = await run.get(path);
  const tag = first.headers.get("ETag") ?? "";
  const body = await first.text();
  expect(tag).toMatch(/^"[0-9a-f]{40}(-gzip)?"$/);
  for (const known of [tag, `W/${tag}`, `"other", ${tag}`, "*"]) {
    const again = await run.get(path, { "If-None-Match": known });
    expect([again.status, await again.text(), again.headers.get("ETag")]).toEqual([304, "", tag]);
    expect(again.headers.get("Cache-Control")).toBe(first.headers.get("Cache-Control"));
  }
  const other = await run.get(path, { "If-None-Match": `"${"0".repeat(40)}"` });
  expect([other.status, await other.text()]).toEqual([200, body]);
});

test.for(paths)("HEAD %s says what GET would, without the body", async (path) => {
  const head = await rawRequest(run.server.url, `HEAD ${path} HTTP/1.1`);
  const get = await rawRequest(run.server.url, `GET ${path} HTTP/1.1`);
  expect([head.status, head.body]).toEqual([200, ""]);
  const kept = ["etag", "content-length", "content-type", "cache-control", "content-disposition"];
  expect(kept.map((name) => head.headers.get(name))).toEqual(kept.map((name) => get.headers.get(name)));
});

test("an error is never kept", async () => {
  const answer = await run.get("/v1/partitions/2025-01", { "If-None-Match": "*" });
  expect([answer.status, answer.headers.get("Cache-Control"), answer.headers.get("ETag")]).toEqual([
    404,
    "no-store",
    null,
  ]);
});
