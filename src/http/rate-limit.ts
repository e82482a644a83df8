import { isIP } from "node:net";

export interface Rate {
  /** Requests a second that a client may make for ever. */
  readonly perSecond: number;
  /** Requests it may make at once after it made none for a while; at least 1. */
  readonly burst: number;
}

/** Clients that are remembered, about 100 bytes each. One that is forgotten begins anew. */
const defaultKeptClients = 20_000;

/**
 * A token bucket for each client, kept as the one time at which it would be full again (the generic cell rate algorithm,
 * ITU-T I.371). What is refused takes no token.
 *
 * @param clock - monotonic, milliseconds
 * @returns how long a client has to wait before its request is taken, milliseconds; 0 when it is taken
 */
export function rateLimit(
  { perSecond, burst }: Rate,
  clock: () => number = () => performance.now(),
  keptClients: number = defaultKeptClients,
): (client: string) => number {
  const tokenMs = 1000 / perSecond;
  const burstMs = tokenMs * burst;
  const fullAt = new Map<string, number>();
  return (client) => {
    const now = clock();
    const full = Math.max(fullAt.get(client) ?? now, now);
    const waitMs = full + tokenMs - burstMs - now;
    // The least recently seen stands first.
    fullAt.delete(client);
    // A microsecond: what floating point adds over a burst is less.
    const isTaken = waitMs <= 1e-3;
    fullAt.set(client, isTaken ? full + tokenMs : full);
    const oldest = fullAt.size > keptClients ? fullAt.keys().next().value : undefined;
    if (oldest !== undefined) fullAt.delete(oldest);
    return isTaken ? 0 : waitMs;
  };
}

/** The eight groups of an IPv6 address without a zone, as numbers. */
function groupsOf(address: string): number[] {
  const parts = (half: string): number[] =>
    half === "" ? [] : half.split(":").flatMap((part) => (part.includes(".") ? pair(part) : [parseInt(part, 16)]));
  const [head = "", tail] = address.split("::");
  const [first, last] = [parts(head), parts(tail ?? "")];
  return [...first, ...Array.from({ length: 8 - first.length - last.length }, () => 0), ...last];
}

/** Dotted decimals as two groups. */
function pair(dotted: string): number[] {
  const [a = 0, b = 0, c = 0, d = 0] = dotted.split(".").map(Number);
  return [a * 256 + b, c * 256 + d];
}

/**
 * What a client is counted by: its IPv4 address, however it is spelt, or the /64 of its IPv6 address, of which every
 * host has as many addresses as it likes.
 *
 * @param address - untrusted; undefined when it is no address
 */
export function clientOf(address: string | undefined): string | undefined {
  const [bare = ""] = (address ?? "").split("%");
  const version = isIP(bare);
  if (version === 4) return bare;
  if (version === 0) return undefined;
  const groups = groupsOf(bare);
  const [high = 0, low = 0] = groups.slice(6);
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  return `${groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(":")}::/64`;
}
