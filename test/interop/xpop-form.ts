type Fields = Readonly<Record<string, unknown>>;

function isHex(value: unknown, digits?: number): boolean {
  if (typeof value !== "string" || !/^[0-9A-F]+$/i.test(value)) return false;
  return digits === undefined ? value.length % 2 === 0 : value.length === digits;
}

const isHash = (value: unknown): boolean => isHex(value, 64);
const isInt = (value: unknown): boolean => Number.isInteger(value) && Number(value) >= 0 && Number(value) < 2 ** 31;
const isDrops = (value: unknown): boolean => typeof value === "string" && /^[0-9]{1,20}$/.test(value);
const isBase64 = (value: unknown): boolean => typeof value === "string" && /^[A-Za-z0-9+/]+={0,2}$/.test(value);
const objectOf = (value: unknown): Fields => (typeof value === "object" && value !== null ? (value as Fields) : {});

function isListForm(proof: unknown, depth = 0): boolean {
  if (!Array.isArray(proof) || proof.length !== 16 || depth > 64) return false;
  const deeper = proof.filter((entry) => Array.isArray(entry));
  return deeper.length <= 1 && proof.every((entry) => isHash(entry) || isListForm(entry, depth + 1));
}

function isLabelled(data: unknown): boolean {
  const entries = Object.entries(objectOf(data));
  return (
    entries.length > 0 && entries.every(([label, value]) => /^n[1-9A-HJ-NP-Za-km-z]{51}$/.test(label) && isHex(value))
  );
}

/** Each member with what XLS-41, or one of those who read it, asks of it. */
const members: Readonly<Record<string, (value: unknown) => boolean>> = {
  "ledger.acroot": isHash,
  "ledger.txroot": isHash,
  "ledger.phash": isHash,
  // The standard's text forgets it; a header has no hash without it.
  "ledger.index": isInt,
  "ledger.close": isInt,
  "ledger.pclose": isInt,
  "ledger.cres": isInt,
  "ledger.flags": isInt,
  // A number is allowed too, and is wrong in languages that have doubles alone.
  "ledger.coins": isDrops,
  "transaction.blob": isHex,
  "transaction.meta": isHex,
  "transaction.proof": isListForm,
  "validation.data": isLabelled,
  "validation.unl.public_key": (value) => isHex(value, 66),
  "validation.unl.manifest": isBase64,
  "validation.unl.blob": isBase64,
  "validation.unl.signature": isHex,
  "validation.unl.version": (value) => value === 1,
};

/**
 * The members of an XPOP that are missing or not as XLS-41 and those who read it (the Import transaction, the reference
 * verifier) ask, before any hash or signature is looked at.
 */
export function formFaults(xpop: unknown): string[] {
  return Object.entries(members)
    .filter(([path, isGood]) => !isGood(path.split(".").reduce<unknown>((at, name) => objectOf(at)[name], xpop)))
    .map(([path]) => path);
}
