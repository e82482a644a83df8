import { isIP } from "node:net";

/** An address, a subnet in CIDR notation, or a name of Express's for some. */
function isProxy(text: string): boolean {
  if (["loopback", "linklocal", "uniquelocal"].includes(text)) return true;
  const [address = "", prefix, ...rest] = text.split("/");
  const bits = { 0: -1, 4: 32, 6: 128 }[isIP(address)] ?? -1;
  if (bits < 0 || rest.length > 0) return false;
  return prefix === undefined || (/^(0|[1-9]\d{0,2})$/.test(prefix) && Number(prefix) <= bits);
}

/** What the HTTP API turns away, as settings. */
export const limitSettings = {
  trustProxy: {
    kind: "list",
    holder: "SUBNET",
    about: "a reverse proxy whose X-Forwarded-For names the client: address, subnet, loopback or uniquelocal",
    form: ["an address, a subnet such as 10.0.0.0/8, loopback, linklocal or uniquelocal", isProxy],
  },
  accept: {
    kind: "switch",
    about: "let nodes hand events in over HTTP, each signed by a key of its node",
    value: false,
  },
  maxConnections: {
    kind: "count",
    holder: "N",
    about: "connections at once, one more is closed; 0 for no limit",
    value: 1000,
    max: 1_000_000,
  },
  maxRequests: {
    kind: "count",
    holder: "N",
    about: "requests worked on at once; 0 for no limit",
    value: 32,
    max: 100_000,
  },
  maxWaiting: {
    kind: "count",
    holder: "N",
    about: "requests that wait beside them, a second at most; others are answered 503",
    value: 256,
    max: 100_000,
  },
  rateLimit: {
    kind: "count",
    holder: "N",
    about: "requests a second that one address may make, beyond that it is answered 429; 0 for no limit",
    value: 100,
    max: 1_000_000,
  },
  rateBurst: {
    kind: "count",
    holder: "N",
    about: "requests that one address may make at once after a pause",
    value: 500,
    max: 1_000_000,
  },
  nodeRateLimit: {
    kind: "count",
    holder: "N",
    about: "events a second that one node may hand in, and sixty times as many at once; 0 for no limit",
    value: 100,
    max: 1_000_000,
  },
  maxLoopDelay: {
    kind: "count",
    holder: "MS",
    about: "mean delay of the event loop above which requests are answered 503; 0 for no limit",
    value: 500,
    max: 60_000,
  },
} as const;

/** Their names, for the commands that serve. */
export const limitNames = Object.keys(limitSettings) as readonly (keyof typeof limitSettings)[];
