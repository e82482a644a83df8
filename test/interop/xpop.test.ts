import { readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { memoryLedger } from "../../src/adapters/memory-ledger.ts";
import { fromUtf8 } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { verifyXpop, type XpopVerdict } from "../../src/core/xrpl/verify-xpop.ts";
import { sampleLedger } from "../support/sample.ts";
import { othersVerdict } from "./others-xpop.ts";
import { settle, type Settled } from "./settled.ts";
import { formFaults } from "./xpop-form.ts";

const months = ["2026-08", "2026-09"] as const;

/** The XPOPs of a settled ledger as it publishes them. */
async function publishedXpops({ source: { archive } }: Settled): Promise<JsonObject[]> {
  const files = await Promise.all(months.map((month) => archive.read(month, "xpop.json")));
  return files.flatMap((file) => (file ? [JSON.parse(fromUtf8(file)) as JsonObject] : []));
}

describe("the XPOPs of months that local validators signed", () => {
  let settled: Settled;
  let xpops: readonly JsonObject[] = [];
  const verdictOf = (xpop: JsonObject): XpopVerdict => verifyXpop(xpop, settled.trust);

  beforeAll(async () => {
    const validators = { count: 6, seed: "interop", missing: 1 };
    settled = await settle({ ledger: memoryLedger(sampleLedger()), months, host: "test.example", validators });
    xpops = await publishedXpops(settled);
  });
  afterAll(() => settled.close());

  test("are of the form that XLS-41 gives", () => {
    expect(xpops.map((xpop) => Object.keys(xpop))).toEqual(months.map(() => ["ledger", "transaction", "validation"]));
    expect(xpops.map(formFaults)).toEqual([[], []]);
    expect(xpops.map((xpop) => Object.keys(xpop["validation"] as object))).toEqual(months.map(() => ["data", "unl"]));
  });

  test("verify with the XRP Ledger's own packages, which find what our verifier finds", () => {
    for (const xpop of xpops) {
      const { facts } = verdictOf(xpop);
      expect(facts).not.toBeNull();
      const { voters, ...verdict } = othersVerdict(xpop);
      expect({ ...verdict, votes: voters.length }).toEqual({
        transactionHash: facts?.transactionHash,
        ledgerHash: facts?.ledgerHash,
        publisher: facts?.publisher,
        validators: 6,
        votes: 5,
      });
    }
  });

  test.for(["ledger", "transaction", "validation"])("are refused by both with another month's %s", (section) => {
    const [one, other] = xpops;
    const mixed = { ...one, [section]: other?.[section] ?? null };
    expect(() => othersVerdict(mixed)).toThrow(Error);
    expect(verdictOf(mixed).verdict).not.toBe("proven");
  });
});

describe("an XPOP whose quorum came later", () => {
  let settled: Settled;
  let xpop: JsonObject = {};

  beforeAll(async () => {
    const options = { host: "test.example", validators: { count: 3, seed: "interop" }, missed: 4 };
    settled = await settle({ ledger: memoryLedger(sampleLedger()), months: months.slice(0, 1), ...options });
    [xpop = {}] = await publishedXpops(settled);
  });
  afterAll(() => settled.close());

  test("has the form of XLS-41 and one member beside it, and is not taken by who does not know that member", () => {
    expect(Object.keys(xpop)).toEqual(["ledger", "transaction", "validation", "chain"]);
    expect(formFaults(xpop)).toEqual([]);
    expect(() => othersVerdict(xpop)).toThrow("only 0 validators signed");
    expect(verifyXpop(xpop, settled.trust).verdict).toBe("proven");
  });
});

interface Vectors {
  readonly cases: readonly {
    readonly name: string;
    readonly xpop: JsonObject;
    readonly expect: { readonly verdict: string };
  }[];
}

describe("the XPOPs of test/vectors/xpop.json in list form", () => {
  const url = new URL("../vectors/xpop.json", import.meta.url);
  const { cases } = JSON.parse(readFileSync(url, "utf8")) as Vectors;
  const good = cases.filter(({ name }) => ["list form", "no agreement on the close time"].includes(name));

  test.for(good)("$name", ({ xpop }) => expect(formFaults(xpop)).toEqual([]));

  test("each member is looked at", () => {
    const [first] = good;
    const names = formFaults({});
    expect(names).toHaveLength(18);
    for (const name of names) {
      const changed = structuredClone(first?.xpop) as Record<string, Record<string, unknown>>;
      const [section = "", member = "", inner] = name.split(".");
      if (inner === undefined) changed[section] = { ...changed[section], [member]: true };
      else
        changed[section] = {
          ...changed[section],
          [member]: { ...(changed[section]?.[member] as object), [inner]: true },
        };
      expect(formFaults(changed)).toEqual([name]);
    }
  });
});
