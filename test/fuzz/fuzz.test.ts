import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { nodeVerify } from "../../src/adapters/node-crypto.ts";
import { utf8 } from "../../src/core/bytes.ts";
import type { LayerName } from "../../src/core/verdict.ts";
import { fewSeeds, firstFault, fuzzFew } from "./few-seeds.ts";
import { outcomeOf, verifier, type Verifier } from "./judge.ts";
import { makeInput } from "./make-input.ts";

test("some hundred runs show no fault, and come to every verdict", () => {
  const { figures, failures } = fuzzFew(0, 500);
  expect(failures.map(({ run, fault }) => `${run}: ${fault}`)).toEqual([]);
  const { crashed, ...verdicts } = figures.verdicts;
  expect(crashed).toBe(0);
  expect(Object.values(verdicts).every((count) => count > 0)).toBe(true);
});

describe("a verifier that does not look at its", () => {
  /** What fails at this layer alone is taken for proven. */
  function blindTo(name: LayerName): Verifier {
    return {
      ...verifier,
      judge: (bytes, trust, verify) => {
        const verdict = verifier.judge(bytes, trust, verify);
        const isLoneFault = verdict.layers.every(({ layer, status }) => (status === "fail") === (layer === name));
        if (!isLoneFault) return verdict;
        const layers = verdict.layers.map((each) =>
          each.layer === name ? { ...each, status: "pass" as const } : each,
        );
        return { ...verdict, verdict: "proven", layers };
      },
    };
  }

  test.for([
    "event",
    "signature",
    "inclusion",
    "manifest",
    "checkpoint",
    "memo",
    "transaction",
    "ledger",
    "statement",
    "validators",
    "path",
    "header",
    "list",
  ] as const)("%s is found out", (name) => expect(firstFault(blindTo(name))).toMatch(/^accepted/));
});

describe("found out too:", () => {
  const judging = (judge: Verifier["judge"]): Verifier => ({ ...verifier, judge });

  test("signatures that are all good", () => {
    expect(firstFault(judging((bytes, trust) => verifier.judge(bytes, trust, () => true)))).toMatch(/^accepted as/);
  });

  test("signatures that are good where the runtime checks them alone", () => {
    const tried = judging((bytes, trust, verify) =>
      verifier.judge(bytes, trust, verify === nodeVerify ? verify : () => false),
    );
    expect(firstFault(tried)).toBe("another verdict without the runtime's cryptography");
  });

  test("an error that is no refusal", () => {
    const tried = judging((bytes, trust, verify) => {
      if (bytes.length % 7 === 0) throw new RangeError("Maximum call stack size exceeded");
      return verifier.judge(bytes, trust, verify);
    });
    expect(firstFault(tried)).toBe("crash: RangeError: Maximum call stack size exceeded");
  });

  test("a verdict that takes long", () => {
    const [failure] = fuzzFew(0, 5, { limitMs: 0 }).failures;
    expect(failure?.fault).toMatch(/^the verdict took \d+ ms$/);
  });

  test("a proof that is accepted by who pins nobody", () => {
    const tried = judging((bytes, trust, verify) =>
      verifier.judge(bytes, trust.publishers.length > 0 ? trust : fewSeeds.trust, verify),
    );
    expect(firstFault(tried)).toBe("accepted, and nobody is pinned");
  });
});

test("runs follow from seeds, seed and number alone", () => {
  const inputs = (seed: number): string[] =>
    Array.from({ length: 50 }, (_, run) =>
      Buffer.from(makeInput(fewSeeds, seed, fewSeeds.seeds.length + run).bytes).toString("base64"),
    );
  expect(inputs(1)).toEqual(inputs(1));
  expect(inputs(1)).not.toEqual(inputs(2));
  expect(new Set(inputs(1)).size).toBeGreaterThan(40);
});

test("the bundles of test/vectors/bundles.json get the verdicts that are said", () => {
  const path = new URL("../vectors/bundles.json", import.meta.url);
  const { cases } = JSON.parse(readFileSync(path, "utf8")) as {
    cases: { name: string; expect: string; bundle: object }[];
  };
  const told = cases.map(({ name, expect: word }) => [name, word]);
  const found = cases.map(({ name, bundle }) => {
    const bytes = utf8(JSON.stringify(bundle));
    return [name, outcomeOf(verifier, bytes, fewSeeds.trust, nodeVerify).word];
  });
  expect(found).toEqual(told);
});
