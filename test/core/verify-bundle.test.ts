import { beforeAll, describe, expect, test } from "vitest";
import { memoryArchive } from "../../src/adapters/memory-archive.ts";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { bundleJson, parseBundle, readBundle } from "../../src/core/bundle.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { JsonObject, JsonValue } from "../../src/core/json.ts";
import { makeVkey } from "../../src/core/note.ts";
import { defaultTrust, type Trust } from "../../src/core/trust.ts";
import { layerNames, type Verdict } from "../../src/core/verdict.ts";
import { verifyBundle } from "../../src/core/verify-bundle.ts";
import { anchorPartition } from "../../src/settle/anchor-partition.ts";
import { closePartition } from "../../src/settle/close-partition.ts";
import { proverOf } from "../support/prove.ts";
import { publishedJson } from "../../src/settle/published-json.ts";
import { sampleLedger } from "../support/sample.ts";
import { chainOver, startNetwork } from "../support/xrpl-network.ts";
import { testAnchorDeps, testChain, testCloseDeps, testKey } from "../support/settle.ts";

let bundle: JsonObject = {};
let trust: Trust = defaultTrust;

beforeAll(async () => {
  const source = { ledger: memoryLedger(sampleLedger()), archive: memoryArchive() };
  await closePartition("2026-08", "local", testCloseDeps(source, Date.UTC(2026, 8, 2)));
  const { chain, account, close } = await testChain(() => undefined);
  await anchorPartition("2026-08", testAnchorDeps(source, chain));
  await close();
  const prover = await proverOf(source, "2026-08");
  bundle = bundleJson(await prover.prove(5));
  const logs = [makeVkey("test.example/ledger", testKey.publicKey)];
  trust = { ...defaultTrust, accounts: [{ network: "local", account }], logs };
});

/** A bundle of a network of this process that passes for a public one. */
async function bundleOn(network: "testnet" | "devnet", networkId: number): Promise<JsonObject> {
  const snapshot = sampleLedger();
  const settlement = { ...snapshot.settlement, network } as typeof snapshot.settlement;
  const source = { ledger: memoryLedger({ ...snapshot, settlement }), archive: memoryArchive() };
  await closePartition("2026-08", network, testCloseDeps(source, Date.UTC(2026, 8, 2)));
  const { server } = await startNetwork({ closeMs: 40, networkId });
  const posing: XrplServer = {
    ...server,
    async request(command, parameters) {
      const answer = await server.request(command, parameters);
      return command === "server_info"
        ? {
            ...answer,
            info: { ...(answer as { readonly info: JsonObject }).info, local_network: false, validation_quorum: 28 },
          }
        : answer;
    },
  };
  const chain = chainOver([posing], { network, ledgerWindow: 20 });
  await anchorPartition("2026-08", testAnchorDeps(source, chain));
  const prover = await proverOf(source, "2026-08");
  return bundleJson(await prover.prove(5));
}

function judge(value: JsonValue, pins = trust): Verdict["verdict"] | "refused" {
  try {
    return verifyBundle(parseBundle(value), pins, nodeVerify).verdict;
  } catch (error) {
    if (error instanceof SettlementError) return "refused";
    throw error;
  }
}

test("an untouched bundle is anchored, on the fast and on the portable path", () => {
  const read = readBundle(publishedJson(bundle));
  const verdict = verifyBundle(read, trust, nodeVerify);
  expect(verdict).toMatchObject({ verdict: "anchored", account: { pinned: true } });
  expect(verifyBundle(read, trust)).toEqual(verdict);
  expect(verdict.layers.map(({ layer }) => layer)).toEqual(layerNames);
  expect(verdict.layers.filter(({ status }) => status !== "pass").map(({ layer }) => layer)).toEqual(["validators"]);
});

test("the summary says whom a local network convinces", () => {
  expect(verifyBundle(parseBundle(bundle), trust, nodeVerify).summary).toMatch(
    / A local network convinces nobody else\.$/,
  );
});

test.for([
  ["testnet", 1],
  ["devnet", 2],
] as const)("the summary says of %s that it is reset", async ([network, networkId]) => {
  const read = parseBundle(await bundleOn(network, networkId));
  const says = new RegExp(` Test networks are reset: this is about ${network} as it was then\\.$`);
  expect(verifyBundle(read, trust, nodeVerify)).toMatchObject({
    verdict: "anchored",
    summary: expect.stringMatching(says) as string,
  });
  expect(verifyBundle(read, defaultTrust, nodeVerify)).toMatchObject({
    verdict: "unproven",
    summary: expect.stringMatching(says) as string,
  });
});

/** Every value of a JSON document altered in turn, each alteration a copy of the whole. */
function* alterations(value: JsonValue, path = "$"): Generator<readonly [path: string, altered: JsonValue]> {
  if (typeof value === "string") {
    for (const at of new Set([0, Math.floor(value.length / 2), value.length - 1])) {
      const other = value.charAt(at) === "0" ? "1" : "0";
      yield [`${path}[${at}]`, value.slice(0, at) + other + value.slice(at + 1)];
    }
    yield [`${path} longer`, `${value} `];
  } else if (typeof value === "number" || typeof value === "boolean") {
    yield [`${path} + 1`, Number(value) + 1];
    yield [`${path} as text`, String(value)];
  } else if (Array.isArray(value)) {
    yield* alteredLists(value, path);
  } else if (value !== null) {
    yield* alteredObjects(value as JsonObject, path);
  }
}

function* alteredLists(
  list: readonly JsonValue[],
  path: string,
): Generator<readonly [path: string, altered: JsonValue]> {
  yield [`${path} longer`, [...list, list[0] ?? null]];
  for (const [at, item] of list.entries()) {
    yield [`${path}[${at}] dropped`, list.toSpliced(at, 1)];
    if (at > 0 && JSON.stringify(list[at - 1]) !== JSON.stringify(item))
      yield [`${path}[${at}] swapped`, list.toSpliced(at - 1, 2, item, list[at - 1] ?? null)];
    for (const [where, altered] of alterations(item, `${path}[${at}]`)) yield [where, list.with(at, altered)];
  }
}

function* alteredObjects(object: JsonObject, path: string): Generator<readonly [path: string, altered: JsonValue]> {
  yield [`${path} with more`, { ...object, unheard: 1 }];
  for (const [name, item] of Object.entries(object)) {
    const { [name]: _dropped, ...rest } = object;
    yield [`${path}.${name} dropped`, rest];
    for (const [where, altered] of alterations(item, `${path}.${name}`)) yield [where, { ...object, [name]: altered }];
  }
}

test("whatever is altered in a bundle, it does not verify", () => {
  const all = Array.from(alterations(bundle));
  expect(all.length).toBeGreaterThan(500);
  const taken = all.filter(([, altered]) => ["anchored", "proven"].includes(judge(altered)));
  expect(taken.map(([where]) => where)).toEqual([]);
});

describe("pins", () => {
  const other = { network: "local", account: "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh" };

  test("no pins: nothing vouches for it", () => {
    const verdict = verifyBundle(parseBundle(bundle), defaultTrust, nodeVerify);
    expect(verdict).toMatchObject({ verdict: "unproven", account: { pinned: false } });
    expect(verdict.summary).toContain("anyone can anchor from an account of their own");
  });

  test("another account is pinned for the network: failed", () => {
    expect(verifyBundle(parseBundle(bundle), { ...trust, accounts: [other] }, nodeVerify)).toMatchObject({
      verdict: "failed",
      account: { pinned: false },
    });
  });

  test("another account is pinned for another network: no word about this one", () => {
    expect(judge(bundle, { ...trust, accounts: [{ ...other, network: "testnet" }] })).toBe("anchored");
  });

  test("another key is pinned under the same name: failed", () => {
    expect(judge(bundle, { ...trust, logs: [makeVkey("test.example/ledger", new Uint8Array(32).fill(9))] })).toBe(
      "failed",
    );
  });

  test("a key of another log is pinned: unproven", () => {
    expect(judge(bundle, { ...trust, logs: [makeVkey("other.example/ledger", testKey.publicKey)] })).toBe("unproven");
  });
});

test("a bundle without its receipt proves the inclusion and no more", () => {
  const { receipt: _receipt, ...rest } = bundle;
  const verdict = verifyBundle(parseBundle(rest), trust, nodeVerify);
  expect(verdict.verdict).toBe("unproven");
  expect(verdict.layers.filter(({ status }) => status === "pass").map(({ layer }) => layer)).toEqual([
    "event",
    "signature",
    "inclusion",
    "manifest",
    "checkpoint",
  ]);
});
