import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { errorKinds, SettlementError } from "../../src/core/error.ts";
import { routesOf } from "../../src/http/app.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { toBase64 } from "../../src/core/bytes.ts";
import { signEd25519 } from "../../src/core/ed25519.ts";
import { parseNodeManifest } from "../../src/core/node-manifest.ts";
import { nodeRequestMessage } from "../../src/core/node-request.ts";
import { problemOf } from "../../src/http/problem.ts";
import type { AddNodeDeps } from "../../src/settle/add-node.ts";
import { nodeJson, seedOf } from "../support/build-ledger.ts";
import type { Verdict } from "../../src/settle/accept-promises.ts";
import { describedBy, type Description, type Document } from "./description.ts";
import { anchoredMonth, bearer, failedJob, forOperators, rejectedMonth } from "./operators.ts";
import { type Running, runSample } from "./running.ts";
import { eventId } from "./sample-ledger.ts";

/** One of each, as the node answers. */
const verdicts: readonly Verdict[] = [
  {
    state: "accepted",
    id: "0".repeat(64),
    promise: {
      id: "0".repeat(64),
      origin: "test.example/ledger",
      leafIndex: 7,
      checkpoint: "test.example/ledger\n8\nAA==\n\n— test.example/ledger AA==\n",
      acceptedUnixMs: 0,
    },
  },
  { state: "refused", code: "EVENT_DUPLICATE", reason: "it is there", hint: "leave it out" },
];

const nodeContent = {
  v: 1,
  at: "2026-03-20T12:00:00Z",
  by: "net/gov",
  node: nodeJson("acme/new", "compute"),
  origin: "test.example/ledger",
};
const nodeRequest = JSON.stringify({
  ...nodeContent,
  signature: toBase64(signEd25519(seedOf("net/gov"), nodeRequestMessage(nodeContent))),
});

/** A ledger whose one node is governance, and that takes everything. */
const addingNodes: AddNodeDeps = {
  ledger: memoryLedger({
    settlement: { v: 1, host: "test.example", network: "local", key: "", accounts: [] },
    nodes: [parseNodeManifest(nodeJson("net/gov", "governance"))],
  }),
  clock: () => Date.parse(nodeContent.at),
  verify: nodeVerify,
  judge: async () => ({ errors: [], warnings: [], write: async () => undefined }),
};

let run: Running;
let description: Description;

beforeAll(async () => {
  run = await runSample({
    ...forOperators(),
    accepting: { acceptor: { accept: async () => verdicts }, nodes: addingNodes },
  });
  description = describedBy((await (await run.get("/v1/openapi.json")).json()) as Document);
});
afterAll(() => run[Symbol.asyncDispose]());

/** `/v1/x/:a/*b` as OpenAPI writes it. */
function template(path: string): string {
  return path.replace(/[:*](\w+)/g, "{$1}");
}

describe("description and routes", () => {
  test("say the same paths and methods", () => {
    const real = routesOf(run.deps).map(({ path, body }) => `${body ? "post" : "get"} ${template(path)}`);
    expect(real.length).toBeGreaterThan(25);
    const documented = description.operations().map(([path, method]) => `${method} ${path}`);
    expect(documented.toSorted()).toEqual(real.toSorted());
  });

  test("say the same parameters", () => {
    const real = routesOf(run.deps).map(({ path, body, query = [] }) => {
      const inPath = Array.from(path.matchAll(/[:*](\w+)/g), (match) => `path ${match[1]}`);
      return [
        `${body ? "post" : "get"} ${template(path)}`,
        [...inPath, ...query.map((name) => `query ${name}`)].toSorted(),
      ];
    });
    const documented = description.operations().map(([path, method, { parameters = [] }]) => {
      const resolved = parameters.map((each) => description.resolve<{ name: string; in: string }>(each));
      return [`${method} ${path}`, resolved.map((each) => `${each.in} ${each.name}`).toSorted()];
    });
    expect(Object.fromEntries(documented)).toEqual(Object.fromEntries(real));
  });

  test("operation ids are unique", () => {
    const ids = description.operations().map(([, , { operationId }]) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  test("each code exists, and its status is among the responses", () => {
    const { "x-common-problem-codes": common } = description.document;
    const bad = description.operations().flatMap(([path, , operation]) =>
      [...operation["x-problem-codes"], ...common].filter((code) => {
        const known = Object.hasOwn(errorKinds, code);
        if (!known && (code as string) !== "INTERNAL_ERROR") return true;
        const { status } = problemOf(known ? new SettlementError(code, "") : new Error(code), path);
        return !Object.hasOwn(operation.responses, status);
      }),
    );
    expect(bad).toEqual([]);
  });

  test("every example fits its schema", () => {
    const examples = description.examples();
    expect(examples.length).toBeGreaterThan(30);
    const faults = examples.map(([place, value]) => [place.join(" "), ...description.schemaFaults(place, value)]);
    expect(faults.filter(([, ...rest]) => rest.length > 0)).toEqual([]);
  });

  test("every answer in JSON has an example", () => {
    const shown = new Set(description.examples().map(([[, path, method]]) => `${method} ${path}`));
    const inJson = description
      .operations()
      .filter(([, , { responses }]) =>
        /"application\/json"/.test(JSON.stringify([responses["200"], responses["202"]])),
      );
    expect(inJson.map(([path, method]) => `${method} ${path}`).filter((name) => !shown.has(name))).toEqual([]);
  });
});

const release = eventId("2026-01", 0);
const unknown = "00".repeat(32);

/** Requests that reach every operation with every status it can be made to give here. */
const requests: readonly (readonly [method: "get" | "post", template: string, url: string, body?: string])[] = [
  ["get", "/v1", "/v1"],
  ["get", "/v1/health", "/v1/health"],
  ["get", "/v1/health", "/v1/health?x=1"],
  ["get", "/v1/ready", "/v1/ready"],
  ["get", "/healthz", "/healthz"],
  ["get", "/readyz", "/readyz"],
  ["get", "/readyz", "/readyz?verbose"],
  ["get", "/metrics", "/metrics"],
  ["post", "/v1/events", "/v1/events", '{"events":[{"type":"ReleasePublished"},{}]}'],
  ["post", "/v1/events", "/v1/events", '{"events":[]}'],
  ["post", "/v1/events", "/v1/events", "["],
  ["get", "/v1/tile/{tile}", "/v1/tile/0/000.p/7"],
  ["get", "/v1/tile/{tile}", "/v1/tile/entries/000"],
  ["get", "/v1/tile/{tile}", "/v1/tile/rubbish"],
  ["post", "/v1/nodes", "/v1/nodes", nodeRequest],
  ["post", "/v1/nodes", "/v1/nodes", nodeRequest.replace("acme/new", "acme/other")],
  ["post", "/v1/nodes", "/v1/nodes", "{}"],
  ["get", "/v1/partitions", "/v1/partitions"],
  ...["2026-01", "2026-02", "2026-03", "2026-04", "2026-13"].flatMap((month) =>
    [
      "",
      "/events",
      "/events?limit=2",
      "/checkpoint",
      "/ledger-checkpoint",
      "/manifest",
      "/evidence",
      "/nodes",
      "/receipt",
      "/xpop",
    ].map(
      (rest) => ["get", `/v1/partitions/{month}${rest.replace(/\?.*/, "")}`, `/v1/partitions/${month}${rest}`] as const,
    ),
  ),
  ["get", "/v1/partitions/{month}/events", `/v1/partitions/2026-01/events?after=${release}`],
  ["get", "/v1/partitions/{month}/events", `/v1/partitions/2026-02/events?after=${release}`],
  ...["0/000", "0/001.p/44", "1/000.p/1", "entries/000", "0/002", "2/000", "x"].map(
    (tile) => ["get", "/v1/partitions/{month}/tile/{tile}", `/v1/partitions/2026-01/tile/${tile}`] as const,
  ),
  ["get", "/v1/checkpoint", "/v1/checkpoint"],
  ["get", "/v1/consistency", "/v1/consistency?old=0&new=0"],
  ["get", "/v1/consistency", "/v1/consistency?old=7&new=303"],
  ["get", "/v1/consistency", "/v1/consistency?old=7&new=304"],
  ["get", "/v1/consistency", "/v1/consistency?old=7&new=300&month=2026-01"],
  ["get", "/v1/consistency", "/v1/consistency?old=0&new=1&month=2026-03"],
  ["get", "/v1/events", "/v1/events"],
  ["get", "/v1/events", "/v1/events?repo=acme/compiler&version=1.0.0&type=ReleasePublished&node=acme/compiler&limit=1"],
  ["get", "/v1/events", `/v1/events?after=${unknown}`],
  ["get", "/v1/events/{id}", `/v1/events/${release}`],
  ["get", "/v1/events/{id}", `/v1/events/${unknown}`],
  ...["bundle", "tlog-proof", "rfc6962", "rekor", "merkletreejs", "asn1"].map(
    (spelling) => ["get", "/v1/events/{id}/proof", `/v1/events/${release}/proof?spelling=${spelling}`] as const,
  ),
  ["get", "/v1/events/{id}/proof", `/v1/events/${eventId("2026-03", 0)}/proof`],
  ["get", "/v1/releases/{org}/{repo}/{version}/proof", "/v1/releases/acme/compiler/1.1.0/proof"],
  ["get", "/v1/releases/{org}/{repo}/{version}/proof", "/v1/releases/acme/compiler/9.9.9/proof"],
  ["post", "/v1/proofs", "/v1/proofs", JSON.stringify({ ids: [release, unknown, eventId("2026-03", 0)] })],
  ["post", "/v1/proofs", "/v1/proofs", "{"],
  ["post", "/v1/verify", "/v1/verify", "{}"],
  ["get", "/v1/anchors", "/v1/anchors"],
  ["get", "/v1/anchors/{hash}", `/v1/anchors/${unknown}`],
  ["get", "/v1/nodes", "/v1/nodes?limit=2"],
  ["get", "/v1/nodes", "/v1/nodes?after=acme/compiler"],
  ["get", "/v1/nodes/{org}/{repo}", "/v1/nodes/acme/watch"],
  ["get", "/v1/nodes/{org}/{repo}", "/v1/nodes/acme/nobody"],
  ["get", "/v1/capabilities", "/v1/capabilities"],
  ...["nodes", "capabilities", "dependencies"].map(
    (name) => ["get", `/v1/registry/${name}`, `/v1/registry/${name}`] as const,
  ),
  ...["1.0.0", "1.1.0?require=anchored", "2.0.0?profile=regulated", "9.9.9", "1.0.0?require=x", "1.0.0?profile=-"].map(
    (name) => ["get", "/v1/releases/{org}/{repo}/{version}", `/v1/releases/acme/compiler/${name}`] as const,
  ),
  ...["compiler.svg", "watch.svg", "nobody.svg", "compiler.svg?show=x"].map(
    (name) => ["get", "/v1/badges/{org}/{repo}.svg", `/v1/badges/acme/${name}`] as const,
  ),
  ...["1.0.0.svg", "1.0.0.svg?show=anchored", "9.9.9.svg"].map(
    (name) => ["get", "/v1/badges/{org}/{repo}/{version}.svg", `/v1/badges/acme/compiler/${name}`] as const,
  ),
  ["get", "/v1/openapi.yaml", "/v1/openapi.yaml"],
  ["get", "/v1/openapi.json", "/v1/openapi.json"],
  ["get", "/v1/schemas", "/v1/schemas"],
  ["get", "/v1/schemas/{name}", "/v1/schemas/events/ReleasePublished.json"],
  ["get", "/v1/schemas/{name}", "/v1/schemas/nothing.json"],
  ["get", "/verify", "/verify"],
  ["get", "/", "/"],
  ["get", "/v1/updates", "/v1/updates"],
  ["get", "/v1/updates", "/v1/updates?x=1"],
  ["get", "/v1/admin/status", "/v1/admin/status"],
  ["get", "/v1/admin/findings", "/v1/admin/findings"],
  ...["close", "anchor"].flatMap((act) =>
    ["{}", '{"month":"2026-03"}', '{"month":"2026-13"}', '{"months":[]}', "{"].map(
      (body) => ["post", `/v1/admin/${act}`, `/v1/admin/${act}`, body] as const,
    ),
  ),
  ...["reconcile", "pause", "resume"].flatMap((act) =>
    ["{}", '{"month":"2026-03"}', "null"].map(
      (body) => ["post", `/v1/admin/${act}`, `/v1/admin/${act}`, body] as const,
    ),
  ),
  ...[
    `{"job":"${failedJob}"}`,
    `{"job":"${rejectedMonth}"}`,
    `{"job":"${anchoredMonth}"}`,
    '{"job":"anchor-2020-01"}',
    '{"job":""}',
    "{}",
  ].map((body) => ["post", "/v1/admin/retry", "/v1/admin/retry", body] as const),
  ["get", "/v1/admin/jobs", "/v1/admin/jobs"],
  ["get", "/v1/admin/attempts", "/v1/admin/attempts"],
  ["get", "/v1/admin/audit", "/v1/admin/audit?limit=3"],
  ["get", "/v1/admin/audit", "/v1/admin/audit?limit=0"],
];

/** Of an answer that never ends, what came at once. */
async function withoutRest(answer: Response): Promise<Response> {
  if (answer.headers.get("Content-Type") !== "text/event-stream") return answer;
  const reader = answer.body?.getReader();
  const first = await reader?.read();
  await reader?.cancel();
  return new Response(first?.value, answer);
}

test("real answers are as described, and every operation is seen to succeed", async () => {
  const succeeded = new Set<string>();
  const faults: string[] = [];
  const send = async (
    method: "get" | "post",
    path: string,
    url: string,
    body = "",
    headers: Record<string, string> = bearer,
  ): Promise<string> => {
    const answer = method === "get" ? await run.get(url, headers) : await run.post(url, body, headers);
    const response = await withoutRest(answer);
    const text = await response.clone().text();
    faults.push(...(await description.answerFaults(method, path, response)));
    if (response.ok) succeeded.add(`${method} ${path}`);
    return text;
  };
  for (const [method, path, url, body] of requests) await send(method, path, url, body);
  for (const [method, path, url, body] of requests.filter(([, path]) => path.startsWith("/v1/admin/"))) {
    await send(method, path, url, body, {});
  }
  const bundle = await send("get", "/v1/events/{id}/proof", `/v1/events/${release}/proof`);
  await send("post", "/v1/verify", "/v1/verify", bundle);
  await send("post", "/v1/verify", "/v1/verify", bundle.replace('"commit": "c0', '"commit": "c1'));
  const { anchors } = JSON.parse(await send("get", "/v1/anchors", "/v1/anchors")) as {
    anchors: { transactionHash: string }[];
  };
  for (const { transactionHash } of anchors) {
    await send("get", "/v1/anchors/{hash}", `/v1/anchors/${transactionHash}`);
  }
  expect(faults).toEqual([]);
  const all = description.operations().map(([path, method]) => `${method} ${path}`);
  expect([...succeeded].toSorted()).toEqual(all.toSorted());
});
