import { fromBase64, fromHex, toBase64, toHex } from "../bytes.ts";
import { SettlementError } from "../error.ts";
import { type FieldReader, fieldsOf } from "../fields.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../json.ts";
import { maxChainLength } from "./header-chain.ts";
import { headerJson, parseHeaderJson } from "./header-json.ts";
import type { LedgerHeader } from "./ledger-header.ts";
import { transactionId } from "./transaction-id.ts";
import { nodeKeyText, parseValidation } from "./validation.ts";
import { listInForce, parseValidatorList, type ValidatorList, validatorListJson } from "./validator-list.ts";
import { levelsJson, proofLevels } from "./xpop-proof.ts";

/**
 * Proof that a transaction is in a validated ledger of the XRP Ledger, XLS-41.
 *
 * Two members go beyond the standard and are absent where they are not needed: `chain` holds the headers that follow the
 * transaction's ledger up to the one that was validated, `validation.manifests` the manifests of validators that changed
 * their signing key after the list was signed.
 */
export interface Xpop {
  /** Of the ledger that holds the transaction. */
  readonly header: LedgerHeader;
  readonly chain: readonly LedgerHeader[];
  readonly blob: Uint8Array;
  readonly meta: Uint8Array;
  /** List form or tree form. */
  readonly proof: JsonValue;
  /** Their labels are hints that nobody signed, and are not kept. */
  readonly validations: readonly Uint8Array[];
  readonly list: ValidatorList;
  readonly manifests: readonly Uint8Array[];
}

/** Largest XPOP that is read, bytes; one of mainnet has about 42 000. */
const xpopLimitBytes = 2_000_000;

/** A tree of 64 levels takes two levels of JSON each. */
const xpopDepth = 134;

/** A network has some 35 validators on its list and as many beside it. */
const maxValidations = 512;
const maxManifests = 256;

/**
 * An XPOP, its parts of the right kind and size. Nothing in it is believed: that is for `verifyXpop` to judge.
 *
 * @throws SettlementError `XPOP_MALFORMED`, `XRPL_LIST_MALFORMED`
 */
export function parseXpop(value: JsonValue): Xpop {
  const fields = fieldsOf("XPOP_MALFORMED", "xpop", value);
  fields.only("ledger", "transaction", "validation", "chain");
  const transaction = fields.reader("transaction");
  transaction.only("blob", "meta", "proof");
  const validation = fields.reader("validation");
  validation.only("data", "unl", "manifests");
  return {
    header: parseHeaderJson(fields.reader("ledger")),
    chain: fields.has("chain") ? parseChain(fields) : [],
    blob: fromHex(transaction.hex("blob")),
    meta: fromHex(transaction.hex("meta")),
    proof: parseProof(transaction),
    validations: parseValidations(validation.reader("data")),
    list: parseValidatorList(validation.member("unl")),
    manifests: validation.has("manifests") ? parseManifests(validation) : [],
  };
}

/**
 * An XPOP from the bytes of its file.
 *
 * @throws SettlementError those of `parseJson` and {@link parseXpop}
 */
export function readXpop(bytes: string | Uint8Array): Xpop {
  return parseXpop(parseJson(bytes, { maxDepth: xpopDepth, maxBytes: xpopLimitBytes }));
}

/**
 * The one spelling of what an XPOP holds: hex in capitals, the proof in list form, validations labelled by the key that
 * signed them, of several lists the one in force.
 *
 * @throws SettlementError `XPOP_MALFORMED` for a validation that is none and for two by one key, and those of `listInForce`
 *   and `proofLevels`
 */
export function xpopJson(xpop: Xpop): JsonObject {
  const { header, chain, blob, meta, proof, list, manifests } = xpop;
  const [only, second] = list.blobs;
  const last = chain.at(-1) ?? header;
  const blobInForce = only && !second ? only : listInForce(list, last.closeTimeRippleS).blob;
  return {
    ledger: headerJson(header),
    transaction: {
      blob: toHex(blob).toUpperCase(),
      meta: toHex(meta).toUpperCase(),
      proof: levelsJson(proofLevels(proof, transactionId(blob))),
    },
    validation: {
      data: labelled(xpop.validations),
      unl: validatorListJson(list, blobInForce),
      ...(manifests.length === 0 ? {} : { manifests: manifests.map(toBase64).toSorted() }),
    },
    ...(chain.length === 0 ? {} : { chain: chain.map(headerJson) }),
  };
}

function labelled(validations: readonly Uint8Array[]): JsonObject {
  const entries = validations.map((bytes) => [labelOf(bytes), toHex(bytes).toUpperCase()] as const);
  const data = Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  if (Object.keys(data).length === entries.length) return data;
  throw new SettlementError("XPOP_MALFORMED", "xpop: two of its validations are by the same key");
}

function labelOf(validation: Uint8Array): string {
  try {
    return nodeKeyText(parseValidation(validation).signingKey);
  } catch (cause) {
    if (!(cause instanceof SettlementError)) throw cause;
    throw new SettlementError("XPOP_MALFORMED", `xpop: it holds a validation that is none: ${cause.message}`, {
      cause,
    });
  }
}

function parseChain(fields: FieldReader): LedgerHeader[] {
  const chain = fields.list("chain", maxChainLength);
  if (chain.length === 0) fields.fail('member "chain" is empty; leave it out');
  return chain.map((header, at) => parseHeaderJson(fieldsOf("XPOP_MALFORMED", `xpop.chain[${at}]`, header)));
}

function parseProof(transaction: FieldReader): JsonValue {
  const proof = transaction.member("proof");
  if (isJsonObject(proof) || Array.isArray(proof)) return proof;
  return transaction.fail('member "proof" must be nested lists or a tree of objects');
}

function parseValidations(data: FieldReader): Uint8Array[] {
  const labels = Object.keys(data.object);
  if (labels.length > maxValidations) data.fail(`it holds more than ${maxValidations} validations`);
  return labels.map((label) => fromHex(data.hex(label)));
}

function parseManifests(validation: FieldReader): Uint8Array[] {
  const manifests = validation.list("manifests", maxManifests);
  if (manifests.length === 0) validation.fail('member "manifests" is empty; leave it out');
  return manifests.map((manifest) => {
    try {
      return fromBase64(typeof manifest === "string" ? manifest : "!");
    } catch {
      return validation.fail('member "manifests" holds something other than base64 with padding');
    }
  });
}
