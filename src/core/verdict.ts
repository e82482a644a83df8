import { SettlementError } from "./error.ts";

/** The arrows of the chain of evidence, in its order. */
export const layerNames = [
  "event",
  "signature",
  "inclusion",
  "manifest",
  "checkpoint",
  "memo",
  "transaction",
  "account",
  "ledger",
  "statement",
  "validators",
] as const;

/** The arrows that a bare XPOP has, in its order: what of a bundle is `ledger` and `validators` in single steps. */
export const xpopLayerNames = [
  "transaction",
  "path",
  "header",
  "publisher",
  "list",
  "validators",
  "memo",
  "account",
] as const;

export type LayerName = (typeof layerNames)[number] | (typeof xpopLayerNames)[number];

/** `unproven`: the evidence is not there, or rests on a key nobody pinned. */
export type LayerStatus = "pass" | "fail" | "unproven";

export interface Layer {
  readonly layer: LayerName;
  readonly status: LayerStatus;
  readonly detail: string;
}

/**
 * `proven`: a quorum of validators signed for it. `anchored`: no validator's signature is at hand, but a pinned settlement
 * key vouches. `unproven`: neither. `failed`: some arrow is contradicted.
 */
export type VerdictWord = "proven" | "anchored" | "unproven" | "failed";

export interface Verdict {
  readonly verdict: VerdictWord;
  /** One sentence for people. */
  readonly summary: string;
  readonly account: { readonly address: string | null; readonly pinned: boolean };
  readonly layers: readonly Layer[];
}

/** What a check found: the values it saw, or that evidence is missing. */
export type Check = { readonly pass: string } | { readonly unproven: string };

/** Runs one check; a {@link SettlementError} is a `fail` with its message, anything else is a bug and goes on up. */
export function layer(name: LayerName, check: () => Check): Layer {
  try {
    const found = check();
    if ("pass" in found) return { layer: name, status: "pass", detail: found.pass };
    return { layer: name, status: "unproven", detail: found.unproven };
  } catch (error) {
    if (!(error instanceof SettlementError)) throw error;
    return { layer: name, status: "fail", detail: error.message };
  }
}
