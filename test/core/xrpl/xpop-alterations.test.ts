import * as fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { fromBase64, fromHex, toBase64, toHex } from "../../../src/core/bytes.ts";
import { SettlementError } from "../../../src/core/error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../src/core/json.ts";
import { buildXpop } from "../../../src/core/xrpl/build-xpop.ts";
import { encodeLedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { verifyXpop, type XpopVerdict } from "../../../src/core/xrpl/verify-xpop.ts";
import { followers, madePublisher, secpKey, manifestBytes, validationBytes, validators } from "./made-network.ts";
import { anchoringLedger, madeNetwork, madeParts, patched, treeForm } from "./made-vectors.ts";

const trust = { publishers: [{ publicKey: madePublisher.publicKey, network: madeNetwork }], accounts: [] };

function judged(xpop: JsonValue): XpopVerdict | undefined {
  try {
    return verifyXpop(xpop, trust, { verify: nodeVerify });
  } catch (error) {
    if (error instanceof SettlementError && error.kind === "invalid") return undefined;
    throw error;
  }
}

type Path = readonly (string | number)[];

interface Place {
  readonly path: Path;
  readonly value: JsonValue;
}

/** Every text, number, list and object of a document. */
function* placesIn(value: JsonValue, path: Path = []): Generator<Place> {
  yield { path, value };
  if (typeof value !== "object" || value === null) return;
  for (const [name, item] of Object.entries(value)) {
    yield* placesIn(item, [...path, Array.isArray(value) ? Number(name) : name]);
  }
}

function replaced(whole: JsonValue, [name, ...rest]: Path, value: JsonValue): JsonValue {
  if (name === undefined) return value;
  if (Array.isArray(whole)) return whole.with(Number(name), replaced(whole[Number(name)], rest, value));
  const object = whole as JsonObject;
  return { ...object, [name]: replaced(object[name] ?? null, rest, value) };
}

const isHex = (text: string): boolean => /^([0-9A-F]{2})+$/.test(text);

/** Every byte of hex and of base64 changed in turn, each number moved, each list and object changed in its make-up. */
function* alterations({ path, value }: Place): Generator<JsonValue> {
  if (typeof value === "string") {
    const bytes = isHex(value) ? fromHex(value) : value.length > 60 ? fromBase64(value) : undefined;
    if (!bytes) yield `${value}0`;
    const spell = isHex(value) ? (some: Uint8Array) => toHex(some).toUpperCase() : toBase64;
    for (const [at, byte] of bytes?.entries() ?? []) yield spell(bytes!.with(at, byte ^ (1 << (at % 8))));
    if (bytes) yield spell(bytes.subarray(0, -1));
  } else if (typeof value === "number") {
    yield* [value + 1, value - 1, value + 256, value + 0.5, String(value)];
  } else if (Array.isArray(value)) {
    yield* alteredLists(value);
  } else if (isJsonObject(value) && path.at(-1) !== "data") {
    for (const name of Object.keys(value)) {
      const { [name]: _dropped, ...rest } = value;
      yield rest;
    }
    yield { ...value, unheard: 1 };
  }
}

function* alteredLists(list: readonly JsonValue[]): Generator<JsonValue> {
  yield [...list, "0".repeat(64)];
  for (const [at, item] of list.entries()) {
    const next = list[(at + 1) % list.length] ?? null;
    if (JSON.stringify(item) === JSON.stringify(next)) continue;
    yield list.with(at, next).with((at + 1) % list.length, item);
    yield list.toSpliced(at, 1);
  }
}

interface Outcome {
  readonly tried: number;
  /** Where something was changed and the XPOP stayed proven. */
  readonly proven: readonly string[];
}

/** Alters everything under the places that `isMeant`. */
function outcome(xpop: JsonObject, isMeant: (path: string) => boolean = () => true): Outcome {
  const places = Array.from(placesIn(xpop)).filter(({ path }) => isMeant(path.join(".")));
  const altered = places.flatMap((place) => Array.from(alterations(place), (value) => ({ path: place.path, value })));
  const proven = altered.filter(({ path, value }) => judged(replaced(xpop, path, value))?.verdict === "proven");
  return { tried: altered.length, proven: proven.map(({ path }) => path.join(".")) };
}

describe("no byte that is authenticated can change", () => {
  it("in an XPOP", () => {
    const xpop = buildXpop(madeParts({ members: validators(1) }));
    expect(judged(xpop)?.verdict).toBe("proven");
    const { tried, proven } = outcome(xpop);
    expect(tried).toBeGreaterThan(2500);
    // What publishers serve beside a list is left aside, and zero hashes at the end of a list may be left out.
    const tolerated = /^validation\.unl$|^transaction\.proof(\.\d+)*$/;
    expect(proven.filter((path) => !tolerated.test(path))).toEqual([]);
    expect(proven.length).toBeLessThan(4);
  });

  it("in a chain of headers, and in the manifest of a rotated key", () => {
    const ledger = anchoringLedger();
    const chain = followers(ledger.decoded, 2);
    const [member] = validators(1);
    const signing = secpKey("rotated");
    const xpop = buildXpop({
      ...madeParts({ members: validators(1) }),
      chain: chain.map(encodeLedgerHeader),
      validations: [validationBytes({ signing, header: chain.at(-1)! })],
      manifests: [manifestBytes({ master: member!.master, signing, sequence: 2 })],
    });
    expect(judged(xpop)?.verdict).toBe("proven");
    const { tried, proven } = outcome(xpop, (path) => /^(chain|validation\.manifests)/.test(path));
    expect(tried).toBeGreaterThan(400);
    // Manifests that make nobody's key are left aside.
    expect(proven.filter((path) => path !== "validation.manifests")).toEqual([]);
  });
});

describe("whatever is done to a tree-form XPOP", () => {
  let xpop: JsonObject = {};
  let places: readonly Place[] = [];
  let right: XpopVerdict["facts"] = null;

  beforeAll(() => {
    const plain = buildXpop(madeParts({ members: validators(1) }));
    xpop = patched(plain, "transaction", { proof: treeForm(anchoringLedger()) });
    places = Array.from(placesIn(xpop));
    right = judged(xpop)?.facts ?? null;
  });

  it("is refused or proves exactly the same", () => {
    expect(right).not.toBeNull();
    const step = fc.record({ place: fc.nat(), alteration: fc.nat(), other: fc.option(fc.nat()) });
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 3 }), (steps) => {
        const altered = steps.reduce<JsonValue>((whole, { place, alteration, other }) => {
          const all = Array.from(placesIn(whole));
          const chosen = all[place % all.length] ?? { path: [], value: whole };
          const options = Array.from(alterations(chosen));
          const moved = other === null ? undefined : places[other % places.length]?.value;
          return replaced(whole, chosen.path, moved ?? options[alteration % options.length] ?? 0);
        }, xpop);
        expect(judged(altered)?.facts ?? right).toEqual(right);
      }),
      { numRuns: 1500, seed: 41 },
    );
  });
});
