import { execFile, execFileSync, spawnSync } from "node:child_process";
import { chmodSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { decode } from "ripple-binary-codec";
import { beforeEach, expect, test } from "vitest";
import { Wallet } from "xrpl";
import { commandSigner } from "../../src/adapters/command-signer.ts";
import type { AnchorSigner, UnsignedAnchor } from "../../src/adapters/xrpl-signer.ts";
import { fromHex } from "../../src/core/bytes.ts";
import { startLocalnet } from "../../src/localnet/start-localnet.ts";
import { failure, temporaryFolder } from "../support/temporary-folder.ts";

const page = readFileSync(new URL("../../docs/keys.md", import.meta.url), "utf8");
const account = "rHb9CJAWyB4rj91VRWn96DkukG4bwdtyTh";
const openssl = "openssl";
const masterSeed = "snoPBrXtMeMyMHUVTgbuqAfg1SUTb";

/** The first code block of the page that holds a text; packages are those of this checkout wherever the file is. */
function blockWith(text: string): string {
  const blocks = [...page.matchAll(/^```\w+\n(.*?)^```$/gms)].map(([, code = ""]) => code);
  const found = blocks.find((code) => code.includes(text)) ?? "";
  return found.replace(
    /from "(xrpl|ripple-binary-codec)"/g,
    (_, name: string) => `from "${import.meta.resolve(name)}"`,
  );
}

let folder: string;
function write(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  chmodSync(path, 0o700);
  return path;
}

/** The signer of the page in front of a key in a file, as the page says it. */
function signerOfPage(): AnchorSigner {
  const pem = join(folder, "account.pem");
  execFileSync(openssl, ["ecparam", "-name", "secp256k1", "-genkey", "-noout", "-out", pem]);
  const der = execFileSync(openssl, ["pkey", "-in", pem, "-pubout", "-outform", "DER"]);
  const publicKey = execFileSync("sh", ["-c", blockWith("-conv_form")], { input: der, encoding: "utf8" });
  const device = write("device", blockWith("openssl pkeyutl").replace("/etc/settlement/account.pem", pem));
  const script = write("sign-anchor.mjs", blockWith("isAnchor"));
  const env = ["env", `SIGNER_ACCOUNT=${account}`];
  return commandSigner({ command: [...env, process.execPath, script, device], publicKey, account });
}

const anchor: UnsignedAnchor = {
  TransactionType: "AccountSet",
  Account: account,
  Fee: "12",
  Sequence: 2,
  LastLedgerSequence: 100,
  NetworkID: 63_456,
  Memos: [{ Memo: { MemoType: "61", MemoFormat: "62", MemoData: "EF" } }],
};

beforeEach(() => {
  folder = temporaryFolder();
});

test("the scripts of the page set a regular key and sign with it", async () => {
  await using localnet = await startLocalnet({ closeMs: 200 });
  const signer = signerOfPage();
  const setKey = write("set-regular-key.mjs", blockWith("SetRegularKey"));
  const said = await new Promise<string>((resolve, reject) => {
    const child = execFile(process.execPath, [setKey, localnet.wsUrl, signer.ownKey], (error, stdout) =>
      error ? reject(error) : resolve(stdout),
    );
    child.stdin?.end(masterSeed);
  });
  expect(said).toMatch(/^tesSUCCESS [0-9A-F]{64}\n$/);
  const { blob } = await signer.sign(anchor);
  expect(localnet.engine.submit(fromHex(blob))).toMatchObject({ engineResult: "tesSUCCESS" });
});

test("the signer of the page gives the low S, whichever the device gave", async () => {
  const signer = signerOfPage();
  for (let Sequence = 1; Sequence <= 8; Sequence++) {
    expect(decode((await signer.sign({ ...anchor, Sequence })).blob)).toMatchObject({ Sequence });
  }
});

test.for<[what: string, change: Record<string, unknown>]>([
  ["a payment", { TransactionType: "Payment", Destination: account, Amount: "1" }],
  ["another account", { Account: Wallet.generate().classicAddress }],
  ["a setting of the account", { SetFlag: 4 }],
  ["a fee above the cap", { Fee: "10001" }],
])("the signer of the page does not sign %s", async ([, change]) => {
  const signer = signerOfPage();
  const asked = { ...anchor, ...change } as unknown as UnsignedAnchor;
  expect((await failure(signer.sign(asked)))?.message).toMatch(/exited with 1/);
});

test("the seed of the page is one, and its address is told apart", () => {
  const code = /node -e '([^']*)'/.exec(blockWith("Wallet.generate"))?.[1] ?? "";
  const [cwd, stdio] = [import.meta.dirname, "pipe"] as const;
  const { stdout, stderr } = spawnSync(process.execPath, ["-e", code], { cwd, stdio, encoding: "utf8" });
  expect(Wallet.fromSeed(stdout.trim()).classicAddress).toBe(stderr.trim());
});
