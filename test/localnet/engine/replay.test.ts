import { describe, expect, it } from "vitest";

import { hasShared } from "../../support/shared.ts";
import { replay } from "./replay.ts";

describe.skipIf(!hasShared)("a recorded server, sent the same again", () => {
  it.for(["net0", "net63456"] as const)("%s: every answer, every metadata, every ledger hash", (network) => {
    const compared = replay(network);
    expect(compared.length).toBeGreaterThan(120);
    for (const { what, ours, recorded } of compared) expect(ours, what).toEqual(recorded);
  });
});
