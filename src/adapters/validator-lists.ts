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

/**
 * Validator lists from where their publishers serve them. Whoever does not answer is left out and told of; what is served
 * is signed, so it need not be trusted.
 *
 * @param urls - from the configuration
 */
export function validatorLists(urls: readonly string[], log?: Log): PublishedLists {
  const fetchOne = async (url: string): Promise<JsonValue[]> => {
    try {
      const response = await fetch(url, { signal: AbortSignal.timeout(timeoutMs), redirect: "error" });
      if (!response.ok) throw new SettlementError("CHAIN_UNREACHABLE", `it answers with status ${response.status}`);
      return [parseJson(await bodyOf(response), { maxBytes })];
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      log?.({ level: "warn", message: "no validator list", publisher: new URL(url).host, reason });
      return [];
    }
  };
  return async () => (await Promise.all(urls.map(fetchOne))).flat();
}
