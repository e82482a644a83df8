import { generateKeyPairSync, randomBytes, sign, verify } from "node:crypto";
import { availableParallelism } from "node:os";
import { isMainThread, parentPort, Worker, workerData } from "node:worker_threads";

const different = 2000;

/** The least that can be done: signatures that are at hand, keys parsed once. */
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

/** The floor of validation: so many signatures, each core its share, and nothing else. */
export async function verifiedOnAllCores(count: number): Promise<void> {
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

if (!isMainThread && typeof workerData === "number") {
  verifyAlone(workerData);
  parentPort?.postMessage("done", []);
}
