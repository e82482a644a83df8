import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { Ajv2020 } from "ajv/dist/2020.js";
import addFormats from "ajv-formats";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fromBase64, fromHex, toHex } from "../../src/core/bytes.ts";
import { parseBundle } from "../../src/core/bundle.ts";
import { idBytes } from "../../src/core/event.ts";
import { parseJson } from "../../src/core/json.ts";
import { leafHash } from "../../src/core/merkle.ts";
import { verifyConsistency, verifyInclusion } from "../../src/core/merkle-proof.ts";
import { openCheckpoint } from "../../src/core/checkpoint.ts";
import { parseTlogProof, verifyTlogProof } from "../../src/core/tlog-proof.ts";
import { verifyBundle } from "../../src/core/verify-bundle.ts";
import { type Running, runSample } from "./running.ts";
import { eventId, sampleMonths, settlementVkey } from "./sample-ledger.ts";

let run: Running;
beforeAll(async () => {
  run = await runSample();
});
afterAll(() => run[Symbol.asyncDispose]());

const json = async <T>(path: string): Promise<T> => (await (await run.get(path)).json()) as T;
const verdictOn = async (body: string): Promise<{ verdict: string; layers: { layer: string; status: string }[] }> =>
  (await (await run.post("/v1/verify", body)).json()) as {
    verdict: string;
    layers: { layer: string; status: string }[];
  };

describe("proofs", () => {
  test("of closed events verify offline", async () => {
    for (const [month, verdict] of [
      ["2026-01", "proven"],
      ["2026-02", "unproven"],
    ] as const) {
      const ids = (sampleMonths[month] ?? []).map(({ id }) => id);
      const bundles: Parameters<typeof parseBundle>[0][] = [];
      for (let at = 0; at < ids.length; at += 100) {
        const body = JSON.stringify({ ids: ids.slice(at, at + 100) });
        const { proofs } = parseJson(await (await run.post("/v1/proofs", body)).text()) as unknown as {
          proofs: { id: string; bundle: Parameters<typeof parseBundle>[0] }[];
        };
        expect(proofs.map(({ id }) => id)).toEqual(ids.slice(at, at + 100));
        bundles.push(...proofs.map(({ bundle }) => bundle));
      }
      // A connection that waits for us longer than five seconds is closed by the server.
      const some = bundles.filter((_, at) => at % 20 === 0 || at === bundles.length - 1);
      const verdicts = some.map((bundle) => verifyBundle(parseBundle(bundle), run.deps.trust, nodeVerify).verdict);
      expect(new Set(verdicts)).toEqual(new Set([verdict]));
    }
  });

  test("of several ids answer each, in order, repeated and mixed", async () => {
    const unknown = "00".repeat(32);
    const ids = [
      eventId("2026-02", 1),
      unknown,
      eventId("2026-01", 7),
      eventId("2026-03", 0),
      eventId("2026-01", 7).toUpperCase(),
    ];
    const answer = await run.post("/v1/proofs", JSON.stringify({ ids }));
    const { proofs } = (await answer.json()) as {
      proofs: { id: string; bundle?: object; problem?: { code: string } }[];
    };
    expect(proofs.map(({ id }) => id)).toEqual(ids.map((id) => id.toLowerCase()));
    expect(proofs.map(({ problem }) => problem?.code)).toEqual([
      undefined,
      "EVENT_NOT_FOUND",
      undefined,
      "PARTITION_NOT_CLOSED",
      undefined,
    ]);
    expect(proofs.map(({ bundle }) => bundle !== undefined)).toEqual([true, false, true, false, true]);
  });

  test("in other spellings lead to the same root", async () => {
    const id = eventId("2026-01", 256);
    const leaf = leafHash(idBytes(id));
    const path = `/v1/events/${id}/proof?spelling=`;
    const rfc = await json<{ leaf_index: number; tree_size: number; audit_path: string[]; root_hash: string }>(
      `${path}rfc6962`,
    );
    verifyInclusion(
      leaf,
      { index: rfc.leaf_index, size: rfc.tree_size, path: rfc.audit_path.map(fromBase64) },
      fromBase64(rfc.root_hash),
    );
    const rekor = await json<{
      logIndex: number;
      treeSize: number;
      hashes: string[];
      rootHash: string;
      checkpoint: string;
    }>(`${path}rekor`);
    verifyInclusion(
      leaf,
      { index: rekor.logIndex, size: rekor.treeSize, path: rekor.hashes.map(fromHex) },
      fromHex(rekor.rootHash),
    );
    expect(toHex(openCheckpoint(rekor.checkpoint, [settlementVkey]).root)).toBe(rekor.rootHash);
    const tlog = parseTlogProof(await (await run.get(`${path}tlog-proof`)).text());
    expect(verifyTlogProof(tlog, idBytes(id), [settlementVkey]).size).toBe(300);
    const tree = await json<{ leaf: string; root: string; proof: { data: string }[] }>(`${path}merkletreejs`);
    expect([tree.leaf, tree.root, tree.proof.map(({ data }) => data)]).toEqual([
      toHex(leaf),
      rekor.rootHash,
      rekor.hashes,
    ]);
  });
});

test("consistency proofs verify against the signed checkpoints", async () => {
  const texts = await Promise.all(
    ["2026-01", "2026-02"].map(async (month) => (await run.get(`/v1/partitions/${month}/ledger-checkpoint`)).text()),
  );
  const [older, newer] = texts.map((text) => openCheckpoint(text, [settlementVkey]));
  if (!older || !newer) throw new Error("two checkpoints are expected");
  const { path, consistency } = await json<{ path: string[]; consistency: string[] }>(
    `/v1/consistency?old=${older.size}&new=${newer.size}`,
  );
  verifyConsistency(older, newer, path.map(fromHex));
  expect(consistency.map((hash) => toHex(fromBase64(hash)))).toEqual(path);
  const month = await json<{ new: { root: string } }>("/v1/consistency?old=1&new=300&month=2026-01");
  expect(month.new.root).toBe((await json<{ root: string }>("/v1/partitions/2026-01")).root);
});

describe("a posted bundle", () => {
  test("is judged by the server's trust", async () => {
    const bundle = await (await run.get(`/v1/events/${eventId("2026-01", 3)}/proof`)).text();
    expect((await verdictOn(bundle)).verdict).toBe("proven");
  });

  test.for([
    ["the event", '"severity": "low"', '"severity": "high"', "event"],
    ["the count of the manifest", '"count": 300', '"count": 301', "manifest"],
    ["the close time of the receipt", '"closeTime": "2026', '"closeTime": "2025', "ledger"],
    ["the index", '"index": 3,', '"index": 2,', "inclusion"],
  ] as const)("in which %s is altered is failed, not refused", async ([, before, after, layer]) => {
    const bundle = await (await run.get(`/v1/events/${eventId("2026-01", 3)}/proof`)).text();
    expect(bundle).toContain(before);
    const { verdict, layers } = await verdictOn(bundle.replaceAll(before, after));
    expect(verdict).toBe("failed");
    expect(layers.find(({ status }) => status === "fail")?.layer).toBe(layer);
  });

  test("with any one value altered never passes and never breaks the server", async () => {
    const bundle = await (await run.get(`/v1/events/${eventId("2026-01", 3)}/proof`)).text();
    const values = Array.from(bundle.matchAll(/(?<=: |^\s+)("(?:[^"\\]|\\.)*"|\d+|null)(?=,?$)/gm));
    expect(values.length).toBeGreaterThan(80);
    const wrong: unknown[] = [];
    for (const { 0: held, index } of values) {
      for (const value of ['""', "0", "-1", "1e308", "null", "{}", `"${"f".repeat(64)}"`].filter(
        (each) => each !== held,
      )) {
        const body = `${bundle.slice(0, index)}${value}${bundle.slice(index + held.length)}`;
        const answer = await run.post("/v1/verify", body);
        const said = (await answer.json()) as { verdict?: string };
        if (answer.status !== 400 && said.verdict !== "failed")
          wrong.push([bundle.slice(index - 40, index), value, said]);
      }
    }
    expect(wrong).toEqual([]);
    expect(run.log.filter(({ level }) => level === "error")).toEqual([]);
  });
});

test("bundles and receipts fit their schemas, and what the schema refuses the parser refuses", async () => {
  const ajv = new Ajv2020({ allErrors: true, strictRequired: false });
  addFormats.default(ajv);
  const { schemas } = await json<{ schemas: string[] }>("/v1/schemas");
  for (const path of schemas) ajv.addSchema(await json<object>(path));
  const validate = ajv.getSchema("https://repomesh.dev/settlement/schemas/bundle.schema.json");
  const texts = await Promise.all(
    ["2026-01", "2026-02"].map(async (month) => (await run.get(`/v1/events/${eventId(month, 0)}/proof`)).text()),
  );
  expect(texts.map((text) => validate?.(JSON.parse(text)))).toEqual([true, true]);
  const [bundle = ""] = texts;
  const damages = [
    '"v": 1',
    '"type": "repomesh-proof-bundle"',
    '"dialect": "monthly"',
    '"networkId": 63456',
    '"coins": "',
    '"phash": "',
    '"flags": 0',
  ];
  for (const damage of damages) {
    const damaged = bundle.replaceAll(damage, `"x${damage.slice(1)}`);
    expect(damaged).not.toBe(bundle);
    expect(validate?.(JSON.parse(damaged))).toBe(false);
    expect(() => parseBundle(parseJson(damaged))).toThrow(/./);
  }
});
