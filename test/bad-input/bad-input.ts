import type { Place } from "./place.ts";

/** A hostile input and what has to come of it. */
export interface BadInput {
  readonly name: string;
  /** Spoils a sound ledger, of which one month is anchored, and what lies beside it. */
  readonly spoil?: (place: Place) => void | Promise<void>;
  /**
   * Arguments of `settlement`. In a text each word is one of them, and `LEDGER`, `DATA`, `TRUST`, `PROOF` and `ROOT`
   * stand for the paths of the place.
   */
  readonly run: string | readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly answer: Answer;
  /** What the message says: what is wrong, where, and what to do. */
  readonly says: readonly string[];
  /** Texts of which nothing may be shown, beside the keys of the place. */
  readonly secrets?: readonly string[];
  /** Files that may be there afterwards, and were not before. Everything else is as it was. */
  readonly leaves?: readonly string[];
}

type Answer =
  | { readonly error: string; readonly exit: 1 | 2 | 3 }
  /** Of `validate`. */
  | { readonly finding: string; readonly file?: string }
  /** Of `verify` and `verify-tx`: the layer that fails; without one the summary says why. */
  | { readonly layer: string | undefined };

/** `error` of each kind, with the exit code of its kind. */
export const wrong = (error: string): Answer => ({ error, exit: 2 });
export const refuted = (error: string): Answer => ({ error, exit: 1 });
export const notNow = (error: string): Answer => ({ error, exit: 3 });
