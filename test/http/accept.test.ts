import { expect, test } from "vitest";
import { acceptor } from "../../src/settle/accept-events.ts";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import { closedMonthlyFiles, type Json, nativeEvent, nowUnixMs, releasePayload } from "../support/build-ledger.ts";
import { type Running, runSample } from "./running.ts";

const time = "2026-03-20T11:59:00Z";
const release = (version: string, node = "acme/widget", signer = node): Json =>
  nativeEvent("ReleasePublished", node, time, releasePayload(node, version), signer);

interface Answer {
  readonly id: string | null;
  readonly state: string;
  readonly code?: string;
  readonly checkpoint?: string;
  readonly leafIndex?: number;
}

async function running(perSecond?: number): Promise<Running & { readonly folder: string }> {
  const folder = folderOf(await closedMonthlyFiles());
  const deps = acceptingInto(folder, () => nowUnixMs);
  const rate = perSecond === undefined ? {} : { rate: { perSecond, burst: 3 } };
  const run = await runSample({
    ledger: deps.ledger,
    archive: deps.archive,
    accepting: { acceptor: acceptor(deps), ...rate },
  });
  return { ...run, folder, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

async function handIn(run: Running, body: unknown): Promise<{ status: number; answers: Answer[]; code?: string }> {
  const answer = await run.post("/v1/events", JSON.stringify(body));
  const json = (await answer.json()) as { answers?: Answer[]; code?: string };
  return {
    status: answer.status,
    answers: json.answers ?? [],
    ...(json.code === undefined ? {} : { code: json.code }),
  };
}

test("what is handed in is in the ledger, promised and served; the same again gets its first promise", async () => {
  await using run = await running();
  const events = [release("7.0.0"), release("7.1.0"), release("0.9.0", "acme/gadget")];
  const first = await handIn(run, { events });
  expect([first.status, first.answers.map(({ state }) => state)]).toEqual([200, ["accepted", "accepted", "accepted"]]);
  const alone = await handIn(run, events[1]);
  expect(alone.answers).toEqual([{ ...first.answers[1], state: "known" }]);
  for (const { id } of first.answers) expect((await run.get(`/v1/events/${id}`)).status).toBe(200);
  const found = await run.get("/v1/events?repo=acme/widget&version=7.1.0");
  expect(((await found.json()) as { events: { id: string }[] }).events.map(({ id }) => id)).toEqual([
    events[1]?.["id"],
  ]);
  const { findings } = await validateLedger(folderTree(run.folder), { nowUnixMs });
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("a bad event says why, and keeps the good ones beside it in", async () => {
  await using run = await running();
  const foreign = release("7.0.0", "acme/widget", "acme/gadget");
  const { status, answers } = await handIn(run, { events: [foreign, release("7.0.1"), {}, 5] });
  expect([status, answers.map(({ state, code }) => code ?? state)]).toEqual([
    200,
    ["SIGNATURE_INVALID", "accepted", "LEDGER_MIXED_DIALECTS", "EVENT_MALFORMED"],
  ]);
});

test.each([
  ["nothing", "", 400, "JSON_MALFORMED"],
  ["no event", '{"events":[]}', 400, "REQUEST_MALFORMED"],
  ["too many", JSON.stringify({ events: Array.from({ length: 1001 }, () => ({})) }), 400, "REQUEST_MALFORMED"],
  ["another member", '{"events":[{}],"token":"x"}', 400, "REQUEST_MALFORMED"],
  ["too much", JSON.stringify({ events: ["x".repeat(5_000_000)] }), 413, "REQUEST_TOO_LARGE"],
  ["twice the same member", '{"events":[{}],"events":[{}]}', 400, "JSON_DUPLICATE_KEY"],
])("%s is no request", async (_, body, status, code) => {
  await using run = await running();
  const answer = await run.post("/v1/events", body);
  expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([status, code]);
});

test("a node that hands in too much waits; who only claims to be another takes nothing from it", async () => {
  await using run = await running(1);
  // Not accepted, so nothing is counted.
  for (let at = 0; at < 10; at++) await handIn(run, release(`6.0.${at}`, "acme/widget", "acme/gadget"));
  const many = await handIn(run, { events: Array.from({ length: 5 }, (_, at) => release(`7.0.${at}`)) });
  expect(many.answers.every(({ state }) => state === "accepted")).toBe(true);
  const answer = await run.post("/v1/events", JSON.stringify(release("7.1.0")));
  expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, "1"]);
  expect(((await answer.json()) as { code: string }).code).toBe("RATE_LIMITED");
  expect((await handIn(run, release("0.9.1", "acme/gadget"))).answers[0]?.state).toBe("accepted");
});

test("without a door there is none", async () => {
  await using run = await runSample();
  const answer = await run.post("/v1/events", "{}");
  expect([answer.status, answer.headers.get("Allow")]).toEqual([405, "GET, HEAD, OPTIONS"]);
});
