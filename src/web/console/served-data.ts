import type { JsonObject } from "../../core/json.ts";
import type { ReleaseView } from "../../core/release-view.ts";
import { type Anchor, type ConsoleData, type EventPage, type MonthsNow, NoAnswer, type NodeSummary } from "./data.ts";
import type { ActName, AttemptFacts, AuditEntry, OperatorData } from "./operator-data.ts";
import { pathOf } from "./place.ts";

/** What the server may be asked beside the path. */
interface Asking {
  readonly token?: string;
  readonly body?: string;
}

/** Longer than any answer takes that comes at all, milliseconds. */
const patienceMs = 60_000;

async function refusalOf(response: Response, url: URL): Promise<NoAnswer> {
  const problem = (await response.json().catch(() => null)) as { code?: unknown; detail?: unknown } | null;
  const text = typeof problem?.detail === "string" ? problem.detail : `the server answered ${response.status}`;
  const code = typeof problem?.code === "string" ? problem.code : "NO_ANSWER";
  return new NoAnswer(response.status, code, `${text} (${url.pathname})`);
}

/** @throws NoAnswer */
async function ask(base: URL, path: string, { token, body }: Asking = {}): Promise<Response> {
  const url = new URL(path, base);
  const headers = {
    ...(token === undefined ? {} : { Authorization: `Bearer ${token}` }),
    ...(body === undefined ? {} : { "Content-Type": "application/json" }),
  };
  const signal = AbortSignal.timeout(patienceMs);
  const rules = { mode: "same-origin", credentials: "omit", redirect: "error", cache: "no-cache" } as const;
  let response: Response;
  try {
    const sent = body === undefined ? {} : { method: "POST", body };
    response = await window.fetch(url, { ...rules, ...sent, headers, signal });
  } catch {
    throw new NoAnswer(0, "NO_ANSWER", `this server does not answer for ${url.pathname}; is it running?`);
  }
  if (!response.ok) throw await refusalOf(response, url);
  return response;
}

type AskJson = <T>(path: string, asking?: Asking) => Promise<T>;

function jsonFrom(base: URL): AskJson {
  return async <T>(path: string, asking?: Asking) => {
    const response = await ask(base, path, asking);
    try {
      return (await response.json()) as T;
    } catch {
      throw new NoAnswer(response.status, "NO_ANSWER", `the answer for ${path} was cut off or is no JSON`);
    }
  };
}

/** Listens while the page is seen: browsers have a few connections for each server, and tabs in the background need none. */
function listenTo(base: URL): ConsoleData["listen"] {
  return (onMonths, onState) => {
    let source: EventSource | undefined;
    const stop = (): void => {
      source?.close();
      source = undefined;
      onState(false);
    };
    const start = (): void => {
      if (source) return;
      source = new EventSource(new URL("v1/updates", base));
      source.addEventListener("open", () => onState(true));
      source.addEventListener("error", () => onState(false));
      source.addEventListener("months", ({ data }: MessageEvent<string>) => onMonths(JSON.parse(data) as MonthsNow));
    };
    const follow = (): void => (document.hidden ? stop() : start());
    document.addEventListener("visibilitychange", follow);
    follow();
    return () => {
      document.removeEventListener("visibilitychange", follow);
      stop();
    };
  };
}

function queryOf(entries: Readonly<Record<string, string | number | undefined>>): string {
  const given = Object.entries(entries).filter(([, value]) => value !== undefined && value !== "");
  return new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
}

function afterOf(next: string | null): string | null {
  return next === null ? null : new URLSearchParams(next.split("?")[1]).get("after");
}

/** @param base - the folder that the console is served from, ending in a slash */
export function servedData(base: URL): ConsoleData {
  const json = jsonFrom(base);
  const bytes = async (path: string): Promise<Uint8Array> =>
    new Uint8Array(await (await ask(base, path)).arrayBuffer());
  const events = async (path: string): Promise<EventPage> => {
    const page = await json<EventPage>(path);
    return { events: page.events, next: afterOf(page.next) };
  };
  const urlOf = (path: string): string => new URL(path, base).pathname;
  return {
    source: "server",
    copied: () => Promise.resolve(null),
    facts: () => json("v1"),
    months: () => json("v1/partitions"),
    month: (month) => json(`v1/partitions/${pathOf(month)}`),
    monthFile: (month, name) => bytes(`v1/partitions/${pathOf(month, name)}`),
    events({ month, filters = {}, after, limit }) {
      const path = month === undefined ? "v1/events" : `v1/partitions/${pathOf(month)}/events`;
      return events(`${path}?${queryOf({ ...filters, after, limit })}`);
    },
    event: (id) => json(`v1/events/${pathOf(id)}`),
    proof: (id) => bytes(`v1/events/${pathOf(id)}/proof`),
    nodes: () => json<readonly NodeSummary[]>("v1/registry/nodes"),
    node: async (id) => (await json<{ node: JsonObject }>(`v1/nodes/${pathOf(...id.split("/"))}`)).node,
    release: (repo, version) => json<ReleaseView>(`v1/releases/${pathOf(...repo.split("/"), version)}`),
    anchors: async () => (await json<{ anchors: readonly Anchor[] }>("v1/anchors")).anchors,
    anchorBlob: async (hash) => (await json<{ blob: string }>(`v1/anchors/${pathOf(hash)}`)).blob,
    consistency: (oldSize, newSize) => json(`v1/consistency?${queryOf({ old: oldSize, new: newSize })}`),
    urlOf,
    verificationOf: (id) => Promise.resolve(`${urlOf("verify")}#${urlOf(`v1/events/${pathOf(id)}/proof`)}`),
    listen: listenTo(base),
  };
}

/** @param token - kept by what comes back, and nowhere else */
export function operatorData(base: URL, token: string): OperatorData {
  const json = jsonFrom(base);
  const get = <T>(name: string): Promise<T> => json<T>(`v1/admin/${name}`, { token });
  return {
    queue: () => get("jobs"),
    attempts: async () => (await get<{ attempts: readonly AttemptFacts[] }>("attempts")).attempts,
    status: () => get("status"),
    findings: () => get("findings"),
    audit: async () => (await get<{ entries: readonly AuditEntry[] }>("audit?limit=200")).entries,
    act: async (name: ActName, body) => void (await json(`v1/admin/${name}`, { token, body: JSON.stringify(body) })),
  };
}
