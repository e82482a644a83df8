import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, describe, expect, test } from "vitest";
import { type AccountSet, Client, Wallet } from "xrpl";

import { fundFromGenesis } from "../support/fund.ts";
import { type LocalnetOptions, startLocalnet } from "../../src/localnet/start-localnet.ts";

const folder = await mkdtemp(join(tmpdir(), "localnet-"));
afterAll(() => rm(folder, { recursive: true }));

async function ask(url: string, method: string, params: object = {}): Promise<Record<string, unknown>> {
  const response = await fetch(url, { method: "POST", body: JSON.stringify({ method, params: [params] }) });
  return ((await response.json()) as { result: Record<string, unknown> }).result;
}

describe("startLocalnet", () => {
  test("closes only on demand where no time is given", async () => {
    await using localnet = await startLocalnet();
    const before = localnet.engine.last().index;
    expect(await ask(localnet.rpcUrl, "ledger_accept")).toEqual({
      ledger_current_index: before + 2,
      status: "success",
    });
    expect(localnet.accept().index).toBe(before + 2);
    expect(await ask(localnet.rpcUrl, "ledger_closed")).toMatchObject({ ledger_index: before + 2 });
  });

  test("submitAndWait returns when ledger_accept closed the ledger", async () => {
    await using localnet = await startLocalnet();
    const wallet = Wallet.generate();
    fundFromGenesis(localnet.engine, wallet.address, 100_000_000);
    localnet.accept();
    const client = new Client(localnet.wsUrl);
    await client.connect();
    const set: AccountSet = { TransactionType: "AccountSet", Account: wallet.address };
    const waiting = client.submitAndWait(set, { wallet, autofill: true });
    while (localnet.engine.open().transactions.length === 0) await new Promise((resolve) => setImmediate(resolve));
    await client.request({ command: "ledger_accept" } as never);
    expect((await waiting).result.validated).toBe(true);
    await client.disconnect();
  });

  test("keeps its ledgers in the data folder", async () => {
    const options = { dataDir: folder } satisfies LocalnetOptions;
    const wallet = Wallet.generate();
    let hash: string;
    let before: string;
    {
      await using localnet = await startLocalnet(options);
      hash = fundFromGenesis(localnet.engine, wallet.address, 50_000_000);
      localnet.accept();
      before = localnet.accept().hash;
    }
    await using again = await startLocalnet(options);
    expect(again.engine.last().hash).toBe(before);
    expect(await ask(again.rpcUrl, "tx", { transaction: hash })).toMatchObject({ validated: true, inLedger: 3 });
    expect(await ask(again.rpcUrl, "account_info", { account: wallet.address })).toMatchObject({
      account_data: { Balance: "50000000" },
    });
    expect(again.accept().index).toBe(5);
  });

  test("says which port is taken", async () => {
    await using localnet = await startLocalnet();
    const rpcPort = Number(new URL(localnet.rpcUrl).port);
    await expect(startLocalnet({ rpcPort })).rejects.toThrow(
      expect.objectContaining({ code: "HTTP_LISTEN_FAILED" }) as Error,
    );
  });

  test("ends its connections and frees its ports, more than once", async () => {
    const localnet = await startLocalnet({ closeMs: 5 });
    const client = new Client(localnet.wsUrl);
    await client.connect();
    const gone = new Promise((resolve) => client.once("disconnected", resolve));
    await localnet.close();
    await localnet.close();
    await gone;
    await client.disconnect();
    const last = localnet.engine.last().index;
    await new Promise((resolve) => setTimeout(resolve, 25));
    expect(localnet.engine.last().index).toBe(last);
    await using next = await startLocalnet({ wsPort: Number(new URL(localnet.wsUrl).port) });
    expect(next.wsUrl).toBe(localnet.wsUrl);
  });

  test("a port without admin rights cannot close ledgers or sign", async () => {
    await using localnet = await startLocalnet({ publicPorts: true });
    const forbidden = await fetch(String(localnet.publicRpcUrl), {
      method: "POST",
      body: '{"method":"ledger_accept"}',
    });
    expect({ status: forbidden.status, text: await forbidden.text() }).toEqual({ status: 403, text: "Forbidden\r\n" });
    expect(await ask(String(localnet.publicRpcUrl), "sign", { secret: "x" })).toMatchObject({ error: "notSupported" });
  });
});

test("fundFromGenesis says why an account was not funded", async () => {
  await using localnet = await startLocalnet();
  expect(() => fundFromGenesis(localnet.engine, Wallet.generate().address, 5)).toThrow(
    expect.objectContaining({ code: "ACCOUNT_NOT_FUNDED" }) as Error,
  );
});
