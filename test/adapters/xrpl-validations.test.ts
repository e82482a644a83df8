import { once } from "node:events";
import { afterEach, expect, test, vi } from "vitest";
import { WebSocketServer } from "ws";
import { type Listening, listenToValidations } from "../../src/adapters/xrpl-validations.ts";
import { toHex } from "../../src/core/bytes.ts";
import { parseXrplManifest } from "../../src/core/xrpl/xrpl-manifest.ts";
import type { LogEntry } from "../../src/ports.ts";
import { type Localnet, startLocalnet } from "../../src/localnet/start-localnet.ts";
import type { ValidatorSet } from "../../src/localnet/validators/validator-set.ts";

const open: (() => unknown)[] = [];

afterEach(async () => {
  for (const close of open.splice(0).toReversed()) await close();
});

async function network(): Promise<{ readonly localnet: Localnet; readonly validators: ValidatorSet }> {
  const localnet = await startLocalnet({ validators: { count: 3, seed: "heard" } });
  open.push(() => localnet.close());
  if (!localnet.validators) throw new Error("no validators");
  return { localnet, validators: localnet.validators };
}

function listen(...endpoints: readonly string[]): Listening {
  const listening = listenToValidations({ endpoints });
  open.push(() => listening.close());
  return listening;
}

/** Closes ledgers until something was heard of as many signers. */
async function heard({ heardFrom }: Listening, localnet: Localnet, signers: number): Promise<void> {
  await vi.waitFor(() => {
    localnet.accept();
    expect(heardFrom(0).at(-1)?.validations).toHaveLength(signers);
  });
}

function sequences({ manifests }: Listening): readonly number[] {
  return manifests().map((bytes) => parseXrplManifest(bytes).sequence);
}

test("keys that sign are asked about, each once, and changes come by themselves", async () => {
  const { localnet, validators } = await network();
  validators.rotate(0);
  const listening = listen(localnet.wsUrl, localnet.wsUrl);
  await heard(listening, localnet, 3);
  await vi.waitFor(() => expect(sequences(listening).toSorted((a, b) => a - b)).toEqual([1, 1, 2]));
  validators.rotate(0);
  validators.revoke(1);
  await vi.waitFor(() => expect(sequences(listening)).toHaveLength(5));
  expect(sequences(listening).slice(3)).toEqual([3, 0xffff_ffff]);
  expect(listening.dropped()).toBe(0);
});

test("a manifest that its master key did not sign is left aside, and what is no manifest is dropped", async () => {
  const { localnet, validators } = await network();
  const [ledger] = [localnet.accept()];
  const [sent] = validators.validationsOf(ledger);
  const genuine = sent && validators.manifestOf(sent.signingKey)?.bytes;
  if (!sent || !genuine) throw new Error("nothing was sent");
  const asked: unknown[] = [];
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1" });
  await once(server, "listening");
  open.push(() => {
    for (const client of server.clients) client.terminate();
    server.close();
  });
  server.on("connection", (socket) => {
    socket.on("message", (data) => {
      const message = JSON.parse((data as Buffer).toString()) as { id: string; public_key?: string };
      asked.push(message.public_key ?? message.id);
      // A server that lies, and lies by saying too little.
      if (message.id === "manifest") socket.send(JSON.stringify({ id: "manifest", result: { manifest: "AAAA" } }));
      if (message.id !== "manifests") return;
      const forged = genuine.with(genuine.length - 1, (genuine.at(-1) ?? 0) ^ 1);
      socket.send(JSON.stringify({ type: "manifestReceived", manifest: toHex(forged) }));
      socket.send(JSON.stringify({ type: "manifestReceived" }));
      socket.send(JSON.stringify({ type: "validationReceived", data: toHex(sent.data) }));
      socket.send(JSON.stringify({ type: "validationReceived", data: toHex(sent.data) }));
    });
  });
  const address = server.address();
  const listening = listen(`ws://127.0.0.1:${typeof address === "object" && address ? address.port : 0}`);
  await vi.waitFor(() => expect(listening.dropped()).toBe(2));
  expect(listening.manifests()).toEqual([]);
  expect(asked.filter((each) => each !== "validations" && each !== "manifests")).toHaveLength(1);
});

test("it is ready when one server takes the subscription, or when none does for long", async () => {
  const { localnet } = await network();
  const entries: LogEntry[] = [];
  const nobody = listenToValidations({
    endpoints: ["ws://127.0.0.1:9"],
    readyMs: 50,
    log: (entry) => void entries.push(entry),
  });
  open.push(() => nobody.close());
  await nobody.ready;
  expect(entries).toContainEqual(expect.objectContaining({ level: "warn", readyMs: 50 }));

  const told: LogEntry[] = [];
  const endpoints = ["ws://127.0.0.1:9", localnet.wsUrl];
  const listening = listenToValidations({ endpoints, readyMs: 60_000, log: (entry) => void told.push(entry) });
  open.push(() => listening.close());
  await listening.ready;
  localnet.accept();
  await vi.waitFor(() => expect(listening.heardFrom(0)).toHaveLength(1));
  expect(told.filter(({ level }) => level === "warn")).toEqual([]);
});
