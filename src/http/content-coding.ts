import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";
import Negotiator from "negotiator";
import { byteCache } from "./byte-cache.ts";

/** A content coding, RFC 9110 §8.4.1, that the server has. */
export type Coding = "br" | "gzip" | "identity";

/** Best first, where the client has no preference. */
const codings: readonly Coding[] = ["br", "gzip", "identity"];

/** Below it the headers weigh as much as what is saved. */
const leastBytes = 1024;
/** Above it compression would take too long for one request. */
const mostBytes = 8 * 1024 * 1024;

/** Texts; what is hashes or compressed already does not get smaller. */
const compressible = /^(text\/|application\/([\w.-]+\+)?json\b|application\/vnd\.oai\.openapi\b)/;

/** Does what is sent of such a body depend on Accept-Encoding? It never depends on how well the body compresses. */
export function isCompressible(type: string, size: number): boolean {
  return size >= leastBytes && size <= mostBytes && compressible.test(type);
}

/**
 * The coding a client likes best, RFC 9110 §12.5.3, by its weights; ours at equal weight. `identity` where it likes none
 * that there is, and where it says nothing.
 */
export function codingFor(acceptEncoding: string | undefined): Coding {
  if (acceptEncoding === undefined) return "identity";
  // Its types lack the second argument.
  const accepted = new Negotiator({ headers: { "accept-encoding": acceptEncoding } }) as unknown as {
    encodings(available: readonly Coding[], options: { readonly preferred: readonly Coding[] }): readonly Coding[];
  };
  return accepted.encodings(codings, { preferred: codings })[0] ?? "identity";
}

const [gzipped, brotlied] = [promisify(gzip), promisify(brotliCompress)];

/** Both off the event loop, at levels whose time is worth what they save on bodies made anew for each request. */
function encode(body: Uint8Array, coding: Exclude<Coding, "identity">): Promise<Uint8Array> {
  if (coding === "gzip") return gzipped(body, { level: 5 });
  const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN, BROTLI_PARAM_SIZE_HINT } = constants;
  // A small window: the default takes megabytes of memory for each request.
  const params = { [BROTLI_PARAM_QUALITY]: 4, [BROTLI_PARAM_LGWIN]: 18, [BROTLI_PARAM_SIZE_HINT]: body.length };
  return brotlied(body, { params });
}

/** @param tag - names the body and its coding; undefined for what nobody asks for twice */
export type Compress = (
  body: Uint8Array,
  coding: Exclude<Coding, "identity">,
  tag: string | undefined,
) => Promise<Uint8Array>;

/** Compresses; bodies with a tag are kept compressed, and those who ask for one together share the work. */
export function compressor(maxKeptBytes = 16 * 1024 * 1024): Compress {
  const kept = byteCache<Uint8Array>(maxKeptBytes);
  const making = new Map<string, Promise<Uint8Array>>();
  return async (body, coding, tag) => {
    if (tag === undefined) return encode(body, coding);
    const found = kept.get(tag);
    if (found) return found;
    let made = making.get(tag);
    if (!made) {
      made = encode(body, coding).finally(() => making.delete(tag));
      making.set(tag, made);
    }
    const bytes = await made;
    kept.set(tag, bytes, bytes.length);
    return bytes;
  };
}
