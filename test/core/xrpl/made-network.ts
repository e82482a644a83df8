import { secp256k1 } from "@noble/curves/secp256k1.js";
import { encode } from "ripple-binary-codec";
import { concatBytes, fromHex, toBase64, toHex, uintBytes, utf8 } from "../../../src/core/bytes.ts";
import { publicKeyOf, signEd25519 } from "../../../src/core/ed25519.ts";
import { type Hash, sha256 } from "../../../src/core/hash.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { accountIdOfKey, addressOf } from "../../../src/core/xrpl/address.ts";
import { hashPrefix, sha512Half } from "../../../src/core/xrpl/hash.ts";
import { encodeLedgerHeader, ledgerHash, type LedgerHeader } from "../../../src/core/xrpl/ledger-header.ts";
import { type TreeLeaf, transactionLeaf, treeRoot } from "../../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../../src/core/xrpl/transaction-id.ts";
import { vlPrefix } from "../../../src/core/xrpl/vl.ts";
import type { LedgerBytes } from "../../../src/core/xrpl/whole-ledger.ts";

/** A network that nobody runs: its keys follow from their names, so what it signs is the same each time. */
export interface Key {
  readonly publicKey: Uint8Array;
  sign(message: Uint8Array): Uint8Array;
}

export function edKey(name: string): Key {
  const seed = sha256(utf8(`made ed25519 ${name}`));
  return {
    publicKey: concatBytes(Uint8Array.of(0xed), publicKeyOf(seed)),
    sign: (message) => signEd25519(seed, message),
  };
}

export function secpKey(name: string): Key {
  const secret = sha256(utf8(`made secp256k1 ${name}`));
  return {
    publicKey: secp256k1.getPublicKey(secret),
    sign: (message) => derOf(secp256k1.sign(sha512Half(message), secret, { prehash: false })),
  };
}

/** DER of a signature of 64 bytes. */
export function derOf(compact: Uint8Array): Uint8Array {
  const integer = (bytes: Uint8Array): Uint8Array => {
    const digits = toHex(bytes).replace(/^(00)+(?=..)/, "");
    const body = fromHex(Number.parseInt(digits.slice(0, 2), 16) >= 0x80 ? `00${digits}` : digits);
    return concatBytes(Uint8Array.of(2, body.length), body);
  };
  const body = concatBytes(integer(compact.subarray(0, 32)), integer(compact.subarray(32)));
  return concatBytes(Uint8Array.of(0x30, body.length), body);
}

type FieldName = keyof typeof fieldHeaders;

/** Of every field made here, in canonical order. */
const fieldHeaders = {
  version: "1010",
  flags: "22",
  sequence: "24",
  ledgerSequence: "26",
  signingTime: "29",
  /** No field of any version of the protocol. */
  unheardNumber: "20f0",
  cookie: "3a",
  ledgerHash: "51",
  consensusHash: "5017",
  masterKey: "71",
  signingKey: "73",
  signature: "76",
  domain: "77",
  masterSignature: "7012",
} as const;

/** Serialises fields in canonical order; blobs get their length. */
export function fieldBytes(values: Readonly<Partial<Record<FieldName, Uint8Array>>>): Uint8Array {
  const names = (Object.keys(fieldHeaders) as FieldName[]).filter((name) => values[name]);
  return concatBytes(
    ...names.flatMap((name) => {
      const value = values[name] ?? new Uint8Array();
      const isBlob = fieldHeaders[name].startsWith("7");
      return [fromHex(fieldHeaders[name]), ...(isBlob ? [vlPrefix(value.length)] : []), value];
    }),
  );
}

export interface ManifestParts {
  readonly master: Key;
  /** Left out in a revocation. */
  readonly signing?: Key;
  readonly sequence?: number;
  readonly domain?: string;
  readonly version?: number;
}

export function manifestBytes({ master, signing, sequence = 1, domain, version }: ManifestParts): Uint8Array {
  const fields = {
    ...(version === undefined ? {} : { version: uintBytes(version, 2) }),
    sequence: uintBytes(sequence, 4),
    masterKey: master.publicKey,
    ...(signing ? { signingKey: signing.publicKey } : {}),
    ...(domain === undefined ? {} : { domain: utf8(domain) }),
  };
  const message = concatBytes(hashPrefix.manifest, fieldBytes(fields));
  return fieldBytes({
    ...fields,
    ...(signing ? { signature: signing.sign(message) } : {}),
    masterSignature: master.sign(message),
  });
}

export interface Validator {
  readonly master: Key;
  readonly signing: Key;
  readonly manifest: Uint8Array;
}

export function validator(name: string): Validator {
  const [master, signing] = [edKey(`master of ${name}`), secpKey(`signing of ${name}`)];
  return { master, signing, manifest: manifestBytes({ master, signing }) };
}

export function validators(count: number): Validator[] {
  return Array.from({ length: count }, (_, at) => validator(`validator ${at}`));
}

export interface ValidationParts {
  readonly signing: Key;
  readonly header: LedgerHeader;
  readonly flags?: number;
  readonly ledgerIndex?: number;
  readonly ledgerHash?: Hash;
  readonly cookie?: number;
}

export function validationBytes(parts: ValidationParts): Uint8Array {
  const { signing, header, flags = 0x8000_0001, cookie = 7 } = parts;
  const fields = {
    flags: uintBytes(flags, 4),
    ledgerSequence: uintBytes(parts.ledgerIndex ?? header.index, 4),
    signingTime: uintBytes(header.closeTimeRippleS + 1, 4),
    unheardNumber: uintBytes(99, 4),
    cookie: uintBytes(cookie, 8),
    ledgerHash: parts.ledgerHash ?? ledgerHash(header),
    consensusHash: new Uint8Array(32).fill(0xab),
    signingKey: signing.publicKey,
  };
  const signature = signing.sign(concatBytes(hashPrefix.validation, fieldBytes(fields)));
  return fieldBytes({ ...fields, signature });
}

const publisherMaster = edKey("master of the publisher");
const publisherSigning = edKey("signing of the publisher");

export const madePublisher = {
  master: publisherMaster,
  signing: publisherSigning,
  publicKey: toHex(publisherMaster.publicKey).toUpperCase(),
  manifest: manifestBytes({ master: publisherMaster, signing: publisherSigning }),
};

/** A time within the lists made here, and the ledger's own: seconds of the Ripple epoch. */
export const madeCloseRippleS = 840_000_000;

export interface ListParts {
  readonly members: readonly { readonly master: Key; readonly manifest?: Uint8Array }[];
  readonly sequence?: number;
  readonly effective?: number;
  readonly expiration?: number;
}

export function listContent({ members, sequence = 1, effective, expiration }: ListParts): JsonObject {
  return {
    sequence,
    ...(effective === undefined ? {} : { effective }),
    expiration: expiration ?? madeCloseRippleS + 1000,
    validators: members.map(({ master, manifest }) => ({
      validation_public_key: toHex(master.publicKey).toUpperCase(),
      ...(manifest ? { manifest: toBase64(manifest) } : {}),
    })),
  };
}

/** A signed list of any content. */
export function signedBlob(content: JsonObject | string, key: Key = publisherSigning): JsonObject {
  const bytes = utf8(typeof content === "string" ? content : JSON.stringify(content));
  return { blob: toBase64(bytes), signature: toHex(key.sign(bytes)).toUpperCase() };
}

export function listJson(content: JsonObject | string): JsonObject {
  const common = { public_key: madePublisher.publicKey, manifest: toBase64(madePublisher.manifest) };
  return { ...common, ...signedBlob(content), version: 1 };
}

export function listV2Json(blobs: readonly JsonObject[], name = "blobs_v2"): JsonObject {
  const common = { public_key: madePublisher.publicKey, manifest: toBase64(madePublisher.manifest) };
  return { ...common, [name]: blobs, version: 2 };
}

const madeAccount = addressOf(accountIdOfKey(edKey("the account").publicKey));

export interface TransactionParts {
  readonly sequence: number;
  readonly memos?: readonly { readonly type: Uint8Array; readonly format: Uint8Array; readonly data: Uint8Array }[];
  readonly result?: string;
  readonly networkId?: number;
  readonly type?: string;
}

/** An AccountSet whose own signature is no more than bytes: validators have checked it, verifiers cannot. */
export function madeTransaction(parts: TransactionParts): LedgerBytes["transactions"][number] {
  const { sequence, memos = [], result = "tesSUCCESS", networkId, type = "AccountSet" } = parts;
  const hex = (bytes: Uint8Array): string => toHex(bytes).toUpperCase();
  const transaction = {
    TransactionType: type,
    Account: madeAccount,
    Sequence: sequence,
    Fee: "12",
    SigningPubKey: hex(edKey("the account").publicKey),
    TxnSignature: "AB".repeat(64),
    ...(networkId === undefined ? {} : { NetworkID: networkId }),
    ...(memos.length === 0
      ? {}
      : {
          Memos: memos.map(({ type, format, data }) => ({
            Memo: { MemoType: hex(type), MemoFormat: hex(format), MemoData: hex(data) },
          })),
        }),
  };
  const meta = { AffectedNodes: [], TransactionIndex: sequence % 100, TransactionResult: result };
  return { blob: fromHex(encode(transaction)), meta: fromHex(encode(meta)) };
}

export interface MadeLedger extends LedgerBytes {
  readonly decoded: LedgerHeader;
}

/** A ledger of the given transactions that follows `parent`. */
export function madeLedger(
  transactions: LedgerBytes["transactions"],
  changes: Partial<LedgerHeader> = {},
  parent?: LedgerHeader,
): MadeLedger {
  const leaves: TreeLeaf[] = transactions.map(({ blob, meta }) => ({
    key: transactionId(blob),
    hash: transactionLeaf(blob, meta),
  }));
  const decoded: LedgerHeader = {
    index: parent ? parent.index + 1 : 9_000_000,
    totalDrops: 99_985_000_000_000_000n,
    parentHash: parent ? ledgerHash(parent) : sha256(utf8("the ledger before")),
    transactionRoot: treeRoot(leaves),
    stateRoot: sha256(utf8("the state")),
    parentCloseTimeRippleS: parent?.closeTimeRippleS ?? madeCloseRippleS - 10,
    closeTimeRippleS: parent ? parent.closeTimeRippleS + 10 : madeCloseRippleS,
    closeResolutionS: 10,
    closeFlags: 0,
    ...changes,
  };
  return { header: encodeLedgerHeader(decoded), transactions, decoded };
}

export function followers(first: LedgerHeader, count: number): LedgerHeader[] {
  const headers: LedgerHeader[] = [];
  for (let at = 0; at < count; at++) headers.push(madeLedger([], {}, headers.at(-1) ?? first).decoded);
  return headers;
}
