import { once } from "node:events";

import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { Wallet } from "xrpl";
import { WebSocket } from "ws";

import { fundFromGenesis } from "../../support/fund.ts";
import { verifyEd25519 } from "../../../src/core/ed25519.ts";
import { isSignedManifest, parseXrplManifest } from "../../../src/core/xrpl/xrpl-manifest.ts";
import { nodePublicText } from "../../../src/localnet/rpc/signing-keys.ts";
import { type Localnet, startLocalnet } from "../../../src/localnet/start-localnet.ts";

type Json = Record<string, unknown>;

const genesis = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
const wallets = Array.from({ length: 3 }, () => Wallet.generate());
const [alice, bob] = wallets.map(({ address }) => address) as [string, string];
const aliceSeed = String(wallets[0]?.seed);
let localnet: Localnet;

async function ask(method: string, params: Json = {}): Promise<Json> {
  const response = await fetch(localnet.rpcUrl, { method: "POST", body: JSON.stringify({ method, params: [params] }) });
  return ((await response.json()) as { result: Json }).result;
}

/** `tx_json` of a transaction of alice that the server signs and submits. */
async function submitted(fields: Json): Promise<Json> {
  const answer = await ask("submit", { seed: aliceSeed, key_type: "ed25519", tx_json: { Account: alice, ...fields } });
  expect(answer["engine_result"]).toBe("tesSUCCESS");
  return answer["tx_json"] as Json;
}

beforeAll(async () => {
  localnet = await startLocalnet();
  for (const { address } of wallets) fundFromGenesis(localnet.engine, address, 100_000_000);
  localnet.accept();
  await submitted({ TransactionType: "TicketCreate", TicketCount: 40 });
  localnet.accept();
});

afterAll(() => localnet.close());

describe("pages", () => {
  test("of ledger_data make up the whole state, each entry once", async () => {
    const keys: string[] = [];
    let marker: unknown;
    do {
      const page = await ask("ledger_data", {
        ledger_index: "validated",
        limit: 7,
        ...(marker === undefined ? {} : { marker }),
      });
      keys.push(...(page["state"] as Json[]).map(({ index }) => String(index)));
      ({ marker } = page);
    } while (marker !== undefined);
    expect(keys).toEqual(Array.from(localnet.engine.last().state.entries(), ([key]) => key).toSorted());
  });

  test("of account_objects make up all tickets, over two pages of the directory", async () => {
    const tickets: unknown[] = [];
    let marker: unknown;
    do {
      const page = await ask("account_objects", {
        account: alice,
        type: "ticket",
        limit: 9,
        ...(marker === undefined ? {} : { marker }),
      });
      tickets.push(...(page["account_objects"] as Json[]).map(({ TicketSequence }) => TicketSequence));
      ({ marker } = page);
    } while (marker !== undefined);
    expect(new Set(tickets).size).toBe(40);
    expect(tickets).toHaveLength(40);
  });

  test.for([true, false])("of account_tx make up the history, forward %s", async (forward) => {
    const seen: number[] = [];
    let marker: unknown;
    do {
      const page = await ask("account_tx", {
        account: genesis,
        forward,
        limit: 1,
        ...(marker === undefined ? {} : { marker }),
      });
      seen.push(...(page["transactions"] as Json[]).map(({ meta }) => Number((meta as Json)["TransactionIndex"])));
      ({ marker } = page);
    } while (marker !== undefined);
    expect(seen).toEqual(forward ? [0, 1, 2] : [2, 1, 0]);
  });

  test("a stranger's limit is kept inside bounds, a marker of another account refused", async () => {
    const refused = await ask("account_objects", { account: bob, marker: `${"A".repeat(64)},${"B".repeat(64)}` });
    expect(refused).toMatchObject({ error: "invalidParams", error_message: "Invalid field 'marker', not valid." });
  });
});

describe("methods the transcripts do not show", () => {
  test.for([
    ["random", {}, { random: expect.stringMatching(/^[0-9A-F]{64}$/) as unknown }],
    ["account_lines", { account: alice }, { account: alice, lines: [] }],
    ["account_offers", { account: alice }, { account: alice, offers: [] }],
    ["account_currencies", { account: alice }, { receive_currencies: [], send_currencies: [] }],
    ["account_lines", { account: Wallet.generate().address }, { error: "actNotFound" }],
    ["account_objects", { account: alice, type: "constructor" }, { error: "invalidParams" }],
    ["account_tx", { account: alice, ledger_index: "current" }, { error: "lgrNotValidated" }],
    ["ledger_data", { type: "__proto__" }, { error: "invalidParams" }],
    ["ledger_entry", { ticket: { account: alice } }, { error: "malformedRequest" }],
    ["ledger_entry", { directory: { owner: alice, sub_index: 1 } }, { node: { LedgerEntryType: "DirectoryNode" } }],
    [
      "wallet_propose",
      { passphrase: "masterpassphrase" },
      { account_id: genesis, master_seed: "snoPBrXtMeMyMHUVTgbuqAfg1SUTb" },
    ],
    ["wallet_propose", { seed: "not a seed" }, { error: "badSeed" }],
    ["wallet_propose", { key_type: "rsa" }, { error: "badKeyType" }],
    ["sign", { secret: "x", seed: "y", tx_json: {} }, { error: "invalidParams" }],
    [
      "sign",
      { secret: "masterpassphrase", tx_json: { TransactionType: "AccountSet", Account: alice } },
      { error: "badSecret" },
    ],
    ["sign", { secret: "x", tx_json: { TransactionType: "AccountSet" } }, { error: "srcActMissing" }],
    ["sign", { secret: "x", tx_json: { TransactionType: "AccountSet", Account: "r" } }, { error: "srcActMalformed" }],
    [
      "sign",
      { secret: "masterpassphrase", tx_json: { TransactionType: "Nonsense", Account: genesis } },
      { error: "invalidTransaction" },
    ],
    [
      "submit_multisigned",
      {
        tx_json: {
          TransactionType: "AccountSet",
          Account: alice,
          Sequence: 1,
          Fee: "10",
          SigningPubKey: "",
          Signers: [],
        },
      },
      { error: "invalidParams" },
    ],
    ["tx_history", { start: 0 }, { index: 0 }],
    ["tx_history", {}, { error: "invalidParams" }],
    ["path_find", {}, { error: "unknownCmd", error_code: 32 }],
  ] as const)("%s %o", async ([method, params, expected]) => {
    expect(await ask(method, params)).toMatchObject(expected);
  });

  test("server_definitions are those of the codec, and only their hash to who has them", async () => {
    const all = await ask("server_definitions");
    expect(all).toMatchObject({ TRANSACTION_TYPES: { AccountSet: 3 }, LEDGER_ENTRY_TYPES: { AccountRoot: 97 } });
    expect(await ask("server_definitions", { hash: all["hash"] })).toEqual({ hash: all["hash"], status: "success" });
  });

  test("every way to write the genesis secret signs the same", async () => {
    const tx_json = { TransactionType: "AccountSet", Account: genesis, Sequence: 9, Fee: "10", NetworkID: 63456 };
    const secrets = [
      { secret: "masterpassphrase" },
      { secret: "snoPBrXtMeMyMHUVTgbuqAfg1SUTb" },
      { secret: "DEDCE9CE67B451D852FD4E846FCDE31C" },
      { secret: "I IRE BOND BOW TRIO LAID SEAT GOAL HEN IBIS IBIS DARE" },
      { key_type: "secp256k1", passphrase: "masterpassphrase" },
      { key_type: "secp256k1", seed: "snoPBrXtMeMyMHUVTgbuqAfg1SUTb" },
      { key_type: "secp256k1", seed_hex: "dedce9ce67b451d852fd4e846fcde31c" },
    ];
    const blobs = await Promise.all(
      secrets.map(async (secret) => (await ask("sign", { ...secret, offline: true, tx_json }))["tx_blob"]),
    );
    expect(new Set(blobs).size).toBe(1);
    expect(blobs[0]).toMatch(/^1200/);
  });

  test("a fee that a full ledger would ask is not filled in beyond ten times the base", async () => {
    const queue = {
      minimumLedgerTransactions: 1,
      targetLedgerTransactions: 1,
      ledgersInQueue: 5,
      minimumQueueSize: 30,
    };
    await using full = await startLocalnet({ queue });
    for (let at = 0; at < 2; at += 1) fundFromGenesis(full.engine, Wallet.generate().address, 100_000_000);
    const body = {
      method: "sign",
      params: [{ secret: "masterpassphrase", tx_json: { TransactionType: "AccountSet", Account: genesis } }],
    };
    const response = await fetch(full.rpcUrl, { method: "POST", body: JSON.stringify(body) });
    expect(((await response.json()) as { result: Json }).result).toMatchObject({ error: "highFee", error_code: 11 });
  });
});

describe("streams", () => {
  async function follow(request: Json): Promise<{ frames: Json[]; socket: WebSocket; flush: () => Promise<void> }> {
    const socket = new WebSocket(localnet.wsUrl);
    const frames: Json[] = [];
    await once(socket, "open");
    socket.on("message", (data: Buffer) => frames.push(JSON.parse(data.toString("utf8")) as Json));
    const flush = async (): Promise<void> => {
      socket.send('{"command":"ping","id":"flush"}');
      while (!frames.some(({ id }) => id === "flush")) await once(socket, "message");
      frames.splice(0, frames.length, ...frames.filter(({ type }) => type !== "response"));
    };
    socket.send(JSON.stringify(request));
    await flush();
    return { frames, socket, flush };
  }

  test("accounts_proposed sends at once, accounts when the ledger closed, each in its version", async () => {
    const early = await follow({ command: "subscribe", accounts_proposed: [alice], api_version: 2 });
    const late = await follow({ command: "subscribe", accounts: [alice] });
    const other = await follow({ command: "subscribe", accounts: [bob], accounts_proposed: [bob] });
    await submitted({ TransactionType: "AccountSet" });
    for (const each of [early, late, other]) await each.flush();
    expect(early.frames).toMatchObject([{ status: "proposed", tx_json: { Account: alice } }]);
    expect(late.frames).toEqual([]);
    localnet.accept();
    for (const each of [early, late, other]) await each.flush();
    expect(late.frames).toMatchObject([{ status: "closed", transaction: { Account: alice } }]);
    expect(early.frames).toHaveLength(2);
    expect(other.frames).toEqual([]);
    for (const { socket } of [early, late, other]) socket.terminate();
  });

  test("nothing more comes after unsubscribe", async () => {
    const followed = await follow({ command: "subscribe", streams: ["ledger"] });
    localnet.accept();
    await followed.flush();
    followed.socket.send(JSON.stringify({ command: "unsubscribe", streams: ["ledger"] }));
    await followed.flush();
    localnet.accept();
    await followed.flush();
    expect(followed.frames).toMatchObject([{ type: "ledgerClosed" }]);
    followed.socket.terminate();
  });
});

describe("validators' manifests", () => {
  const named = async (name: string): Promise<Localnet> => {
    const other = await startLocalnet({ validators: { count: 2, seed: name } });
    onTestFinished(() => other.close());
    return other;
  };
  const manifestOf = async ({ rpcUrl }: Localnet, ...params: readonly unknown[]): Promise<Json> => {
    const body = JSON.stringify({ method: "manifest", params });
    return ((await (await fetch(rpcUrl, { method: "POST", body })).json()) as { result: Json }).result;
  };

  test("are found by master key and by signing key, and not when they are revoked", async () => {
    const network = await named("asked");
    const { validators } = network;
    const [sent] = validators?.validationsOf(network.accept()) ?? [];
    if (!validators || !sent) throw new Error("nothing was sent");
    const [master, signing] = [sent.masterKey, sent.signingKey].map(nodePublicText);
    const answer = await manifestOf(network, { public_key: master });
    expect(answer).toMatchObject({
      requested: master,
      details: { master_key: master, ephemeral_key: signing, seq: 1 },
    });
    const bytes = Buffer.from(String(answer["manifest"]), "base64");
    expect(isSignedManifest(parseXrplManifest(bytes), verifyEd25519)).toBe(true);
    expect(await manifestOf(network, { public_key: signing })).toEqual({ ...answer, requested: signing });
    validators.rotate(0);
    expect(await manifestOf(network, { public_key: master })).toMatchObject({ details: { seq: 2 } });
    validators.revoke(0);
    expect(await manifestOf(network, { public_key: master })).toEqual({ requested: master, status: "success" });
  });

  test.for([
    ["a stranger's key", { public_key: nodePublicText(new Uint8Array(33).fill(2)) }, { status: "success" }],
    ["no key", {}, { error: "invalidParams", error_message: "Missing field 'public_key'." }],
    ["an account", { public_key: genesis }, { error: "invalidParams", requested: genesis }],
    ["a number", { public_key: 7 }, { error: "invalidParams" }],
  ] as const)("%s names none", async ([, params, expected]) => {
    const answer = await manifestOf(await named("strangers"), params);
    expect(answer).toMatchObject(expected);
    expect(answer).not.toHaveProperty("manifest");
  });
});
