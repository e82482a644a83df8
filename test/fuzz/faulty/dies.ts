import { verifier as right, type Verifier } from "../judge.ts";

/** Takes its process with it at a bundle of the jsonl dialect. */
export const verifier: Verifier = {
  ...right,
  judge(bytes, trust, verify) {
    if (Buffer.from(bytes).includes('"dialect":"jsonl"')) process.kill(process.pid, "SIGKILL");
    return right.judge(bytes, trust, verify);
  },
};
