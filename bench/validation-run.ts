import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { blockTree } from "../src/adapters/file-blocks.ts";
import { nodeSha256, nodeVerify } from "../src/adapters/node-crypto.ts";
import { knownDigests } from "../src/validate-judge.ts";
import { threadPool } from "../src/validate-pool.ts";
import { validateLedger } from "../src/validate/validate-ledger.ts";
import { madeNowUnixMs } from "./made-ledger.ts";

/** What one process measures. */
export type ValidationTask =
  | {
      readonly kind: "validate";
      readonly ledger: string;
      readonly base?: string;
      readonly cache: string;
      readonly isFull?: boolean;
    }
  | { readonly kind: "signatures"; readonly count: number };

export interface ValidationRun {
  readonly ms: number;
  readonly peakMb: number;
}

async function validated({
  ledger,
  base,
  cache,
  isFull = false,
}: ValidationTask & { kind: "validate" }): Promise<void> {
  await using pool = threadPool({ cache });
  const report = await validateLedger(blockTree(ledger), {
    nowUnixMs: madeNowUnixMs,
    // The made events are of whatever age.
    windows: { behindMs: madeNowUnixMs },
    verify: nodeVerify,
    sha256: nodeSha256,
    pool,
    digests: knownDigests(cache),
    isFull,
    ...(base === undefined ? {} : { base: blockTree(base) }),
  });
  if (!report.valid) throw new Error(`the ledger is not valid: ${JSON.stringify(report.findings[0])}`);
}

const different = 2000;

/** The least that can be done: signatures that are at hand, keys parsed once, all cores. */
function verifyAlone(count: number): void {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const signed = Array.from({ length: different }, () => {
    const message = randomBytes(32);
    return { message, signature: sign(null, message, privateKey) };
  });
  for (let at = 0; at < count; at++) {
    const { message, signature } = signed[at % different] ?? {};
    if (!message || !signature || !verify(null, message, publicKey, signature)) throw new Error("a bad signature");
  }
}

async function verifiedOnAllCores(count: number): Promise<void> {
  const cores = availableParallelism();
  const share = Math.ceil(count / cores);
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
  await Promise.all(Array.from({ length: cores }, work));
}

if (isMainThread && process.argv[2] !== undefined) {
  const task = JSON.parse(process.argv[2]) as ValidationTask;
  const beganMs = performance.now();
  await (task.kind === "validate" ? validated(task) : verifiedOnAllCores(task.count));
  const run: ValidationRun = { ms: performance.now() - beganMs, peakMb: process.resourceUsage().maxRSS / 1024 };
  process.stdout.write(`${JSON.stringify(run)}\n`);
} else if (typeof workerData === "number") {
  verifyAlone(workerData);
  parentPort?.postMessage("done", []);
}
