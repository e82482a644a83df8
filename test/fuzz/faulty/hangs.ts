import { verifier as right, type Verifier } from "../judge.ts";

/** Never comes to an end with a bundle of the jsonl dialect. */
export const verifier: Verifier = {
  ...right,
  judge(bytes, trust, verify) {
    while (Buffer.from(bytes).includes('"dialect":"jsonl"'));
    return right.judge(bytes, trust, verify);
  },
};
