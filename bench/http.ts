import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { sampleMonths } from "../test/http/sample-ledger.ts";
import { type Answers, putLoad } from "./http-load.ts";
import type { Served } from "./http-server.ts";
import { median, type Row } from "./row.ts";

const rounds = 7;
const roundMs = 1000;
const saturationMs = 4000;
const clients = { steady: 16, many: 400 };
const batchSize = 20;
/** Memory that limits leave to a load, however large it is. */
const mostMb = 512;
/** Share of the requests a second of the bare route that ours has to reach. */
const leastShare = 0.7;

const ids = (sampleMonths["2026-01"] ?? []).map(({ id }) => id);

const proofRequests = ids.map((id) => Buffer.from(`GET /v1/events/${id}/proof HTTP/1.1\r\nHost: bench\r\n\r\n`));

/** Much work for one request. */
function batchRequest(): Buffer {
  const body = JSON.stringify({ ids: ids.slice(0, batchSize) });
  const head = ["POST /v1/proofs HTTP/1.1", "Host: bench", "Content-Type: application/json"];
  return Buffer.from(`${[...head, `Content-Length: ${body.length}`].join("\r\n")}\r\n\r\n${body}`);
}

/** Milliseconds of a thousand requests. @param most - requests; as many as fit into a round when left out */
async function thousandMs(url: string, most?: number): Promise<number> {
  const load = { url, clients: clients.steady, requests: proofRequests, pauseMs: 0 };
  const end = most === undefined ? { durationMs: roundMs } : { durationMs: Infinity, most };
  const { answeredMs, shed, tookMs } = await putLoad({ ...load, ...end });
  if (shed > 0) throw new Error(`${shed} requests were turned away by a server that is not full`);
  return (1000 * tookMs) / answeredMs.length;
}

function perSecond(ms: number): string {
  return Math.round(1_000_000 / ms).toString();
}

/** Proofs that are asked for again and again, as those of releases are; what the first time costs is in the name. */
async function throughput({ ours, bare }: Served): Promise<Row> {
  const firstMs = await thousandMs(ours, proofRequests.length);
  const times: [number[], number[]] = [[], []];
  for (let round = 0; round <= rounds; round++) {
    const [mine, floor] = [await thousandMs(ours), await thousandMs(bare)];
    // The first warms up.
    if (round === 0) continue;
    times[0].push(mine);
    times[1].push(floor);
  }
  const [oursMs, baselineMs] = [median(times[0]), median(times[1])];
  const name = `a thousand proofs asked for again (${perSecond(oursMs)} a second, the first time ${perSecond(firstMs)})`;
  return { name, baseline: "a bare Express route with the same bytes", oursMs, baselineMs, target: 1 / leastShare };
}

function p99Of({ answeredMs }: Answers): number {
  return answeredMs.toSorted((a, b) => a - b)[Math.floor(answeredMs.length * 0.99)] ?? NaN;
}

/** Resident memory at its peak since the last time it was asked for. */
async function peakMb(server: ChildProcess): Promise<number> {
  server.send("peak");
  const [bytes] = (await once(server, "message")) as [number];
  return bytes / 2 ** 20;
}

/** The slowest answers of a server that has far more requests than it can do, beside the same without limits. */
async function saturation(server: ChildProcess, { ours, unlimited }: Served): Promise<Row> {
  const load = { clients: clients.many, durationMs: saturationMs, requests: [batchRequest()], pauseMs: 100 };
  const beforeMb = await peakMb(server);
  const limited = await putLoad({ ...load, url: ours });
  const extraMb = (await peakMb(server)) - beforeMb;
  const open = await putLoad({ ...load, url: unlimited });
  const { answeredMs, shed } = limited;
  const share = Math.round((100 * shed) / (shed + answeredMs.length));
  const [each, openEach] = [limited, open].map(({ answeredMs, tookMs }) =>
    perSecond((tookMs / answeredMs.length) * 1000),
  );
  const done = `${each} answered a second, without limits ${openEach}`;
  const name = `p99 of ${batchSize} proofs a request, ${clients.many} clients (${share} % turned away, ${done})`;
  const [oursMs, baselineMs] = [p99Of(limited), p99Of(open)];
  return { name, baseline: "the same without limits", oursMs, baselineMs, target: 1, extraMb, mostMb };
}

/** What the API costs above the HTTP below it, and what it does when it cannot answer everybody. */
export async function measureHttp(): Promise<readonly Row[]> {
  const server = fork(fileURLToPath(new URL("http-server.ts", import.meta.url)), { execArgv: [] });
  try {
    const [served] = (await once(server, "message")) as [Served];
    return [await throughput(served), await saturation(server, served)];
  } finally {
    // It clears away its folder.
    server.disconnect();
    await once(server, "exit");
  }
}
