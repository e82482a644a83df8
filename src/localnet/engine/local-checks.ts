import { type MemoJson, type TransactionJson } from "./transaction.ts";

/** Bytes all Memo objects of a transaction may take together, without the array around them. */
const maxMemoBytes = 1024;
/** The characters of RFC 3986. */
const urlCharacters = /^[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]*$/;

/** Transactions that ledgers make themselves. */
export const pseudoTypes: ReadonlySet<string> = new Set(["EnableAmendment", "SetFee", "UNLModify"]);

/** What a server refuses to look at, in rippled's words (`STTx.cpp`, `passesLocalChecks`). */
export function localFault({ Memos, TransactionType }: TransactionJson): string | undefined {
  const isPseudo = pseudoTypes.has(TransactionType);
  return memoFault(Memos ?? []) ?? (isPseudo ? "Cannot submit pseudo transactions." : undefined);
}

function memoFault(Memos: readonly MemoJson[]): string | undefined {
  if (Memos.reduce((sum, memo) => sum + memoSize(memo), 0) > maxMemoBytes)
    return "The memo exceeds the maximum allowed size.";
  for (const element of Memos) {
    const names = Object.keys(element);
    if (names.length !== 1 || names[0] !== "Memo") return "A memo array may contain only Memo objects.";
    for (const [name, hex] of Object.entries(element.Memo)) {
      if (!["MemoType", "MemoData", "MemoFormat"].includes(name)) {
        return "A memo may contain only MemoType, MemoData or MemoFormat fields.";
      }
      if (name !== "MemoData" && !urlCharacters.test(Buffer.from(hex, "hex").toString("latin1"))) {
        return "The MemoType and MemoFormat fields may only contain characters that are allowed in URLs under RFC 3986.";
      }
    }
  }
  return undefined;
}

/** Header and end marker of the object, and of each field a header and its length prefix. */
function memoSize({ Memo }: MemoJson): number {
  return Object.values(Memo ?? {}).reduce((sum, hex) => {
    const length = hex.length / 2;
    return sum + 1 + (length <= 192 ? 1 : 2) + length;
  }, 2);
}
