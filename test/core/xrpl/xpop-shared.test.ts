import { readFileSync } from "node:fs";
import { describe, expect, it, test } from "vitest";
import { nodeVerify } from "../../../src/adapters/node-crypto.ts";
import { fromHex, fromUtf8 } from "../../../src/core/bytes.ts";
import { SettlementError } from "../../../src/core/error.ts";
import { isJsonObject, type JsonObject, type JsonValue } from "../../../src/core/json.ts";
import { buildXpop, type XpopParts } from "../../../src/core/xrpl/build-xpop.ts";
import { formatRippleTime } from "../../../src/core/xrpl/close-time.ts";
import { electorsOf } from "../../../src/core/xrpl/electors.ts";
import { keyText, publisherSigningKey, requireSignedBlob } from "../../../src/core/xrpl/list-signature.ts";
import { parseXrplManifest } from "../../../src/core/xrpl/xrpl-manifest.ts";
import { listInForce, parseValidatorList } from "../../../src/core/xrpl/validator-list.ts";
import { verifyXpop, type XpopVerdict } from "../../../src/core/xrpl/verify-xpop.ts";
import { readXpop, xpopJson } from "../../../src/core/xrpl/xpop.ts";
import { hasShared, sharedJson, sharedPath, sharedText } from "../../support/shared.ts";

interface Expected {
  readonly ok: boolean;
  readonly tx_hash: string;
  readonly ledger_index: number;
  readonly ledger_hash: string;
  readonly close_time: number;
  readonly publisher: string;
  readonly unl_sequence: number;
  readonly validators: number;
  readonly quorum: number;
  readonly votes: number;
  readonly account: string;
  readonly tx_type: string;
  readonly tx_result: string;
  readonly tx_index: number;
  readonly validated_ledger_index?: number;
  readonly validated_ledger_hash?: string;
}

interface Vector {
  readonly file: string;
  readonly trust: readonly string[];
  readonly expect: Expected;
}

const typeCodes: Readonly<Record<string, number>> = {
  AccountSet: 3,
  SetRegularKey: 5,
  SignerListSet: 12,
  NFTokenBurn: 26,
};
const vectors = sharedJson<{ readonly vectors: readonly Vector[] }>("vectors/xpop/index.json")?.vectors ?? [];
const pins = (keys: readonly string[]) => ({ publishers: keys.map((publicKey) => ({ publicKey })), accounts: [] });
const bytesOf = (file: string): Uint8Array => new Uint8Array(readFileSync(sharedPath(`vectors/xpop/${file}`)));

function judged(bytes: Uint8Array, trust: readonly string[]): XpopVerdict | undefined {
  try {
    return verifyXpop(bytes, pins(trust), { verify: nodeVerify });
  } catch (error) {
    if (error instanceof SettlementError && error.kind === "invalid") return undefined;
    throw error;
  }
}

function factsOf(expected: Expected): object {
  return {
    transactionHash: expected.tx_hash,
    transactionType: typeCodes[expected.tx_type],
    account: expected.account,
    transactionResult: expected.tx_result === "tesSUCCESS" ? 0 : Number.NaN,
    transactionIndex: expected.tx_index,
    ledgerIndex: expected.ledger_index,
    ledgerHash: expected.ledger_hash,
    closeTime: formatRippleTime(expected.close_time),
    validatedLedgerIndex: expected.validated_ledger_index ?? expected.ledger_index,
    validatedLedgerHash: expected.validated_ledger_hash ?? expected.ledger_hash,
    publisher: expected.publisher,
    listSequence: expected.unl_sequence,
    validators: expected.validators,
    quorum: expected.quorum,
    votes: expected.votes,
  };
}

describe.skipIf(!hasShared)("published XPOPs", () => {
  it("are all there", () => {
    expect(vectors).toHaveLength(57);
    expect(vectors.filter(({ expect: { ok } }) => ok)).toHaveLength(16);
  });

  test.for(vectors)("$file", ({ file, trust, expect: expected }) => {
    const verdict = judged(bytesOf(file), trust);
    expect(verdict?.verdict === "proven").toBe(expected.ok);
    if (expected.ok) expect(verdict?.facts).toMatchObject(factsOf(expected));
    else expect(verdict?.facts ?? null).toBeNull();
  });

  const good = vectors.filter(({ expect: { ok } }) => ok);
  test.for(good)("$file proves the same in its one spelling", ({ file, trust, expect: expected }) => {
    const json = xpopJson(readXpop(bytesOf(file)));
    const facts = verifyXpop(json, pins(trust), { verify: nodeVerify }).facts;
    expect(facts).toMatchObject(factsOf(expected));
    expect(xpopJson(readXpop(JSON.stringify(json)))).toEqual(json);
  });

  test.for(good)("$file proves nothing to who pins nobody, or another network's publisher", ({ file }) => {
    expect(judged(bytesOf(file), [])?.verdict).toBe("unproven");
    expect(judged(bytesOf(file), [`ED${"AB".repeat(32)}`])?.verdict).toBe("unproven");
  });

  it("label validations by the key that signed them", () => {
    const bytes = bytesOf("real/mainnet-83576782-list.json");
    const labels = (xpop: unknown): string[] =>
      Object.keys((xpop as { readonly validation: { readonly data: object } }).validation.data).toSorted();
    expect(labels(xpopJson(readXpop(bytes)))).toEqual(labels(JSON.parse(fromUtf8(bytes))));
  });

  it("of one network prove nothing on another, though the pin names none", () => {
    const [mainnet] = vectors;
    const verify = (network: string) =>
      verifyXpop(bytesOf(mainnet?.file ?? ""), pins(mainnet?.trust ?? []), { network, verify: nodeVerify }).verdict;
    expect(["mainnet", "testnet"].map(verify)).toEqual(["proven", "failed"]);
  });
});

interface ServedLedger {
  readonly result: {
    readonly ledger: {
      readonly ledger_data: string;
      readonly transactions: readonly {
        readonly tx_blob: string;
        readonly meta?: string;
        readonly meta_blob?: string;
      }[];
    };
  };
}

function servedLedger(version: string): XpopParts["ledger"] {
  const { ledger } = sharedJson<ServedLedger>(`vectors/xpop/builder/ledger-binary-${version}.json`)!.result;
  return {
    header: fromHex(ledger.ledger_data),
    transactions: ledger.transactions.map(({ tx_blob, meta, meta_blob }) => ({
      blob: fromHex(tx_blob),
      meta: fromHex(meta ?? meta_blob ?? ""),
    })),
  };
}

/** Members in any order, and the one right answer is written without the choices that are free. */
function sorted(value: JsonValue): JsonValue {
  if (!isJsonObject(value)) return value;
  const entries = Object.entries(value).map(([name, item]) => [name, sorted(item)] as const);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

describe.skipIf(!hasShared)("the builder's case", () => {
  const built = (ledger: string, list: string): JsonObject => {
    const stream = sharedText("vectors/xpop/builder/stream.jsonl").trim().split("\n");
    const messages = stream.map((line) => JSON.parse(line) as { readonly data?: string });
    return buildXpop({
      ledger: servedLedger(ledger),
      transaction: fromHex(expected["anchor_tx"] ?? ""),
      validations: messages.flatMap(({ data }) => (data === undefined ? [] : [fromHex(data)])),
      list: parseValidatorList(sharedJson<JsonObject>(`vectors/xpop/builder/vl-${list}.json`)!),
    });
  };
  const expected = sharedJson<Readonly<Record<string, string>>>("vectors/xpop/builder/expected.json") ?? {};

  test.for([
    ["api1", "v1"],
    ["api1", "v2"],
    ["api2", "v1"],
    ["api2", "v2"],
  ] as const)("%s ledger and %s list", ([ledger, list]) => {
    const xpop = built(ledger, list);
    const { public_key } = sharedJson<{ readonly public_key: string }>("vectors/xpop/builder/vl-v1.json")!;
    const trust = pins([public_key]);
    expect(verifyXpop(xpop, trust, { verify: nodeVerify }).facts).toMatchObject({
      transactionHash: expected["anchor_tx"],
      ledgerIndex: Number(expected["ledger_index"]),
      ledgerHash: expected["ledger_hash"],
      validators: Number(expected["validators"]),
      quorum: Number(expected["quorum"]),
      votes: Number(expected["votes"]),
    });
    const right = xpopJson(readXpop(sharedText("vectors/xpop/builder/expected-xpop.json")));
    if (list === "v1") expect(sorted(xpop)).toEqual(sorted(right));
    else expect(sorted(withoutList(xpop))).toEqual(sorted(withoutList(right)));
  });

  /** The two lists are of other bytes, with the same validators in force. */
  function withoutList(xpop: JsonObject): JsonObject {
    const { unl: _unl, ...validation } = xpop["validation"] as JsonObject;
    return { ...xpop, validation };
  }
});

interface ListFile {
  readonly file: string;
  readonly version: number;
  readonly public_key: string;
  readonly lists: readonly {
    readonly signature_ok: boolean;
    readonly sequence: number;
    readonly effective: number | null;
    readonly expiration: number;
    readonly validators: number;
    readonly validators_with_good_manifest: number;
  }[];
  readonly manifest: { readonly signing: string; readonly sequence: number };
}

const lists = sharedJson<readonly ListFile[]>("vectors/xpop/vl/index.json") ?? [];

describe.skipIf(!hasShared)("published validator lists", () => {
  it("are all there", () => expect(lists).toHaveLength(5));

  test.for(lists)("$file", (expected) => {
    const list = parseValidatorList(sharedJson<JsonObject>(`vectors/xpop/${expected.file}`)!);
    expect(keyText(list.publicKey)).toBe(expected.public_key);
    expect(list.version).toBe(expected.version);
    expect(keyText(publisherSigningKey(list, list.manifest, nodeVerify))).toBe(expected.manifest.signing);
    expect(parseXrplManifest(list.manifest).sequence).toBe(expected.manifest.sequence);
    expect(list.blobs).toHaveLength(expected.lists.length);
    for (const stated of expected.lists) {
      const { blob, content } = listInForce(list, stated.expiration - 1);
      expect(() => requireSignedBlob(list, blob, nodeVerify)).not.toThrow();
      expect(content).toMatchObject({ sequence: stated.sequence, expirationRippleS: stated.expiration });
      expect(content.effectiveRippleS ?? null).toBe(stated.effective);
      expect(content.members).toHaveLength(stated.validators);
      const electors = electorsOf(content.members, [], nodeVerify);
      const voters = content.members.filter(({ masterKey, manifests: [manifest] }) => {
        const key = manifest && parseXrplManifest(manifest).signingKey;
        return key && electors.electorOf(key)?.masterKey === masterKey;
      });
      expect(voters).toHaveLength(stated.validators_with_good_manifest);
      expect(() => listInForce(list, stated.expiration)).toThrow(/in force until/);
    }
  });
});
