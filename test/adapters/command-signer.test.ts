import { readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { decode } from "ripple-binary-codec";
import { deriveAddress, deriveKeypair } from "ripple-keypairs";
import { describe, expect, test } from "vitest";
import { Wallet } from "xrpl";
import { commandSigner } from "../../src/adapters/command-signer.ts";
import { type AnchorSigner, seedSigner, type UnsignedAnchor } from "../../src/adapters/xrpl-signer.ts";
import { SettlementError } from "../../src/core/error.ts";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { sha512Half } from "../../src/core/xrpl/hash.ts";
import { startLocalnet } from "../../src/localnet/start-localnet.ts";
import { failure, temporaryFolder } from "../support/temporary-folder.ts";

const program = fileURLToPath(new URL("../support/signer-program.ts", import.meta.url));
const seeds = { Ed25519: "sEdSPx8CLbFUna3DJdvJ74aQPLdemqu", secp256k1: "snoPBrXtMeMyMHUVTgbuqAfg1SUTb" } as const;
const kinds = ["Ed25519", "secp256k1"] as const;
type Kind = (typeof kinds)[number];

function publicKeyOf(kind: Kind): string {
  return deriveKeypair(seeds[kind]).publicKey;
}

interface Change {
  readonly file?: string;
  readonly deviceSeed?: string;
  readonly account?: string;
  readonly timeoutMs?: number;
}

function signerOf(kind: Kind, behaviour: string, change: Change = {}): AnchorSigner {
  const { file = "", deviceSeed = seeds[kind], ...rest } = change;
  const command = [process.execPath, program, behaviour, deviceSeed, file];
  return commandSigner({ command, publicKey: publicKeyOf(kind), ...rest });
}

function unsigned(account: string): UnsignedAnchor {
  return {
    TransactionType: "AccountSet",
    Account: account,
    Fee: "12",
    Sequence: 7,
    LastLedgerSequence: 100,
    NetworkID: 63_456,
    Memos: [{ Memo: { MemoType: "61", MemoFormat: "62", MemoData: "EF" } }],
  };
}

describe.for(kinds)("a key of %s", (kind) => {
  test("signs the same bytes behind a program as from its seed", async () => {
    const [behind, own] = [signerOf(kind, "good"), seedSigner(seeds[kind])];
    expect([behind.account, behind.ownKey]).toEqual([own.account, own.ownKey]);
    expect(await behind.sign(unsigned(own.account))).toEqual(await own.sign(unsigned(own.account)));
  });

  test("signs for another account as its regular key", async () => {
    const { classicAddress: account } = Wallet.generate();
    const signer = signerOf(kind, "good", { account });
    const { blob } = await signer.sign(unsigned(account));
    expect([signer.account, signer.ownKey]).toEqual([account, deriveAddress(publicKeyOf(kind))]);
    expect(decode(blob)).toMatchObject({ Account: account, SigningPubKey: publicKeyOf(kind) });
  });

  test("is told in one line of JSON what to sign", async () => {
    const file = join(temporaryFolder(), "request");
    const signer = signerOf(kind, "good", { file });
    await signer.sign(unsigned(signer.account));
    const text = readFileSync(file, "utf8");
    expect(text.trimEnd().split("\n")).toHaveLength(1);
    const { v, account, publicKey, signingBytes, digest, transaction } = JSON.parse(text) as Record<string, string>;
    expect([v, account, publicKey]).toEqual([1, signer.account, publicKeyOf(kind)]);
    expect(transaction).toEqual({ ...unsigned(signer.account), SigningPubKey: publicKeyOf(kind) });
    expect(signingBytes).toMatch(/^53545800/);
    const ofBytes = toHex(sha512Half(fromHex(signingBytes ?? ""))).toUpperCase();
    expect(digest).toBe(kind === "Ed25519" ? undefined : ofBytes);
  });

  const otherSeed = { Ed25519: "sEdTM1uX8pu2do5XvTnutH6HsouMaM2", secp256k1: "sp8y8kecNjy88BZRr9U991iiRzFNf" }[kind];
  const faults: readonly (readonly [what: string, behaviour: string, reason: RegExp, change?: Change])[] = [
    ["another key", "good", /not of this transaction by this key/, { deviceSeed: otherSeed }],
    ["a bit that is wrong", "flipped", /not of this transaction by this key|no DER/],
    ["half a signature", "short", /has 64 bytes, it printed 63|no DER/],
    ["text", "garbage", /something else than hex/],
    ["nothing", "silent", /something else than hex/],
    ["a signature and a bad exit code", "fails", /exited with 3/],
    ["death", "dies", /ended by SIGTERM/],
    ["nothing for ever", "slow", /no answer within 0\.5 seconds/, { timeoutMs: 500 }],
    ["too much", "endless", /more than 4096 bytes/],
    ["no ear for what it is asked", "deaf", /something else than hex/],
  ];
  test.for(faults)("%s is refused", async ([, behaviour, reason, change]) => {
    const signer = signerOf(kind, behaviour, change);
    const error = await failure(signer.sign(unsigned(signer.account)));
    expect([error?.code, error?.kind]).toEqual(["SIGNER_FAILED", "unavailable"]);
    expect(error?.message).toMatch(reason);
    expect(error?.message).toContain(process.execPath);
    // The arguments hold the seed, the output a PIN.
    expect(error?.message).not.toMatch(/hunter2|sEd|snoP|sp8y/);
  });
});

test("a high S is refused, since the ledger would refuse it", async () => {
  const signer = signerOf("secp256k1", "high-s");
  const error = await failure(signer.sign(unsigned(signer.account)));
  expect(error?.message).toMatch(/the S of its signature is high/);
});

test("a network takes the signatures of a master key and of a regular key", async () => {
  await using localnet = await startLocalnet({ closeMs: 0 });
  const master = signerOf("secp256k1", "good");
  const regular = signerOf("Ed25519", "good", { account: master.account });
  const submit = (blob: string): unknown => localnet.engine.submit(fromHex(blob));
  const { tx_blob: setKey } = Wallet.fromSeed(seeds.secp256k1).sign({
    TransactionType: "SetRegularKey",
    Account: master.account,
    RegularKey: regular.ownKey,
    Fee: "12",
    Sequence: 1,
    NetworkID: 63_456,
  });
  expect(submit(setKey)).toMatchObject({ engineResult: "tesSUCCESS" });
  for (const [Sequence, signer] of [master, regular].entries()) {
    const { blob } = await signer.sign({ ...unsigned(master.account), Sequence: Sequence + 2 });
    expect(submit(blob)).toMatchObject({ engineResult: "tesSUCCESS" });
  }
});

test("what a program started ends with it when the time is over", async () => {
  const file = join(temporaryFolder(), "pid");
  const signer = signerOf("Ed25519", "slow-child", { file, timeoutMs: 2000 });
  expect((await failure(signer.sign(unsigned(signer.account))))?.message).toMatch(/no answer within 2 seconds/);
  const pid = Number(readFileSync(file, "utf8"));
  await expect.poll(() => isAlive(pid), { timeout: 10_000 }).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  // Nobody may be left to reap it: a process that has ended is as good as gone.
  return !/^State:\tZ/m.test(readFileSync(`/proc/${pid}/status`, "utf8"));
}

test("a program that is not there is said to be", async () => {
  const signer = commandSigner({ command: ["/no/such/signer", "--pin=hunter2"], publicKey: publicKeyOf("Ed25519") });
  const error = await failure(signer.sign(unsigned(signer.account)));
  expect(error?.message).toBe("the signer /no/such/signer did not sign: it cannot be started (ENOENT)");
});

test.for([
  ["too short", "ED00"],
  ["of another kind", `04${"ab".repeat(32)}`],
  ["no point of secp256k1", `02${"ff".repeat(32)}`],
  ["no point of Ed25519", `ED02${"00".repeat(31)}`],
  ["no hex", `ED${"zz".repeat(32)}`],
])("a public key that is %s is refused", ([, publicKey = ""]) => {
  const make = (): AnchorSigner => commandSigner({ command: ["signer"], publicKey });
  expect(make).toThrowError(expect.objectContaining({ code: "CONFIG_INVALID" }));
});

test("no command is refused, and a public key may be in lower case", () => {
  const publicKey = publicKeyOf("secp256k1").toLowerCase();
  expect(() => commandSigner({ command: [], publicKey })).toThrowError(SettlementError);
  expect(commandSigner({ command: ["signer"], publicKey }).account).toBe("rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh");
});
