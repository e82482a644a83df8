import { createHash } from "node:crypto";
import { decode, encode } from "ripple-binary-codec";
import { verify } from "ripple-keypairs";
import { encodeNodePublic, hashes } from "xrpl";

/**
 * An XPOP as others read it: with the codec, the hashes and the signatures of the XRP Ledger's own packages, and with nothing
 * of ours. Only the list form is read, and neither member that goes beyond XLS-41.
 */
interface OthersXpop {
  readonly ledger: Readonly<Record<"acroot" | "txroot" | "phash" | "coins", string>> &
    Readonly<Record<"index" | "close" | "pclose" | "cres" | "flags", number>>;
  readonly transaction: { readonly blob: string; readonly meta: string; readonly proof: Branch };
  readonly validation: {
    readonly data: Readonly<Record<string, string>>;
    readonly unl: Readonly<Record<"public_key" | "manifest" | "blob" | "signature", string>> & {
      readonly version: number;
    };
  };
}

type Branch = readonly (string | Branch)[];
type Fields = Readonly<Record<string, unknown>>;

export interface OthersVerdict {
  readonly transactionHash: string;
  readonly ledgerHash: string;
  readonly publisher: string;
  readonly validators: number;
  /** Labels in `data` whose validations count. */
  readonly voters: readonly string[];
}

function sha512Half(...parts: readonly Uint8Array[]): Buffer {
  return createHash("sha512").update(Buffer.concat(parts)).digest().subarray(0, 32);
}

const prefix = (text: string): Buffer => Buffer.from(`${text}\0`);
const bytes = (hex: string): Buffer => Buffer.from(hex, "hex");
const upper = (data: Uint8Array): string => Buffer.from(data).toString("hex").toUpperCase();

function sized(data: Buffer): Buffer {
  if (data.length <= 192) return Buffer.concat([Buffer.of(data.length), data]);
  const rest = data.length - 193;
  return Buffer.concat([Buffer.of(193 + (rest >> 8), rest & 255), data]);
}

/** The hash of a branch; the way goes along the nibbles of the transaction's id to its leaf. */
function branchHash(branch: Branch, id: string, depth: number, leaf: string): Buffer {
  if (branch.length !== 16) throw new Error(`level ${depth} has ${branch.length} branches`);
  const children = branch.map((child, at) => {
    const isOnWay = at === Number.parseInt(id.charAt(depth), 16);
    if (typeof child !== "string") {
      if (!isOnWay) throw new Error(`level ${depth} opens a branch beside the way`);
      return branchHash(child, id, depth + 1, leaf);
    }
    if (isOnWay && child !== leaf) throw new Error(`level ${depth} ends in another leaf`);
    return bytes(child);
  });
  return sha512Half(prefix("MIN"), ...children);
}

/** What keys sign: the object without its signatures, behind a prefix. */
function signedHex(kind: string, fields: Fields, ...without: readonly string[]): string {
  const rest = Object.fromEntries(Object.entries(fields).filter(([name]) => !without.includes(name)));
  return upper(prefix(kind)) + encode(rest);
}

/** The signing key that a manifest in base64 gives its master key. */
function signingKeyOf(manifest: string, masterKey: string): string {
  const fields: Fields = decode(upper(Buffer.from(manifest, "base64")));
  const signed = signedHex("MAN", fields, "Signature", "MasterSignature");
  const key = String(fields["SigningPubKey"]);
  const isGood =
    fields["PublicKey"] === masterKey &&
    verify(signed, String(fields["MasterSignature"]), masterKey) &&
    verify(signed, String(fields["Signature"]), key);
  if (!isGood) throw new Error(`the manifest of ${masterKey} is not signed`);
  return key;
}

/** Does this validation, by one of these keys, count for this ledger? */
function counts(
  data: string,
  label: string,
  keys: ReadonlySet<string>,
  ledger: { index: number; hash: string },
): boolean {
  const fields: Fields = decode(data);
  const key = String(fields["SigningPubKey"]);
  return (
    encodeNodePublic(bytes(key)) === label &&
    keys.has(key) &&
    fields["LedgerHash"] === ledger.hash &&
    fields["LedgerSequence"] === ledger.index &&
    (Number(fields["Flags"]) & 1) === 1 &&
    verify(signedHex("VAL", fields, "Signature"), String(fields["Signature"]), key)
  );
}

/** Everything recomputed. @throws Error at the first part that does not hold */
export function othersVerdict(json: unknown): OthersVerdict {
  const { ledger, transaction, validation } = json as OthersXpop;
  const { blob, meta, proof } = transaction;
  const id = hashes.hashSignedTx(blob);
  const leaf = upper(sha512Half(prefix("SND"), sized(bytes(blob)), sized(bytes(meta)), bytes(id)));
  if (upper(branchHash(proof, id, 0, leaf)) !== ledger.txroot) throw new Error("the proof has another root");
  const hash = hashes.hashLedgerHeader({
    ledger_index: ledger.index,
    total_coins: ledger.coins,
    parent_hash: ledger.phash,
    transaction_hash: ledger.txroot,
    account_hash: ledger.acroot,
    parent_close_time: ledger.pclose,
    close_time: ledger.close,
    close_time_resolution: ledger.cres,
    close_flags: ledger.flags,
  } as never);
  const { unl, data } = validation;
  const list = Buffer.from(unl.blob, "base64");
  const publisherKey = signingKeyOf(unl.manifest, unl.public_key);
  if (!verify(upper(list), unl.signature, publisherKey)) throw new Error("the list is not signed");
  const { validators } = JSON.parse(list.toString("utf8")) as {
    validators: { validation_public_key: string; manifest: string }[];
  };
  const keys = new Set(validators.map((member) => signingKeyOf(member.manifest, member.validation_public_key)));
  const voters = Object.entries(data).filter(([label, each]) =>
    counts(each, label, keys, { index: ledger.index, hash }),
  );
  if (voters.length < Math.ceil(0.8 * validators.length)) throw new Error(`only ${voters.length} validators signed`);
  return {
    transactionHash: id,
    ledgerHash: hash,
    publisher: unl.public_key,
    validators: validators.length,
    voters: voters.map(([label]) => label),
  };
}
