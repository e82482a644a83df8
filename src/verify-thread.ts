import { parentPort } from "node:worker_threads";
import { quickVerify } from "./adapters/sodium-verify.ts";
import { unpackSigned } from "./verify-layout.ts";

/** Signatures to verify. */
export interface VerifyTask {
  readonly number: number;
  readonly packed: Uint8Array;
}

export interface VerifyAnswer {
  readonly number: number;
  /** One byte a signature: 1 for a good one. */
  readonly areGood: Uint8Array;
}

parentPort?.on("message", ({ number, packed }: VerifyTask) => {
  const areGood = Uint8Array.from(unpackSigned(packed), (signed) => Number(quickVerify(...signed)));
  parentPort?.postMessage({ number, areGood } satisfies VerifyAnswer, [areGood.buffer]);
});
