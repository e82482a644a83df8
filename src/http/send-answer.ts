import { toHex } from "../core/bytes.ts";
import type { Sha256 } from "../core/hash.ts";
import type { Answer, Caching } from "./answer.ts";
import { type Coding, codingFor, compressor, isCompressible } from "./content-coding.ts";
import { type Access, accessHeaders, accessOf, type Exchange } from "./exchange.ts";

const cacheControl: Readonly<Record<Caching, string>> = {
  immutable: "public, max-age=31536000, immutable",
  brief: "public, max-age=5",
  never: "no-store",
};

/** Does an If-None-Match header, RFC 9110 §13.1.2, name this strong entity tag? It compares weakly. */
function isKnown(ifNoneMatch: string | undefined, tag: string | undefined): boolean {
  if (ifNoneMatch === undefined || tag === undefined) return false;
  if (ifNoneMatch.trim() === "*") return true;
  return Array.from(ifNoneMatch.matchAll(/(?:W\/)?("[^"]*")/g)).some(([, opaque]) => opaque === tag);
}

/** Names and values in turn. `writeHead` looks at each once, where `setHeader` and `end` look at them three times. */
type HeaderList = readonly string[];

/** How an answer is sent in one coding. */
interface Form {
  /** Strong; each coding has its own, since its bytes are others. Undefined where nobody may keep the answer. */
  readonly tag: string | undefined;
  /** Without the length of the body. */
  readonly headers: HeaderList;
  readonly headersWhenKnown: HeaderList;
}

/** An answer that is sent again is hashed once, and its headers are put together once. */
interface Forms {
  /** Does what is sent depend on Accept-Encoding? */
  readonly varies: boolean;
  of(coding: Coding, access: Access): Form;
}

/** Headers that a 304 has no use for, RFC 9110 §15.4.5. */
const ofBody: ReadonlySet<string> = new Set(["Content-Disposition", "Content-Encoding", "Content-Type"]);

/** Those of the answer take the place of those that every answer has. */
function headersOf({ cache, headers = {} }: Answer, access: Access): Readonly<Record<string, string>> {
  return { ...accessHeaders[access], "Cache-Control": cacheControl[cache], ...headers };
}

function formsOf(answer: Answer, hash: Sha256): Forms {
  const { status = 200, type, body, cache } = answer;
  const varies = isCompressible(type, body.length);
  const isTagged = status === 200 && cache !== "never";
  const name = isTagged ? toHex(hash(body)).slice(0, 40) : "";
  const make = (coding: Coding, access: Access): Form => {
    const [suffix, encoding] = coding === "identity" ? ["", {}] : [`-${coding}`, { "Content-Encoding": coding }];
    const tag = isTagged ? `"${name}${suffix}"` : undefined;
    const all = Object.entries({
      ...headersOf(answer, access),
      ...(varies ? { Vary: "Accept-Encoding" } : {}),
      ...(tag === undefined ? {} : { ETag: tag }),
      "Content-Type": type,
      ...encoding,
    });
    return { tag, headers: all.flat(), headersWhenKnown: all.filter(([header]) => !ofBody.has(header)).flat() };
  };
  const made = new Map<string, Form>();
  return {
    varies,
    of(coding, access) {
      const form = `${coding} ${access}`;
      const found = made.get(form) ?? make(coding, access);
      made.set(form, found);
      return found;
    },
  };
}

/** What goes on being sent: its headers at once, and then whatever comes. */
function begin(exchange: Exchange, answer: Answer): void {
  const { request, response } = exchange;
  // Kept by the response: who sees to slow readers asks for it.
  response.setHeader("Content-Type", answer.type);
  response.writeHead(answer.status ?? 200, headersOf(answer, accessOf(exchange)));
  if (request.method === "HEAD") response.end();
  else response.flushHeaders();
}

/** Sends an answer; it rejects only before anything was sent. */
export type SendAnswer = (exchange: Exchange, answer: Answer) => Promise<void>;

/** Sends answers, compressed where the client can read that, with an entity tag, and as 304 where the client has them. */
export function answerSender(hash: Sha256): SendAnswer {
  const compress = compressor();
  const known = new WeakMap<Answer, Forms>();
  return async (exchange, answer) => {
    const { request, response } = exchange;
    if (answer.stream) {
      begin(exchange, answer);
      if (request.method !== "HEAD") answer.stream(response);
      return;
    }
    const forms = known.get(answer) ?? formsOf(answer, hash);
    known.set(answer, forms);
    const coding = forms.varies ? codingFor(request.headers["accept-encoding"]) : "identity";
    const { tag, headers, headersWhenKnown } = forms.of(coding, accessOf(exchange));
    if (isKnown(request.headers["if-none-match"], tag)) {
      response.writeHead(304, [...headersWhenKnown]).end();
      return;
    }
    const bytes = coding === "identity" ? answer.body : await compress(answer.body, coding, tag);
    const { status = 200 } = answer;
    response.writeHead(status, [...headers, "Content-Length", String(bytes.length)]);
    response.end(request.method === "HEAD" ? undefined : bytes);
  };
}
