import { SettlementError } from "../core/error.ts";
import { type JsonValue, parseJson } from "../core/json.ts";
import type { Log, PublishedLists } from "../ports.ts";

const timeoutMs = 15_000;
/** A list of the main network has about 20 kB. */
const maxBytes = 1_000_000;

async function bodyOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > maxBytes)
      throw new SettlementError("CHAIN_ANSWER_MALFORMED", `the list is larger than ${maxBytes} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export interface ListOptions {
  readonly log?: Log;
  /** An answer serves for so long before the publisher is asked again; 0, the default, asks each time. */
  readonly reuseMs?: number;
}

/**
 * Validator lists from where their publishers serve them. Whoever does not answer is left out and told of; what is served
 * is signed, so it need not be trusted.
 *
 * @param urls - from the configuration
 */
export function validatorLists(urls: readonly string[], { log, reuseMs = 0 }: ListOptions = {}): PublishedLists {
  const away = new Set<string>();
  const served = new Map<string, { readonly list: JsonValue; readonly untilMs: number }>();
  const fetchOne = async (url: string): Promise<JsonValue[]> => {
    const known = served.get(url);
    if (known && performance.now() < known.untilMs) return [known.list];
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
      if (!response.ok) throw new SettlementError("CHAIN_UNREACHABLE", `it answers with status ${response.status}`);
      const list = parseJson(await bodyOf(response), { maxBytes });
      away.delete(url);
      served.set(url, { list, untilMs: performance.now() + reuseMs });
      return [list];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      // It is asked again and again; a human need not hear it as often.
      const level = away.has(url) ? "debug" : "warn";
      away.add(url);
      log?.({ level, message: "no validator list", publisher: new URL(url).host, reason });
      return [];
    }
  };
  return async () => (await Promise.all(urls.map(fetchOne))).flat();
}
