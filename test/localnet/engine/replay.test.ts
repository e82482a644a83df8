import { describe, expect, it } from "vitest";

import { hasShared } from "../../support/shared.ts";
import { replay } from "./replay.ts";

describe.skipIf(!hasShared)("a recorded server, sent the same again", () => {
  it.for([
    { network: "net0", answers: 261 },
    { network: "net63456", answers: 139 },
    { network: "queue", answers: 114 },
  ] as const)("$network: every answer, every metadata, every ledger hash", ({ network, answers }) => {
    const compared = replay(network);
    expect(compared).toHaveLength(answers);
    const ours = compared.map(({ what, ours }) => ({ what, answer: ours }));
    const recorded = compared.map(({ what, recorded }) => ({ what, answer: recorded }));
    expect(ours).toEqual(recorded);
  });
});
