import { quickVerify } from "./adapters/sodium-verify.ts";
import { type Answered, answerEach } from "./thread-answers.ts";
import { unpackSigned } from "./verify-layout.ts";

/** Takes packed signatures; answers with one byte for each, 1 for a good one. */
answerEach((packed: Uint8Array): Answered<Uint8Array> => {
  const areGood = Uint8Array.from(unpackSigned(packed), (signed) => Number(quickVerify(...signed)));
  return { answer: areGood, moved: [areGood.buffer] };
});
