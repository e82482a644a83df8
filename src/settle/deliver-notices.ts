import { canonicalJson } from "../core/canonical-json.ts";
import type { Clock, Delivery, Notices, PendingNotice, SendNotice, WebhookEndpoint } from "../ports.ts";

export interface DeliverDeps {
  readonly notices: Notices;
  readonly endpoints: readonly WebhookEndpoint[];
  readonly send: SendNotice;
  readonly clock: Clock;
}

/** How a run went for one endpoint. */
export interface EndpointReport {
  readonly endpoint: string;
  readonly delivered: number;
  /** Why the try that ended the run failed. */
  readonly fault?: string;
  /** The failed try was the last one for its notice. */
  readonly isGivenUp?: boolean;
  /** The endpoint answered 410 Gone: it is left alone until the node starts anew. */
  readonly isGone?: boolean;
  /** When the next try is due, where something is left to deliver. */
  readonly nextDueUnixMs?: number;
}

const [secondMs, minuteMs, hourMs, dayMs] = [1000, 60_000, 3_600_000, 86_400_000];

/** Time from each failed try to the next one, as Standard Webhooks proposes it; three days in all. */
export const retryWaitsMs: readonly number[] = [
  5 * secondMs,
  5 * minuteMs,
  30 * minuteMs,
  2 * hourMs,
  5 * hourMs,
  10 * hourMs,
  14 * hourMs,
  20 * hourMs,
  24 * hourMs,
];

const maxTries = retryWaitsMs.length + 1;

/** An endpoint that is new, or back after long, is not told the history; milliseconds. */
const newsMs = 30 * dayMs;

/** One node's deliveries: what it works with, and what it remembers. */
interface Deliveries extends DeliverDeps {
  /** Last failed try of this process, by endpoint and notice. */
  readonly failedUnixMs: Map<string, number>;
}

/**
 * When a notice is to be tried (again). Who has just started does not know when the last try was, and goes by the
 * timetable since the notice is there.
 */
function dueUnixMs({ name }: WebhookEndpoint, { id, tries, createdUnixMs }: PendingNotice, known: Deliveries): number {
  const failedUnixMs = known.failedUnixMs.get(`${name} ${id}`);
  if (failedUnixMs !== undefined) return failedUnixMs + (retryWaitsMs[tries - 1] ?? 0);
  return retryWaitsMs.slice(0, tries).reduce((unixMs, waitMs) => unixMs + waitMs, createdUnixMs);
}

/** What an endpoint asked for and was not told yet, oldest first. */
async function newsFor({ name, types }: WebhookEndpoint, { notices, clock }: DeliverDeps): Promise<PendingNotice[]> {
  const oldest = clock() - newsMs;
  const pending = await notices.undelivered(name, maxTries);
  return pending.filter(({ type, createdUnixMs }) => types.includes(type) && createdUnixMs >= oldest);
}

async function tryOne(endpoint: WebhookEndpoint, notice: PendingNotice, known: Deliveries): Promise<Delivery> {
  const { id, body } = notice;
  const delivery = await known.send(endpoint, { id, body: canonicalJson(body) });
  const nowUnixMs = known.clock();
  const place = `${endpoint.name} ${id}`;
  if (delivery.state === "delivered") known.failedUnixMs.delete(place);
  else known.failedUnixMs.set(place, nowUnixMs);
  await known.notices.tried(id, endpoint.name, nowUnixMs, "fault" in delivery ? delivery.fault : undefined);
  return delivery;
}

/** Delivers what is due to one endpoint, until a try fails: whoever does not answer is not asked again at once. */
async function deliverTo(endpoint: WebhookEndpoint, known: Deliveries): Promise<EndpointReport> {
  const news = await newsFor(endpoint, known);
  let delivered = 0;
  for (const notice of news.filter((each) => dueUnixMs(endpoint, each, known) <= known.clock())) {
    const delivery = await tryOne(endpoint, notice, known);
    if (delivery.state !== "delivered") {
      const { state, fault } = delivery;
      const isGivenUp = notice.tries + 1 === maxTries;
      return { endpoint: endpoint.name, delivered, fault, isGivenUp, isGone: state === "gone" };
    }
    delivered++;
  }
  return { endpoint: endpoint.name, delivered };
}

/** The report with what is left. After a failure the endpoint rests for the shortest wait. */
async function withRest(report: EndpointReport, endpoint: WebhookEndpoint, known: Deliveries): Promise<EndpointReport> {
  if (report.isGone === true) return report;
  const left = (await newsFor(endpoint, known)).map((notice) => dueUnixMs(endpoint, notice, known));
  const restedUnixMs = report.fault === undefined ? 0 : known.clock() + (retryWaitsMs[0] ?? 0);
  return left.length === 0 ? report : { ...report, nextDueUnixMs: Math.max(restedUnixMs, Math.min(...left)) };
}

/**
 * Tells every endpoint what it was not told yet. Each notice goes to each endpoint at least once, oldest first, and a
 * notice that fails waits for its next try without holding up the others: receivers go by id and timestamp.
 *
 * The function that comes back does one run. It remembers which endpoints are gone, and when it tried what.
 */
export function noticeDelivery(deps: DeliverDeps): () => Promise<readonly EndpointReport[]> {
  const gone = new Set<string>();
  const known: Deliveries = { ...deps, failedUnixMs: new Map() };
  return async () => {
    const asked = deps.endpoints.filter(({ name }) => !gone.has(name));
    // Side by side: one that lets us wait delays no other.
    const reports = await Promise.all(
      asked.map(async (endpoint) => withRest(await deliverTo(endpoint, known), endpoint, known)),
    );
    for (const { endpoint, isGone } of reports) if (isGone === true) gone.add(endpoint);
    return reports;
  };
}

/** Milliseconds until the next try of any endpoint; undefined when nothing is left to deliver. */
export function nextTryMs(reports: readonly EndpointReport[], nowUnixMs: number): number | undefined {
  const due = reports.flatMap(({ nextDueUnixMs }) => nextDueUnixMs ?? []);
  return due.length === 0 ? undefined : Math.max(secondMs, Math.min(...due) - nowUnixMs);
}
