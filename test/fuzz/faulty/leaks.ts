import { verifier as right, type Verifier } from "../judge.ts";

const kept: Uint8Array[] = [];

/** Keeps 200 kB of each verdict. */
export const verifier: Verifier = {
  ...right,
  judge(bytes, trust, verify) {
    kept.push(new Uint8Array(200_000).fill(1));
    return right.judge(bytes, trust, verify);
  },
};
