import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { folderTree } from "../../src/adapters/folder-tree.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { proposeNode, writeNode } from "../../src/compose-nodes.ts";
import { toBase64 } from "../../src/core/bytes.ts";
import { signEd25519 } from "../../src/core/ed25519.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { nodeRequestMessage } from "../../src/core/node-request.ts";
import type { SharedLedger } from "../../src/ports.ts";
import { acceptor } from "../../src/settle/accept-events.ts";
import { validateLedger } from "../../src/validate/validate-ledger.ts";
import { acceptingInto, folderOf } from "../support/accepting.ts";
import { closedMonthlyFiles, nodeJson, nowUnixMs, seedOf } from "../support/build-ledger.ts";
import { type Running, runSample } from "./running.ts";

const gov = nodeJson("net/gov", "governance");

async function running(): Promise<Running & { readonly folder: string; readonly ledger: SharedLedger }> {
  const files = await closedMonthlyFiles();
  const folder = folderOf({ ...files, "nodes/net/gov/node.json": JSON.stringify(gov) });
  const deps = acceptingInto(folder, () => nowUnixMs);
  const open = { folder, prefix: "" as const, browsable: folderTree(folder) };
  const nodes = {
    ledger: deps.ledger,
    clock: () => nowUnixMs,
    verify: nodeVerify,
    async judge(id: string, bytes: Uint8Array) {
      const proposed = await proposeNode(open, { id, bytes }, { nowUnixMs, policy: undefined });
      return { ...proposed, write: () => writeNode(open, proposed) };
    },
  };
  const run = await runSample({
    ledger: deps.ledger,
    archive: deps.archive,
    accepting: { acceptor: acceptor(deps), nodes },
  });
  return { ...run, folder, ledger: deps.ledger, [Symbol.asyncDispose]: () => run[Symbol.asyncDispose]() };
}

async function ask(run: Running, node: JsonObject, signer = "net/gov"): Promise<unknown[]> {
  const content = {
    v: 1,
    at: new Date(nowUnixMs).toISOString().replace(".000", ""),
    by: "net/gov",
    node,
    origin: "ledger.test/ledger",
  };
  const signature = toBase64(signEd25519(seedOf(signer), nodeRequestMessage(content)));
  const answer = await run.post("/v1/nodes", JSON.stringify({ ...content, signature }));
  const json = (await answer.json()) as { state?: string; code?: string; errors?: { code: string }[] };
  return [answer.status, json.state ?? json.code, ...(json.errors ?? []).map(({ code }) => code)];
}

test("governance has a node taken in, once, and its events are taken from then on", async () => {
  await using run = await running();
  const node = nodeJson("acme/new", "compute");
  expect(await ask(run, node)).toEqual([200, "added"]);
  expect(JSON.parse(readFileSync(join(run.folder, "nodes/acme/new/node.json"), "utf8"))).toEqual(node);
  expect((await run.get("/v1/nodes/acme/new")).status).toBe(200);
  expect(await ask(run, node)).toEqual([200, "known"]);
  const { findings } = await validateLedger(folderTree(run.folder), { nowUnixMs });
  expect(findings.filter(({ severity }) => severity === "error")).toEqual([]);
});

test("nothing is written for others, of a node that is there, or against the rules", async () => {
  await using run = await running();
  expect(await ask(run, nodeJson("acme/new", "compute"), "acme/widget")).toEqual([409, "NODE_REQUEST_REFUSED"]);
  expect(await ask(run, nodeJson("acme/widget", "attestor"))).toEqual([409, "NODE_REQUEST_REFUSED"]);
  const [status, state, ...codes] = await ask(run, { ...nodeJson("acme/new", "compute"), interfaces: [] });
  expect([status, state, codes.length > 0]).toEqual([200, "refused", true]);
  expect(existsSync(join(run.folder, "nodes/acme/new"))).toBe(false);
});

test("who may not ask does not wait for the ledger, and keeps nobody from it", async () => {
  await using run = await running();
  await run.ledger.alone(async () => {
    expect(await ask(run, nodeJson("acme/new", "compute"), "acme/widget")).toEqual([409, "NODE_REQUEST_REFUSED"]);
  });
});
