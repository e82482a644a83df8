import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { utf8 } from "../../../src/core/bytes.ts";
import type { JsonValue } from "../../../src/core/json.ts";
import { parseTrust } from "../../../src/core/trust.ts";
import { xpopLayerNames } from "../../../src/core/verdict.ts";
import { verifyXpop } from "../../../src/core/xrpl/verify-xpop.ts";
import { madeVectors } from "./made-vectors.ts";

interface Vectors {
  readonly publishers: JsonValue;
  readonly cases: readonly {
    readonly name: string;
    readonly xpop: JsonValue;
    readonly publishers?: JsonValue;
    readonly expect: { readonly verdict: string; readonly layer?: string; readonly facts?: object };
  }[];
}

const vectors = JSON.parse(readFileSync(new URL("../../vectors/xpop.json", import.meta.url), "utf8")) as Vectors;

describe("the XPOPs of test/vectors/xpop.json", () => {
  test.for(vectors.cases)("$name", ({ xpop, publishers = vectors.publishers, expect: expected }) => {
    const trust = parseTrust({ publishers });
    const verdict = verifyXpop(utf8(JSON.stringify(xpop)), trust, { verify: nodeVerify });
    const steps = verdict.layers.filter(({ layer }) => layer !== "memo" && layer !== "account");
    const open =
      verdict.layers.find(({ status }) => status === "fail") ?? steps.find(({ status }) => status === "unproven");
    expect({ verdict: verdict.verdict, layer: open?.layer }).toEqual({
      verdict: expected.verdict,
      layer: expected.layer,
    });
    if (expected.facts) expect(verdict.facts).toMatchObject(expected.facts);
    else expect(verdict.facts).toBeNull();
    expect(verdict.layers.map(({ layer }) => layer)).toEqual(xpopLayerNames);
    expect(verifyXpop(xpop, trust)).toEqual(verdict);
  });

  it("are what the made network gives (scripts/make-xpop-vectors.ts writes them)", () => {
    const made = madeVectors() as unknown as Vectors;
    const stale = made.cases.filter((each, at) => JSON.stringify(each) !== JSON.stringify(vectors.cases[at]));
    expect(stale.map(({ name }) => name)).toEqual([]);
    expect(made.cases).toHaveLength(vectors.cases.length);
  });
});
