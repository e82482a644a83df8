import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";
import { quickVerify } from "../src/adapters/sodium-verify.ts";

const different = 2000;

/** By `crypto.verify`, or as validation verifies. */
export type VerifiedBy = "crypto" | "ours";

interface Share {
  readonly count: number;
  readonly by: VerifiedBy;
}

/** The least that can be done: signatures that are at hand, keys parsed once. */
function verifyAlone({ count, by }: Share): void {
  const { publicKey, privateKey } = generateKeyPairSync("ed25519");
  const keyBytes = publicKey.export({ format: "der", type: "spki" }).subarray(-32);
  const isGood = (message: Buffer, signature: Buffer): boolean =>
    by === "crypto" ? verify(null, message, publicKey, signature) : quickVerify(keyBytes, message, signature);
  const signed = Array.from({ length: different }, () => {
    const message = randomBytes(32);
    return { message, signature: sign(null, message, privateKey) };
  });
  for (let at = 0; at < count; at++) {
    const { message, signature } = signed[at % different] ?? {};
    if (!message || !signature || !isGood(message, signature)) throw new Error("a bad signature");
  }
}

/** The floor of validation: so many signatures, each core its share, and nothing else. */
export async function verifiedOnAllCores(count: number, by: VerifiedBy = "crypto"): Promise<void> {
  const cores = availableParallelism();
  const share: Share = { count: Math.ceil(count / cores), by };
  const work = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const worker = new Worker(new URL(import.meta.url), { workerData: share });
      worker.once("message", () => resolve());
      worker.once("error", reject);
    });
  await Promise.all(Array.from({ length: cores }, work));
}

if (!isMainThread) {
  verifyAlone(workerData as Share);
  parentPort?.postMessage("done", []);
}
