import type { LayerName, LayerStatus, VerdictWord } from "../core/verdict.ts";

/** A verdict in plain words. */
export interface VerdictText {
  readonly word: string;
  /** One sentence: what it means for the reader. */
  readonly meaning: string;
}

export const verdictTexts: Readonly<Record<VerdictWord, VerdictText>> = {
  proven: {
    word: "PROVEN",
    meaning: "The network’s validators signed the ledger that holds this record. You need nobody’s word for it.",
  },
  anchored: {
    word: "ANCHORED",
    meaning:
      "A settlement node whose key you pinned says that the XRP Ledger holds this record. No validator’s signature is at hand yet.",
  },
  unproven: {
    word: "UNPROVEN",
    meaning: "Nothing contradicts this file, and too little that you trust vouches for it.",
  },
  failed: {
    word: "FAILED",
    meaning: "Something in this file is contradicted, by itself or by what you pinned. Do not rely on it.",
  },
};

export const refusedText: VerdictText = {
  word: "NO PROOF",
  meaning: "This cannot be read as a proof, so there is nothing to verify.",
};

export const statusTexts: Readonly<Record<LayerStatus, string>> = { pass: "Yes", fail: "No", unproven: "Not shown" };

export interface LayerText {
  /** Answered by the layer's status. */
  readonly question: string;
  /** What is checked, and why it matters, for somebody who never heard of any of it. */
  readonly about: string;
  /** What the reader can do while it is unproven. */
  readonly hint?: string;
}

const pinLog = "Pin the settlement key of this ledger under “What you trust”, if somebody you believe gave it to you.";
const pinAccount =
  "Pin the account under “What you trust”, if somebody you believe told you which one anchors this ledger.";
const account: LayerText = {
  question: "Is it from the account you expect?",
  about:
    "Anyone can write anything to the XRP Ledger from an account of their own. Which account is the right one, only you can say.",
  hint: pinAccount,
};
const transaction: LayerText = {
  question: "Can the transaction be read?",
  about: "It is read from the bytes that were signed: who sent it, what it is, and whether it succeeded.",
};

const bundleTexts: Partial<Readonly<Record<LayerName, LayerText>>> = {
  event: {
    question: "Is the event unchanged?",
    about:
      "The name of an event is the fingerprint (SHA-256) of its content. The fingerprint is made again here; one changed letter would give another one.",
  },
  signature: {
    question: "Was it signed by a node that may say so?",
    about:
      "The signature is checked with the keys that the node had on record when the month was closed, and those keys with what was anchored.",
  },
  inclusion: {
    question: "Is it among the events of its month?",
    about:
      "Fingerprints are joined pair by pair until one is left that stands for the whole month: the root. The picture shows the way up from this event. Any other event, or the same one in another place, would end elsewhere.",
  },
  manifest: {
    question: "Does the summary of the month agree?",
    about: "The summary names the month, the number of its events, the first and the last of them, and the root.",
  },
  checkpoint: {
    question: "Does the settlement node vouch for the month?",
    about: "The node signs what it closed. Its signature counts only if you pinned its key.",
    hint: pinLog,
  },
  memo: {
    question: "Is it this month that was written to the XRP Ledger?",
    about: "A note inside the transaction carries the root and the fingerprint of the summary. Each part is compared.",
  },
  transaction: {
    question: "Is it a transaction that anchors, and did it succeed?",
    about: transaction.about,
  },
  account,
  ledger: {
    question: "Is the transaction in this ledger of the network?",
    about:
      "The XRP Ledger grows by one ledger every few seconds, like pages of a book. The header of each holds a fingerprint of all its transactions; the way from this transaction up to the header is computed again.",
  },
  statement: {
    question: "Does the settlement node say that the network accepted it?",
    about: "Weaker than the validators’ own signatures: it is the word of the node whose key you pinned.",
    hint: pinLog,
  },
  validators: {
    question: "Did the network’s validators sign this ledger?",
    about:
      "Validators are the computers that decide what the XRP Ledger holds. A publisher you trust names them, and at least 80 % of them have to have signed this very ledger.",
    hint: "Ask for a newer proof, which may carry the validators’ signatures. If it names a publisher you believe, pin it under “What you trust”.",
  },
};

const xpopTexts: Partial<Readonly<Record<LayerName, LayerText>>> = {
  transaction,
  path: {
    question: "Is the transaction in this ledger?",
    about:
      "The header of a ledger holds a fingerprint of all its transactions. The way from this transaction up to it is computed again.",
  },
  header: {
    question: "Is the header of that ledger whole?",
    about: "The fingerprint of the header names the ledger; it is what validators sign.",
  },
  publisher: {
    question: "Do you trust who names the validators?",
    about: "Anyone can run validators. A list names those that count, and you decide whose list.",
    hint: "If you believe this publisher, pin its key under “What you trust”.",
  },
  list: {
    question: "Is the list genuine, and was it in force then?",
    about: "It has to be signed by its publisher and valid when the ledger closed, not today: so a proof lasts.",
  },
  validators: {
    question: "Did enough of the validators sign this ledger?",
    about: "At least 80 % of those on the list have to have signed this very ledger.",
  },
  memo: {
    question: "Does the transaction anchor a month of a RepoMesh ledger?",
    about: "An XPOP can be of any transaction. Those that anchor carry a note that names the month and its root.",
  },
  account,
};

export type ProofKind = "bundle" | "xpop";

/** The words for a layer of a proof. Every layer has some (tested). */
export function layerText(kind: ProofKind, layer: LayerName): LayerText {
  const texts = kind === "bundle" ? bundleTexts : xpopTexts;
  return texts[layer] ?? { question: layer, about: "" };
}

export interface Chapter {
  readonly title: string;
  readonly layers: readonly LayerName[];
}

/** The layers of each kind of proof in the order of the chain, in chapters. */
export const chapters: Readonly<Record<ProofKind, readonly Chapter[]>> = {
  bundle: [
    { title: "The event", layers: ["event", "signature"] },
    { title: "Its month", layers: ["inclusion", "manifest", "checkpoint"] },
    { title: "The XRP Ledger", layers: ["memo", "transaction", "account", "ledger"] },
    { title: "Who vouches for it", layers: ["statement", "validators"] },
  ],
  xpop: [
    { title: "The transaction", layers: ["transaction", "path", "header"] },
    { title: "Who vouches for it", layers: ["publisher", "list", "validators"] },
    { title: "What was anchored", layers: ["memo", "account"] },
  ],
};
