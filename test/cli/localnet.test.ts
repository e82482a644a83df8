import { cpSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { type JsonValue, parseJson } from "../../src/core/json.ts";
import { defaultTrust, parseTrust } from "../../src/core/trust.ts";
import { firstJsonLine, type Running, start } from "../kills/processes.ts";
import { cli } from "../support/cli.ts";
import { sampleFolder } from "../support/sample.ts";
import { temporaryFolder } from "../support/temporary-folder.ts";

interface Facts {
  readonly ws: string;
  readonly rpc: string;
  readonly list?: string;
  readonly publisher?: string;
  readonly trust?: JsonValue;
  readonly trustFile?: string;
}

async function stop({ child, ended }: Running): Promise<void> {
  child.kill("SIGTERM");
  expect(await ended).toBe(0);
}

/** A local network as a process of its own. */
async function network(...args: readonly string[]): Promise<{ readonly facts: Facts; readonly running: Running }> {
  const running = start([
    "localnet",
    "--port",
    "0",
    "--rpc-port",
    "0",
    "--close-ms",
    "100",
    "--format",
    "json",
    ...args,
  ]);
  onTestFinished(() => void running.child.kill("SIGKILL"));
  return { running, facts: (await firstJsonLine(running)) as unknown as Facts };
}

/** The sample ledger with its first month closed, and what commands are told about it. */
async function closedLedger(folder: string): Promise<{ readonly ledger: string; readonly at: readonly string[] }> {
  const ledger = join(folder, "ledger");
  cpSync(sampleFolder, ledger, { recursive: true });
  const at = ["--ledger", ledger, "--data", join(folder, "data")];
  expect(await cli(["close", "2026-08", "--origin", "sample.example", ...at])).toMatchObject({ code: 0 });
  return { ledger, at };
}

function publisherIn(file: string): string | undefined {
  const { publishers } = parseTrust(parseJson(readFileSync(file)));
  expect(publishers.slice(0, -1)).toEqual(defaultTrust.publishers);
  return publishers.at(-1)?.publicKey;
}

describe("who pins the publisher of a local network", () => {
  test("has months proven there, and outsiders check them", { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const { ledger, at } = await closedLedger(folder);
    const [data, proof] = [join(folder, "network"), join(folder, "event.proof.json")];
    const { facts, running } = await network("--data", data);
    const trustFile = facts.trustFile ?? "";
    expect(publisherIn(trustFile)).toBe(facts.publisher);
    const anchored = await cli(["anchor", "2026-08", "--endpoint", facts.ws, "--trust", trustFile, ...at]);
    expect(anchored).toMatchObject({ code: 0, out: expect.stringMatching(/\d of 6 validators signed/) as string });
    const [event] = JSON.parse(readFileSync(join(ledger, "2026-08.json"), "utf8")) as readonly { id: string }[];
    await cli(["prove", event?.id ?? "", "-o", proof, ...at]);
    const verdict = await cli(["verify", proof, "--trust", join(folder, "data/trust.json"), "--require", "proven"]);
    expect(verdict).toMatchObject({ code: 0, out: expect.stringMatching(/^VERIFIED: PROVEN/) as string });
    await stop(running);
  });

  test("hears the same validators after a restart", async () => {
    const data = join(temporaryFolder(), "network");
    const first = await network("--data", data);
    const files = readdirSync(data).toSorted();
    expect(files).toEqual(["ledgers.jsonl", "local-validators.seed", "localnet.trust.json"]);
    expect((statSync(join(data, "local-validators.seed")).mode & 0o777).toString(8)).toBe("600");
    await stop(first.running);
    const second = await network("--data", data);
    expect(second.facts.publisher).toBe(first.facts.publisher);
    expect(publisherIn(second.facts.trustFile ?? "")).toBe(first.facts.publisher);
    await stop(second.running);
  });
});

test("the list is served on both ports, to whoever names its publisher", async () => {
  const { facts, running } = await network();
  expect(facts.list).toBe(`${facts.rpc}/vl/${facts.publisher}`);
  const published = await (await fetch(facts.list ?? "")).json();
  expect(published).toMatchObject({ public_key: facts.publisher, version: 1 });
  const onOther = new URL(`/vl/${facts.publisher}`, facts.ws.replace("ws:", "http:"));
  expect(await (await fetch(onOther)).json()).toEqual(published);
  const page = await fetch(new URL("/vl/ED00", onOther));
  expect(page.headers.get("content-type")).toBe("text/html");
  await stop(running);
});

describe("a network that is gone with its process", () => {
  test("has validators of its own each time, and says what pins them", async () => {
    const [one, other] = [await network(), await network()];
    expect(one.facts.publisher).not.toBe(other.facts.publisher);
    expect(one.facts.trustFile).toBeUndefined();
    const { publishers } = parseTrust(one.facts.trust ?? null);
    expect(publishers.at(-1)).toMatchObject({ publicKey: one.facts.publisher, network: "local" });
    for (const { running } of [one, other]) await stop(running);
  });

  test("tells people the same", async () => {
    const stopped = AbortSignal.abort();
    const { code, out } = await cli(["localnet", "--port", "0", "--rpc-port", "0"], {}, stopped);
    expect(code).toBe(0);
    expect(out).toMatch(/validators +6, of which 5 prove/);
    const [, pin = ""] = /write this: (.*)/.exec(out) ?? [];
    const [, publisher] = /publisher +(ED[0-9A-F]{64})/.exec(out) ?? [];
    expect(parseTrust(parseJson(pin)).publishers).toEqual([{ publicKey: publisher, network: "local" }]);
    expect(out).toMatch(/settlement worker --network local --endpoint ws:\S+ --trust FILE/);
  });
});

test("without validators there is no publisher, and no file", async () => {
  const data = join(temporaryFolder(), "network");
  const { facts, running } = await network("--validators", "0", "--data", data);
  expect(Object.keys(facts)).toEqual(["ws", "rpc", "networkId", "validatedIndex"]);
  expect(readdirSync(data)).toEqual(["ledgers.jsonl"]);
  await stop(running);
});
