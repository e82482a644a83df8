import { createPublicKey, type KeyObject, verify } from "node:crypto";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { nodeVerify } from "../src/adapters/node-crypto.ts";
import { toBase64, toHex } from "../src/core/bytes.ts";
import type { VerifySignature } from "../src/core/ed25519.ts";
import { judgeProof } from "../src/core/judge-proof.ts";
import { publicKeyDer } from "../src/core/public-key.ts";
import { trustJson } from "../src/core/trust.ts";
import { readXpop } from "../src/core/xrpl/xpop.ts";
import { chromiumPath, startBrowser } from "../test/browser/page.ts";
import { type MadeProof, makeProof } from "../test/support/made-proof.ts";
import { inTurn, ratioOf, type Row } from "./row.ts";
import { checkAll, signatureChecks } from "./signature-checks.ts";
import type { PageInput } from "./verify-in-page.ts";

type Medians = Pick<Row, "oursMs" | "baselineMs">;

/** A figure beside what it is measured against. */
interface Measured extends Row {
  readonly ratio: number;
}

const validators = 35;
const rounds = 41;
const target = 2;

function measured(name: string, medians: Medians): Measured {
  const row = { name, baseline: "its signature checks alone", ...medians, target };
  return { ...row, ratio: ratioOf(row) };
}

/** OpenSSL's own verification; each key is read once. */
function bareEd25519(): VerifySignature {
  const keys = new Map<string, KeyObject>();
  return (publicKey, signed, signature) => {
    const name = toHex(publicKey);
    const key =
      keys.get(name) ?? createPublicKey({ key: Buffer.from(publicKeyDer(publicKey)), format: "der", type: "spki" });
    keys.set(name, key);
    return verify(null, signed, key, signature);
  };
}

function inNode({ bundle, xpop, trust }: MadeProof): Medians {
  const checks = signatureChecks(bundle, readXpop(xpop), trust, nodeVerify);
  const bare = bareEd25519();
  const ours = (): void => void judgeProof(bundle, trust, nodeVerify);
  const baseline = (): void => checkAll(checks, bare);
  inTurn(5, ours, baseline);
  return inTurn(rounds, ours, baseline);
}

/** What runs in the page, in one classic script. */
async function pageScript(): Promise<string> {
  const input = fileURLToPath(new URL("verify-in-page.ts", import.meta.url));
  await using bundle = await rolldown({ input, platform: "browser" });
  const { output } = await bundle.generate({ format: "iife" });
  return output[0].code;
}

async function inChromium({ bundle, xpop, trust }: MadeProof): Promise<Medians> {
  const browser = await startBrowser();
  try {
    const page = await browser.newPage();
    await page.evaluate(await pageScript());
    const input: PageInput = {
      bundle: toBase64(bundle),
      xpop: toBase64(xpop),
      trust: JSON.stringify(trustJson(trust)),
      rounds,
    };
    return await page.evaluate<Medians>(`measure(${JSON.stringify(input)})`);
  } finally {
    await browser.close();
  }
}

/**
 * The cost of a whole verdict about a bundle with the signatures of 35 validators, beside the bare cost of the signature
 * checks that it rests on: the same signatures by the same libraries, in turn, medians of many rounds.
 */
export async function measureVerification(): Promise<readonly Measured[]> {
  const proof = await makeProof(validators);
  const name = `verify a bundle of ${validators} validators`;
  const node = measured(`${name}, Node`, inNode(proof));
  if (!existsSync(chromiumPath)) return [node];
  return [node, measured(`${name}, Chromium`, await inChromium(proof))];
}
