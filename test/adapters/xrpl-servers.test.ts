import { beforeEach, describe, expect, test } from "vitest";
import { type XrplServer, xrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { SettlementError } from "../../src/core/error.ts";
import type { JsonObject } from "../../src/core/json.ts";
import type { LogEntry } from "../../src/ports.ts";
import { counting, lying, named, withMember } from "../support/xrpl-liar.ts";
import { chainOver, claim, memos, type Network, signed, startNetwork } from "../support/xrpl-network.ts";
import { seenLedgers } from "../support/xrpl-seen-ledgers.ts";

let network: Network;
let server: XrplServer;
let second: XrplServer;

beforeEach(async () => {
  network = await startNetwork();
  ({ server } = network);
  second = named(server, "second");
});

/** A server that gives the same to everything. */
function always(answer: unknown): XrplServer {
  return { ...server, endpoint: "first", request: () => Promise.resolve(answer as JsonObject) };
}

const unreachable: XrplServer = {
  ...always({}),
  request: () => Promise.reject(new SettlementError("CHAIN_UNREACHABLE", "it is gone")),
};

function telling(path: readonly string[], value: JsonObject[string] | undefined): XrplServer {
  return lying(server, { server_info: (answer) => withMember(answer, path, value) });
}

/** What Clio says, which is not that it follows the network. */
function clio(withServerBehind: boolean): XrplServer {
  return lying(server, {
    server_info(answer) {
      const { build_version: _, server_state: __, ...info } = answer["info"] as JsonObject;
      const { network_id: ___, ...nameless } = info;
      return {
        info: { ...(withServerBehind ? { ...info, rippled_version: "3.2.0" } : nameless), clio_version: "2.7.0" },
      };
    },
  });
}

const refusing = (error: string): XrplServer => always({ error, message: "Not synced to the network." });

describe("a server that cannot be used is passed over for the next", () => {
  test.for([
    { name: "gone", unfit: () => unreachable, code: "CHAIN_UNREACHABLE" },
    { name: "not of the network for the moment", unfit: () => refusing("noNetwork"), code: "CHAIN_UNREACHABLE" },
    { name: "not in sync, in API version 2", unfit: () => refusing("notSynced"), code: "CHAIN_UNREACHABLE" },
    { name: "busy", unfit: () => refusing("slowDown"), code: "CHAIN_UNREACHABLE" },
    { name: "malformed", unfit: () => always({ info: [] }), code: "CHAIN_ANSWER_MALFORMED" },
    { name: "of another network", unfit: () => telling(["info", "network_id"], 1), code: "CHAIN_WRONG_NETWORK" },
    {
      name: "of a network without a name",
      unfit: () => telling(["info", "network_id"], undefined),
      code: "CHAIN_WRONG_NETWORK",
    },
    { name: "disconnected", unfit: () => telling(["info", "server_state"], "disconnected"), code: "CHAIN_STALE" },
    { name: "syncing", unfit: () => telling(["info", "server_state"], "syncing"), code: "CHAIN_STALE" },
    { name: "stalled", unfit: () => telling(["info", "validated_ledger", "age"], 61), code: "CHAIN_STALE" },
    {
      name: "without any validated ledger",
      unfit: () => telling(["info", "validated_ledger"], undefined),
      code: "CHAIN_STALE",
    },
    { name: "amendment blocked", unfit: () => telling(["info", "amendment_blocked"], true), code: "CHAIN_STALE" },
    { name: "Clio without a server behind it", unfit: () => clio(false), code: "CHAIN_UNREACHABLE" },
  ])("$name", async ({ unfit, code }) => {
    const alone = chainOver([unfit()]);
    const anchor = await signed(chainOver([server]));
    await expect(alone.status()).rejects.toMatchObject({ code });
    await expect(alone.outcome(anchor)).rejects.toMatchObject({ code });
    await expect(alone.history(claim)).rejects.toMatchObject({ code });
    await expect(alone.sign(memos, 1)).rejects.toMatchObject({ code });
    await expect(alone.capture(2)).rejects.toMatchObject({ code });

    const both = chainOver([unfit(), second]);
    expect((await both.status()).server).toContain("second");
    await both.submit(anchor);
    network.close(1);
    expect(await both.outcome(anchor)).toMatchObject({ state: "validated" });
    expect((await both.history(claim)).found?.hash).toBe(anchor.hash);
  });

  test.for([
    { name: "alone, as it says", path: ["info", "local_network"], value: undefined },
    { name: "alone, by its quorum", path: ["info", "validation_quorum"], value: 28 },
  ])("a server without network id that is $name is not the main network", async ({ path, value }) => {
    const nameless = telling(["info", "network_id"], undefined);
    const half = lying(nameless, { server_info: (answer) => withMember(answer, path, value) });
    const alone = { code: "CHAIN_WRONG_NETWORK", message: expect.stringContaining("of its own") as string };
    await expect(chainOver([half], { network: "mainnet" }).status()).rejects.toMatchObject(alone);
    const validated = lying(half, {
      server_info: (answer) =>
        withMember(withMember(answer, ["info", "local_network"], undefined), ["info", "validation_quorum"], 28),
    });
    expect(await chainOver([validated], { network: "mainnet" }).status()).toMatchObject({ networkId: 0 });
  });

  test("a Clio that follows its server is used", async () => {
    expect((await chainOver([clio(true)]).status()).server).toBe("liar (2.7.0)");
  });

  test("a server so stale that it reports no age is not taken for a new one", async () => {
    const ageless = telling(["info", "validated_ledger", "age"], 0);
    const inTwoWeeks = (): number => Date.now() + 14 * 86_400_000;
    await expect(chainOver([ageless], { clock: inTwoWeeks }).status()).rejects.toMatchObject({ code: "CHAIN_STALE" });
    // An age it can report is its own, whatever our clock says.
    const aged = telling(["info", "validated_ledger", "age"], 1);
    expect(await chainOver([aged], { clock: inTwoWeeks }).status()).toMatchObject({ ledgerAgeS: 1 });
  });

  test("the age of a network in this process says nothing", async () => {
    const stopped = telling(["info", "validated_ledger", "age"], 86_400);
    expect(await chainOver([stopped], { staleAfterS: Infinity }).status()).toMatchObject({ ledgerAgeS: 86_400 });
  });

  test("none at all", async () => {
    await expect(chainOver([]).status()).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
    await expect(chainOver([unreachable, telling(["info", "network_id"], 1)]).status()).rejects.toMatchObject({
      code: "CHAIN_UNREACHABLE",
    });
  });
});

test("of two local networks the first one found is meant, unless an id is given", async () => {
  const other = await startNetwork({ networkId: 2000 });
  const both = [server, other.server];
  expect(await chainOver(both).status()).toMatchObject({ networkId: 63_456 });
  expect(await chainOver(both, { networkId: 2000 }).status()).toMatchObject({ networkId: 2000 });
  const anchor = await chainOver([server]).sign(memos, 2);
  await expect(chainOver([other.server]).outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_WRONG_NETWORK" });
  const chain = chainOver([unreachable, other.server, server]);
  expect(await chain.status()).toMatchObject({ networkId: 2000 });
  expect(await chain.status()).toMatchObject({ networkId: 2000 });
});

describe("a server is set aside for a time, not for ever", () => {
  /** A server that breaks when told to, and counts. */
  function breakable(broken: () => unknown): { first: XrplServer & { count(): number }; state: { broken: boolean } } {
    const state = { broken: true };
    const first = counting({
      ...server,
      endpoint: "first",
      async request(command, parameters) {
        return state.broken ? ((await broken()) as JsonObject) : server.request(command, parameters);
      },
    });
    return { first, state };
  }

  test.for([
    { name: "gone", broken: () => unreachable.request("any") },
    { name: "malformed", broken: () => ({ info: 7 }) },
  ])("one that is $name is asked again after a minute", async ({ broken }) => {
    let nowMs = Date.now();
    const { first, state } = breakable(broken);
    const entries: LogEntry[] = [];
    const chain = chainOver([first, second], { clock: () => nowMs, log: (entry) => entries.push(entry) });
    expect((await chain.status()).server).toContain("second");
    state.broken = false;
    const asked = first.count();
    nowMs += 59_000;
    expect((await chain.status()).server).toContain("second");
    expect(first.count()).toBe(asked);
    nowMs += 1000;
    expect((await chain.status()).server).toContain("first");
    expect(entries.map(({ level, endpoint }) => [level, endpoint])).toEqual([
      ["warn", "first"],
      ["info", "first"],
    ]);
  });

  test("it is heard where every voice counts, and used again when it is well", async () => {
    const { first, state } = breakable(() => unreachable.request("any"));
    const chain = chainOver([first, second]);
    await chain.status();
    state.broken = false;
    await chain.history(claim);
    expect((await chain.status()).server).toContain("first");
  });

  test("a clock that is set back brings it back", async () => {
    let nowMs = Date.now();
    const { first, state } = breakable(() => unreachable.request("any"));
    const chain = chainOver([first, second], { clock: () => nowMs });
    await chain.status();
    state.broken = false;
    nowMs -= 3_600_000;
    expect((await chain.status()).server).toContain("first");
  });

  test("it is asked at once where there is no other", async () => {
    const { first, state } = breakable(() => unreachable.request("any"));
    const chain = chainOver([first]);
    await expect(chain.status()).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
    state.broken = false;
    expect((await chain.status()).server).toContain("first");
  });

  test("one that lied is asked again after ten minutes, and not before", async () => {
    let nowMs = Date.now();
    const anchor = await signed(chainOver([server]));
    await chainOver([server]).submit(anchor);
    network.close(1);
    let lies = true;
    const liar = lying(server, { tx: (answer) => ({ ...answer, ledger_index: 3 }) });
    const first = counting({
      ...liar,
      request: (command, parameters) => (lies ? liar : server).request(command, parameters),
    });
    const chain = chainOver([first], { clock: () => nowMs });
    await expect(chain.outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    lies = false;
    const asked = first.count();
    nowMs += 599_000;
    await expect(chain.outcome(anchor)).rejects.toMatchObject({ code: "CHAIN_ANSWER_REFUTED" });
    expect(first.count()).toBe(asked);
    nowMs += 1000;
    expect(await chain.outcome(anchor)).toMatchObject({ state: "validated" });
  });
});

describe("a server that shows the same ledger as new for ever", () => {
  test("is stale after a minute of looks, until it moves", async () => {
    let nowMs = Date.now();
    const chain = chainOver([server], { clock: () => nowMs });
    for (let looks = 0; looks <= 12; looks++) {
      await chain.status();
      nowMs += 5000;
    }
    await expect(chain.status()).rejects.toMatchObject({ code: "CHAIN_STALE" });
    network.close(1);
    await chain.status();
  });

  test("is not called stale by a clock that jumps", async () => {
    let nowMs = Date.now();
    const chain = chainOver([server], { clock: () => nowMs });
    for (const jumpMs of [0, 3_600_000, -7_200_000, 86_400_000]) {
      nowMs += jumpMs;
      await expect(chain.status()).resolves.toBeDefined();
    }
  });
});

describe("the fee", () => {
  const asking = (drops: string): XrplServer =>
    lying(server, { fee: (answer) => withMember(answer, ["drops", "open_ledger_fee"], drops) });

  test.for([
    { name: "asks too little", fees: ["1", "12"], fee: 12 },
    { name: "asks more than the cap", fees: ["99999999", "12"], fee: 12 },
    { name: "says nothing of use", fees: ["0", "many", "12"], fee: 12 },
    { name: "asks more, within the cap", fees: ["5000", "12"], fee: 5000 },
  ])("of a server that $name", async ({ fees, fee }) => {
    const chain = chainOver(fees.map(asking));
    expect((await chain.status()).feeDrops).toBe(fee);
    expect((await chain.sign(memos, 2)).feeDrops).toBe(fee);
  });

  test("above the cap on all of them is waited out", async () => {
    const chain = chainOver([asking("20000"), asking("30000")]);
    expect((await chain.status()).feeDrops).toBe(20_000);
    await expect(chain.sign(memos, 2)).rejects.toMatchObject({ code: "FEE_ABOVE_CAP" });
  });
});

describe("a submission", () => {
  const saying = (answer: unknown): XrplServer & { count(command?: string): number } =>
    counting({
      ...server,
      request: async (command, parameters) =>
        command === "submit" ? (answer as JsonObject) : server.request(command, parameters),
    });

  test("goes to every server, stale ones too, and its best word is told", async () => {
    const anchor = await signed(chainOver([server]));
    const all = [
      saying({ engine_result: "temMALFORMED" }),
      saying({ error: "noNetwork", message: "" }),
      counting(telling(["info", "server_state"], "connected")),
      saying({ error: "invalidTransaction", message: "fails local checks" }),
    ];
    expect(await chainOver(all).submit(anchor)).toBe("tesSUCCESS");
    expect(all.map((each) => each.count("submit"))).toEqual([1, 1, 1, 1]);
  });

  test("does not go to a server of another network, or of another chain", async () => {
    const anchor = await signed(chainOver([server]));
    const seen = seenLedgers();
    await seen.record("local", { ledgerIndex: (await chainOver([server]).status()).validatedIndex, hash: "AB" });
    const foreign = counting(telling(["info", "network_id"], 1));
    const forked = counting(server);
    await expect(chainOver([foreign, forked], { seen }).submit(anchor)).rejects.toMatchObject({ code: "CHAIN_FORKED" });
    expect([foreign.count("submit"), forked.count("submit")]).toEqual([0, 0]);
  });

  test.for([
    { name: "tem is only a word", answers: [{ engine_result: "temMALFORMED" }], word: "temMALFORMED" },
    {
      name: "tef before tem",
      answers: [{ engine_result: "temX" }, { engine_result: "tefPAST_SEQ" }],
      word: "tefPAST_SEQ",
    },
    {
      name: "queued before ter",
      answers: [{ engine_result: "terPRE_SEQ" }, { engine_result: "terQUEUED" }],
      word: "terQUEUED",
    },
    { name: "no result", answers: [{ accepted: true }], word: "no engine result" },
    {
      name: "a refusal without result",
      answers: [{ error: "invalidTransaction", message: "why" }],
      word: "invalidTransaction: why",
    },
  ])("$name", async ({ answers, word }) => {
    const anchor = await signed(chainOver([server]));
    expect(await chainOver(answers.map(saying)).submit(anchor)).toBe(word);
  });

  test("that no server has looked at has an unknown outcome", async () => {
    const anchor = await signed(chainOver([server]));
    const unwell = [saying({ error: "noNetwork", message: "" }), saying({ error: "tooBusy", message: "" })];
    await expect(chainOver(unwell).submit(anchor)).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
    await expect(chainOver([unreachable]).submit(anchor)).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE" });
  });
});

test("a real endpoint that is dead is passed over for one that is not", async () => {
  const dead = xrplServer("ws://127.0.0.1:9");
  await expect(chainOver([dead]).status()).rejects.toMatchObject({ code: "CHAIN_UNREACHABLE", kind: "unavailable" });
  expect(await chainOver([dead, server]).status()).toMatchObject({ networkId: 63_456, isLocal: true });
});
