import { brotliDecompressSync, gunzipSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { codingFor, compressor, isCompressible } from "../../src/http/content-coding.ts";
import { limited } from "./limited.ts";
import { type RawBytes, rawBytes } from "./raw-request.ts";

test.for([
  [undefined, "identity"],
  ["", "identity"],
  ["gzip", "gzip"],
  ["GZIP", "gzip"],
  ["br", "br"],
  ["gzip, deflate, br", "br"],
  ["br;q=0.5, gzip", "gzip"],
  ["gzip;q=0.001, br;q=0.002", "br"],
  ["br;q=0, gzip;q=0", "identity"],
  ["br;q=0, *", "gzip"],
  ["*", "br"],
  ["*;q=0", "identity"],
  ["identity, gzip;q=0.5", "identity"],
  ["identity;q=0.5, gzip;q=0.5", "gzip"],
  ["identity;q=0", "identity"],
  ["zstd, compress", "identity"],
  ["gzip;q=high", "identity"],
  [",;=,", "identity"],
] as const)("Accept-Encoding: %s gets %s", ([header, coding]) => {
  expect(codingFor(header)).toBe(coding);
});

test("no header gets a coding that it weighs with 0, or one that it likes less than another", () => {
  const weight = fc.integer({ min: 0, max: 1000 });
  fc.assert(
    fc.property(weight, weight, weight, (br, gzip, identity) => {
      const weights = { br, gzip, identity };
      const header = Object.entries(weights).map(([name, q]) => `${name};q=${(q / 1000).toFixed(3)}`);
      const chosen = codingFor(header.join(", "));
      const best = Math.max(br, gzip, identity);
      // Where everything is refused, what needs no decoder is sent.
      expect(best === 0 ? chosen === "identity" : weights[chosen] === best).toBe(true);
    }),
  );
});

test.for([
  ["application/json", 1024, true],
  ["application/json", 1023, false],
  ["application/problem+json", 5000, true],
  ["application/vnd.repomesh.proof-bundle+json", 5000, true],
  ["application/vnd.oai.openapi;version=3.1", 5000, true],
  ["text/html; charset=utf-8", 5000, true],
  ["application/octet-stream", 5000, false],
  ["application/jsonp", 5000, false],
  ["image/png", 5000, false],
  ["application/json", 9_000_000, false],
] as const)("%s of %i bytes: %s", ([type, size, is]) => {
  expect(isCompressible(type, size)).toBe(is);
});

test("those who ask for one body together share the work", async () => {
  const compress = compressor();
  const body = new Uint8Array(50_000).fill(65);
  const [one, two] = await Promise.all([compress(body, "gzip", "tag"), compress(body, "gzip", "tag")]);
  expect(two).toBe(one);
  expect(await compress(body, "gzip", "tag")).toBe(one);
  expect(new Uint8Array(gunzipSync(one))).toEqual(body);
});

const path = "/v1/openapi.json";

function decoded({ headers, bytes }: RawBytes): Buffer {
  const coding = headers.get("content-encoding");
  if (coding === "br") return brotliDecompressSync(bytes);
  return coding === "gzip" ? gunzipSync(bytes) : bytes;
}

describe("an answer in several codings", () => {
  const codings = ["br", "gzip", "identity"] as const;

  test("is the same bytes once decoded, each with an entity tag of its own", async () => {
    const { server } = await limited({});
    const answers = await Promise.all(
      codings.map((coding) => rawBytes(server.url, `GET ${path} HTTP/1.1\nAccept-Encoding: ${coding}`)),
    );
    const [br, gzip, plain] = answers;
    expect(answers.map(({ headers }) => headers.get("content-encoding"))).toEqual(["br", "gzip", undefined]);
    expect(new Set(answers.map((answer) => decoded(answer).toString())).size).toBe(1);
    expect(new Set(answers.map(({ headers }) => headers.get("etag"))).size).toBe(3);
    expect(answers.map(({ headers }) => headers.get("vary"))).toEqual(Array(3).fill("Accept-Encoding"));
    for (const { headers, bytes } of answers) expect(headers.get("content-length")).toBe(String(bytes.length));
    expect((br?.bytes.length ?? 0) * 3).toBeLessThan(plain?.bytes.length ?? 0);
    expect((gzip?.bytes.length ?? 0) * 3).toBeLessThan(plain?.bytes.length ?? 0);
  });

  test.for(codings)(
    "is 304 for who has it in %s, with the headers of RFC 9110, and 200 for who has another",
    async (coding) => {
      const { server } = await limited({});
      const ask = (method: string, more = ""): Promise<RawBytes> =>
        rawBytes(server.url, `${method} ${path} HTTP/1.1\nAccept-Encoding: ${coding}${more}`);
      const first = await ask("GET");
      const head = await ask("HEAD");
      const names = ["etag", "vary", "cache-control", "content-length", "content-type", "content-encoding"];
      expect(head.bytes.length).toBe(0);
      expect(names.map((name) => head.headers.get(name))).toEqual(names.map((name) => first.headers.get(name)));
      const tag = first.headers.get("etag") ?? "";
      for (const method of ["GET", "HEAD"]) {
        for (const known of [tag, `W/${tag}`, `"x", W/"y" ,${tag}`, "*", `"a,b", ${tag}`]) {
          const again = await ask(method, `\nIf-None-Match: ${known}`);
          expect([again.status, again.bytes.length]).toEqual([304, 0]);
          const kept = ["etag", "vary", "cache-control"];
          expect(kept.map((name) => again.headers.get(name))).toEqual(kept.map((name) => first.headers.get(name)));
          expect(["content-type", "content-encoding"].map((name) => again.headers.has(name))).toEqual([false, false]);
        }
      }
      for (const other of codings.filter((each) => each !== coding)) {
        const answer = await rawBytes(
          server.url,
          `GET ${path} HTTP/1.1\nAccept-Encoding: ${other}\nIf-None-Match: ${tag}`,
        );
        expect(answer.status).toBe(200);
        expect(decoded(answer).equals(decoded(first))).toBe(true);
      }
      for (const unknown of [`"x"`, "x", tag.slice(1, -1), `"${tag}`, "", `${tag.slice(0, -1)}0"`]) {
        expect((await ask("GET", `\nIf-None-Match: ${unknown}`)).status).toBe(200);
      }
    },
  );

  test("what is small is sent as it is, to everybody alike", async () => {
    const { server } = await limited({});
    const { headers } = await rawBytes(server.url, "GET /v1/health HTTP/1.1\nAccept-Encoding: br, gzip");
    expect([headers.get("content-encoding"), headers.get("vary")]).toEqual([undefined, undefined]);
  });
});
