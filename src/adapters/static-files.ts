import { concatBytes } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";

/** Files at an address, some of which are read in part. */
export interface StaticFiles {
  /** A whole file; undefined where there is none. @throws SettlementError `STATIC_COPY_UNREACHABLE` */
  read(path: string): Promise<Uint8Array | undefined>;
  /** Bytes from an offset on, fewer at the end of the file. @throws SettlementError `STATIC_COPY_UNREACHABLE` */
  part(path: string, start: number, length: number): Promise<Uint8Array | undefined>;
}

const timeoutMs = 30_000;
const tries = 3;
const firstWaitMs = 300;

/** Most bytes of a file that is read whole; a host without range requests gives files whole too. */
const maxBytes = 64 * 1024 * 1024;

function unreachable(path: string, why: string, cause?: unknown): SettlementError {
  return new SettlementError("STATIC_COPY_UNREACHABLE", `${path} cannot be fetched: ${why}`, { cause });
}

/** The bytes of an answer from `skip` on, `length` of them at the most. */
async function bytesOf(response: Response, path: string, skip: number, length: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let seen = 0;
  // Not every browser iterates a stream.
  const reader = response.body?.getReader();
  if (!reader) return new Uint8Array();
  while (seen < skip + length) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value.subarray(Math.max(0, skip - seen)));
    seen += value.length;
    if (seen > maxBytes) {
      await reader.cancel();
      throw unreachable(
        path,
        `the host sends more than ${maxBytes} bytes; a copy of this size needs one that answers range requests`,
      );
    }
  }
  if (seen >= skip + length) await reader.cancel();
  return concatBytes(...chunks).subarray(0, length);
}

export interface StaticFilesOptions {
  /** How each request is made. */
  readonly rules?: RequestInit;
  /** Keeps in memory, and reads once, what a host without range requests gives whole. */
  readonly keepsWhole?: boolean;
}

/**
 * The files below an address, such as a static host's.
 *
 * @param base - http or https, without query; paths are made by this program alone
 */
export function staticFiles(base: string, { rules = {}, keepsWhole = false }: StaticFilesOptions = {}): StaticFiles {
  const root = base.endsWith("/") ? base : `${base}/`;
  const wholes = new Map<string, Uint8Array>();
  const get = async (path: string, headers: Record<string, string>): Promise<Response | undefined> => {
    for (let at = 1; ; at++) {
      try {
        const signal = AbortSignal.timeout(timeoutMs);
        const response = await fetch(new URL(path, root), { ...rules, headers, signal });
        if (response.ok || response.status === 416) return response;
        await response.body?.cancel();
        // Hosts that list nothing answer so for what is not there.
        if ([403, 404, 410].includes(response.status)) return undefined;
        if (at === tries) throw unreachable(path, `the host answers with status ${response.status}`);
      } catch (cause) {
        if (cause instanceof SettlementError) throw cause;
        if (at === tries) throw unreachable(path, "the host gives no answer", cause);
      }
      await new Promise((resolve) => setTimeout(resolve, firstWaitMs * 2 ** at));
    }
  };
  const partOf = async (response: Response, path: string, start: number, length: number): Promise<Uint8Array> => {
    if (response.status === 206) return bytesOf(response, path, 0, length);
    if (!keepsWhole) return bytesOf(response, path, start, length);
    const whole = await bytesOf(response, path, 0, maxBytes);
    wholes.set(path, whole);
    return whole.subarray(start, start + length);
  };
  return {
    async read(path) {
      const response = await get(path, {});
      return response && bytesOf(response, path, 0, maxBytes);
    },
    async part(path, start, length) {
      if (length === 0) return new Uint8Array();
      const kept = wholes.get(path);
      if (kept) return kept.subarray(start, start + length);
      const response = await get(path, { Range: `bytes=${start}-${start + length - 1}` });
      if (!response) return undefined;
      if (response.status === 416) {
        await response.body?.cancel();
        return new Uint8Array();
      }
      return partOf(response, path, start, length);
    },
  };
}
