import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type RawAnswer, rawRequest } from "./raw-request.ts";
import { type Running, runSample } from "./running.ts";
import { eventId } from "./sample-ledger.ts";

let run: Running;
beforeAll(async () => {
  run = await runSample();
});
afterAll(() => run[Symbol.asyncDispose]());

const id = eventId("2026-01", 0);
const month = "/v1/partitions/2026-01";

/** Request target of a GET, status, code. */
const targets: readonly (readonly [target: string, status: number, code: string])[] = [
  // ways out of a folder
  ["/v1/partitions/../../etc/passwd", 404, "ROUTE_NOT_FOUND"],
  ["/v1/partitions/..%2f..%2fetc%2fpasswd", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/%2e%2e/manifest", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/%252e%252e%252f/manifest", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/..%5c..%5cwindows/manifest", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/2026-01%00.json/manifest", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/2026-01%2f..%2f2026-02/manifest", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/%c0%ae%c0%ae/manifest", 400, "REQUEST_MALFORMED"],
  ["/v1/partitions/%EF%BC%8E%EF%BC%8E/manifest", 400, "MONTH_MALFORMED"],
  [`${month}/tile/../manifest.json`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/..%2fmanifest.json`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/0/..%2f..%2f..%2f..%2fsettlement.json`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/%2e%2e/%2e%2e/nodes.json`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/0%2f000`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/0/000%00`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile//etc/passwd`, 400, "TILE_PATH_MALFORMED"],
  ["/v1/schemas/..%2fpackage.json", 404, "SCHEMA_NOT_FOUND"],
  ["/v1/schemas/../package.json", 404, "SCHEMA_NOT_FOUND"],
  ["/v1/schemas/events/../../package.json", 404, "SCHEMA_NOT_FOUND"],
  ["/v1/schemas/__proto__", 404, "SCHEMA_NOT_FOUND"],
  ["/v1/nodes/%2e%2e/etc", 400, "NODE_ID_MALFORMED"],
  ["/v1/nodes/acme/..%2fwatch", 400, "NODE_ID_MALFORMED"],
  ["/v1/releases/%2e/%2e/1.0.0/proof", 400, "NODE_ID_MALFORMED"],
  // spellings of a route that are not the route
  ["//v1/health", 404, "ROUTE_NOT_FOUND"],
  ["/v1/health/", 404, "ROUTE_NOT_FOUND"],
  ["/V1/health", 404, "ROUTE_NOT_FOUND"],
  ["/v1/%68ealth", 404, "ROUTE_NOT_FOUND"],
  ["/v1/%zz", 404, "ROUTE_NOT_FOUND"],
  ["/v1/events/%zz", 400, "REQUEST_MALFORMED"],
  ["*", 404, "ROUTE_NOT_FOUND"],
  ["http://evil.example/v1/nothing", 404, "ROUTE_NOT_FOUND"],
  ["http://[/x", 404, "ROUTE_NOT_FOUND"],
  // numbers
  ["/v1/events?limit=0", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=1001", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=-1", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=1e2", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=0x10", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=%2B5", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=99999999999999999999999", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?limit=%D9%A3", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=9007199254740993&new=9007199254740993", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=4294967297&new=4294967297", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=5&new=4", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=00&new=4", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=NaN&new=Infinity", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=1", 400, "PARAMETER_MALFORMED"],
  ["/v1/consistency?old=1&new=1&month=2026-1", 400, "MONTH_MALFORMED"],
  [`${month}/tile/0/999999999999999999`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/0/x999/x999/x999/x999/999`, 404, "TILE_NOT_FOUND"],
  [`${month}/tile/63/000`, 404, "TILE_NOT_FOUND"],
  [`${month}/tile/0/000.p/0`, 400, "TILE_PATH_MALFORMED"],
  [`${month}/tile/0/000.p/256`, 400, "TILE_PATH_MALFORMED"],
  // months and ids
  ["/v1/partitions/0000-00", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/9999-12", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/9998-12", 404, "PARTITION_NOT_FOUND"],
  ["/v1/partitions/__proto__", 400, "MONTH_MALFORMED"],
  ["/v1/partitions/constructor", 400, "MONTH_MALFORMED"],
  [`/v1/events/${"a".repeat(5000)}`, 400, "PARAMETER_MALFORMED"],
  [`/v1/events/${id}0/proof`, 400, "PARAMETER_MALFORMED"],
  ["/v1/events/__proto__", 400, "PARAMETER_MALFORMED"],
  [`/v1/events/${id}/proof?spelling=__proto__`, 400, "PARAMETER_MALFORMED"],
  ["/v1/anchors/0x1234", 400, "PARAMETER_MALFORMED"],
  ["/v1/releases/acme/compiler/1.0.0@x/proof", 400, "PARAMETER_MALFORMED"],
  ["/v1/releases/acme/compiler/%0d%0aSet-Cookie:x/proof", 400, "PARAMETER_MALFORMED"],
  // query strings
  ["/v1/events?limit=1&limit=2", 400, "PARAMETER_REPEATED"],
  ["/v1/events?limit[]=1", 400, "PARAMETER_UNKNOWN"],
  ["/v1/events?__proto__=x", 400, "PARAMETER_UNKNOWN"],
  ["/v1/events?repositry=acme/compiler", 400, "PARAMETER_UNKNOWN"],
  ["/v1/events?repo=%00", 400, "NODE_ID_MALFORMED"],
  ["/v1/events?type=constructor", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?version=%F0%9F", 400, "PARAMETER_MALFORMED"],
  ["/v1/events?after=x", 400, "PARAMETER_MALFORMED"],
  ["/v1/nodes?after=../..", 400, "NODE_ID_MALFORMED"],
  ["/v1/partitions/2026-01?x", 400, "PARAMETER_UNKNOWN"],
];

function codeOf({ body }: RawAnswer): unknown {
  return (JSON.parse(body) as { code?: unknown }).code;
}

test.for(targets)("GET %s", async ([target, status, code]) => {
  const answer = await rawRequest(run.server.url, `GET ${target} HTTP/1.1`);
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
  expect(answer.headers.get("content-type")).toBe("application/problem+json");
  expect(answer.headers.get("cache-control")).toBe("no-store");
});

const methods: readonly (readonly [request: string, allow: string])[] = [
  ["POST /v1/partitions", "GET, HEAD, OPTIONS"],
  ["DELETE /v1/partitions/2026-01", "GET, HEAD, OPTIONS"],
  ["PUT /v1/partitions/2026-01/manifest", "GET, HEAD, OPTIONS"],
  ["PATCH /v1/nodes/acme/watch", "GET, HEAD, OPTIONS"],
  ["GET /v1/verify", "POST, OPTIONS"],
  ["HEAD /v1/proofs", "POST, OPTIONS"],
  ["TRACE /v1/health", "GET, HEAD, OPTIONS"],
  ["PROPFIND /v1", "GET, HEAD, OPTIONS"],
];

test.for(methods)("%s is no method of this path", async ([request, allow]) => {
  const answer = await rawRequest(run.server.url, `${request} HTTP/1.1`);
  expect([answer.status, answer.headers.get("allow")]).toEqual([405, allow]);
});

const json = "Content-Type: application/json";
const deep = `${"[".repeat(100_000)}${"]".repeat(100_000)}`;
const manyIds = JSON.stringify({ ids: Array.from({ length: 101 }, () => id) });

/** Path, headers, body, status, code. */
const bodies: readonly (readonly [
  what: string,
  path: string,
  headers: string,
  body: string | Uint8Array,
  status: number,
  code: string,
])[] = [
  ["no type", "proofs", "", "{}", 415, "MEDIA_TYPE_UNSUPPORTED"],
  ["a form", "proofs", "Content-Type: application/x-www-form-urlencoded", "ids=1", 415, "MEDIA_TYPE_UNSUPPORTED"],
  ["a type that begins alike", "proofs", "Content-Type: application/jsonp", "{}", 415, "MEDIA_TYPE_UNSUPPORTED"],
  ["another charset", "proofs", `${json}; charset=utf-16`, "{}", 415, "MEDIA_TYPE_UNSUPPORTED"],
  ["compressed", "proofs", `${json}\nContent-Encoding: gzip`, gzipSync("{}"), 415, "MEDIA_TYPE_UNSUPPORTED"],
  ["nothing", "proofs", json, "", 400, "JSON_MALFORMED"],
  ["broken JSON", "proofs", json, '{"ids":', 400, "JSON_MALFORMED"],
  ["two documents", "proofs", json, "{}{}", 400, "JSON_MALFORMED"],
  ["a byte order mark", "proofs", json, "\ufeff{}", 400, "JSON_MALFORMED"],
  ["no UTF-8", "proofs", json, Uint8Array.of(0x7b, 0xff, 0x7d), 400, "UTF8_MALFORMED"],
  ["a key twice", "proofs", json, `{"ids":[],"ids":["${id}"]}`, 400, "JSON_DUPLICATE_KEY"],
  ["half a surrogate", "proofs", json, '{"ids":["\\ud800"]}', 400, "JSON_LONE_SURROGATE"],
  ["a number beyond doubles", "proofs", json, '{"ids":[1e999]}', 400, "JSON_NUMBER_OUT_OF_RANGE"],
  ["a list", "proofs", json, "[]", 400, "REQUEST_MALFORMED"],
  ["null", "proofs", json, "null", 400, "REQUEST_MALFORMED"],
  ["no ids", "proofs", json, "{}", 400, "REQUEST_MALFORMED"],
  ["an empty list", "proofs", json, '{"ids":[]}', 400, "REQUEST_MALFORMED"],
  ["ids that are numbers", "proofs", json, '{"ids":[1]}', 400, "REQUEST_MALFORMED"],
  ["ids that are paths", "proofs", json, '{"ids":["../../x"]}', 400, "REQUEST_MALFORMED"],
  ["too many ids", "proofs", json, manyIds, 400, "REQUEST_MALFORMED"],
  ["another member", "proofs", json, `{"ids":["${id}"],"__proto__":{}}`, 400, "REQUEST_MALFORMED"],
  ["more than 64 KiB", "proofs", json, " ".repeat(65_537), 413, "REQUEST_TOO_LARGE"],
  ["more than 1 MiB", "verify", json, " ".repeat(1_048_577), 413, "REQUEST_TOO_LARGE"],
  ["deep nesting", "verify", json, deep, 400, "JSON_TOO_DEEP"],
  ["no bundle", "verify", json, "{}", 400, "BUNDLE_MALFORMED"],
  ["a bundle of the future", "verify", json, '{"type":"repomesh-proof-bundle","v":2}', 400, "FORMAT_VERSION_UNKNOWN"],
  ["text", "verify", "Content-Type: text/plain", "{}", 415, "MEDIA_TYPE_UNSUPPORTED"],
];

test.for(bodies)("POST of %s", async ([, path, headers, body, status, code]) => {
  const length = typeof body === "string" ? Buffer.byteLength(body) : body.length;
  const head = ["POST", `/v1/${path}`, "HTTP/1.1"].join(" ");
  const lines = [head, ...(headers === "" ? [] : [headers]), `Content-Length: ${length}`].join("\n");
  const answer = await rawRequest(run.server.url, lines, body);
  expect([answer.status, codeOf(answer)]).toEqual([status, code]);
});

test("what is not HTTP at all is refused below the API", async () => {
  const heads = [
    "GET /v1 HTTP/9.9",
    "NONSENSE",
    `GET /v1 HTTP/1.1\nX: ${"y".repeat(40_000)}`,
    "GET /v1 HTTP/1.1\nContent-Length: 1\nTransfer-Encoding: chunked",
  ];
  const answers = await Promise.all(heads.map((head) => rawRequest(run.server.url, head)));
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 431, 400]);
});

test("the server answers after all of this, and met no bug", async () => {
  expect((await run.get("/v1/health")).status).toBe(200);
  expect((await run.get("/v1/partitions")).status).toBe(200);
  expect(run.log.filter(({ level }) => level === "error")).toEqual([]);
});
