import proxyAddress from "proxy-addr";
import { SettlementError } from "../core/error.ts";
import type { Exchange } from "./exchange.ts";
import { openGate, type Refusal } from "./gate.ts";
import { meanLoopDelay } from "./loop-delay.ts";
import { clientOf, type Rate, rateLimit } from "./rate-limit.ts";

/** What a request, or a connection, was turned away for. */
export type ShedReason = "rate" | "full" | "late" | "loop" | "bodies" | "connections";

export interface Limits {
  /** Proxies whose X-Forwarded-For is believed: addresses, subnets, or the names that
   * `proxy-addr` has for some, such as `loopback`. */
  readonly trustProxy: readonly string[];
  /** Of each client; undefined for no limit. */
  readonly rate?: Rate;
  /** Requests worked on at once, and those that wait beside them. */
  readonly requests: number;
  readonly waiting: number;
  /** Longest wait, milliseconds; a second when left out. */
  readonly waitMs?: number;
  /** Mean delay of the event loop above which everything is turned away, milliseconds; undefined for no limit. */
  readonly loopDelayMs?: number;
  /** Bodies held in memory at once; {@link defaultBodies} when left out. */
  readonly bodies?: number;
  readonly onShed?: (reason: ShedReason) => void;
}

/** Each at most as large as its route takes, 4 MiB. */
const defaultBodies = 64;

/** Nobody holds more than this part of the bodies: who sends slowly does not keep all others from sending. */
const partOfOne = 2;
const defaultWaitMs = 1000;

/** Never turned away: who watches a node under load has to see it. */
const probes: ReadonlySet<string> = new Set(["/v1/health", "/v1/ready", "/healthz", "/readyz", "/metrics"]);

export function isProbe(path: string): boolean {
  return probes.has(path);
}

/** What a request has to pass, each once and in this order. */
export interface Admission {
  /** Throws what no work is done for. @throws SettlementError `RATE_LIMITED`, `SERVER_BUSY` */
  readonly admit: (exchange: Exchange) => void;
  /** Before a body is read. @throws SettlementError `SERVER_BUSY` */
  readonly takeBody: (exchange: Exchange) => void;
  /**
   * Before the work itself. Resolves to what ends it, or to undefined when the client has gone.
   *
   * @throws SettlementError `SERVER_BUSY`
   */
  enter(exchange: Exchange): Promise<(() => void) | undefined>;
}

/** Without limits everybody is let in. */
export const openDoor: Admission = {
  admit: () => undefined,
  takeBody: () => undefined,
  enter: () => Promise.resolve(() => undefined),
};

const busyTexts: Readonly<Record<Exclude<ShedReason, "rate" | "connections">, string>> = {
  full: "as many requests as it takes are under way and waiting",
  late: "the request waited for its turn as long as a request may",
  loop: "it is so busy that every request waits too long",
  bodies: "it holds as many bodies of requests as it takes",
};

export function openLimits(limits: Limits): Admission {
  const { rate, requests, waiting, waitMs = defaultWaitMs, loopDelayMs, bodies = defaultBodies } = limits;
  const shed = (reason: ShedReason): void => limits.onShed?.(reason);
  const busy = (reason: keyof typeof busyTexts): SettlementError => {
    shed(reason);
    return new SettlementError("SERVER_BUSY", `the server is busy: ${busyTexts[reason]}; ask again later`);
  };
  const clientNameOf = clientNames(limits.trustProxy);
  const waitOf = rate && rateLimit(rate);
  const delayMs = loopDelayMs === undefined ? undefined : meanLoopDelay();
  const gate = openGate({ running: requests, waiting, waitMs });
  let held = 0;
  const heldBy = new Map<string, number>();
  return {
    admit(exchange) {
      if (isProbe(exchange.path)) return;
      const clientWaitMs = waitOf?.(clientNameOf(exchange)) ?? 0;
      if (clientWaitMs > 0) {
        shed("rate");
        const waitS = Math.ceil(clientWaitMs / 1000);
        exchange.response.setHeader("Retry-After", waitS);
        throw new SettlementError(
          "RATE_LIMITED",
          `this address may make ${rate?.perSecond} requests a second; ask again after ${waitS} s`,
        );
      }
      if (delayMs && delayMs() > (loopDelayMs ?? Infinity)) throw busy("loop");
    },
    takeBody(exchange) {
      const client = clientNameOf(exchange);
      const own = heldBy.get(client) ?? 0;
      if (held >= bodies || own >= Math.ceil(bodies / partOfOne)) throw busy("bodies");
      held++;
      heldBy.set(client, own + 1);
      // However it ends, its answer sent too.
      exchange.response.once("close", () => {
        held--;
        const left = (heldBy.get(client) ?? 1) - 1;
        if (left > 0) heldBy.set(client, left);
        else heldBy.delete(client);
      });
    },
    async enter({ response }) {
      const entry = await gate.enter(() => response.destroyed);
      if ("leave" in entry) return entry.leave;
      return goneOr(entry.refused, busy);
    },
  };
}

function goneOr(refused: Refusal, busy: (reason: "full" | "late") => SettlementError): undefined {
  if (refused !== "gone") throw busy(refused);
}

/**
 * Where a proxy that is believed names no address, the proxy itself is the client.
 *
 * @throws TypeError when a proxy is neither an address nor a name
 */
function clientNames(proxies: readonly string[]): (exchange: Exchange) => string {
  const trusted = proxies.length === 0 ? undefined : proxyAddress.compile([...proxies]);
  return ({ request }) => {
    const named = trusted && clientOf(proxyAddress(request, trusted));
    return named ?? clientOf(request.socket.remoteAddress) ?? "unknown";
  };
}
