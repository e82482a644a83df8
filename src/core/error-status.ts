import type { ErrorKind } from "./error.ts";

/** HTTP status that says what a caller may do about a failure. */
export const statusOfKind: Readonly<Record<ErrorKind, number>> = {
  invalid: 400,
  absent: 404,
  conflict: 409,
  refuted: 422,
  unavailable: 503,
  uncertain: 503,
};
