import { type JsonObject } from "./json.ts";

/** Codes, words and HTTP statuses (of `ripplerpc` 3.0) of the errors this server gives, as rippled's `ErrorCodes.cpp` has them. */
const faults = {
  forbidden: [3, "Bad credentials.", 403],
  wrongNetwork: [4, "Wrong network.", 503],
  noPermission: [6, "You don't have permission for this command.", 401],
  highFee: [11, "Current transaction fee exceeds your limit.", 402],
  actNotFound: [19, "Account not found.", 404],
  lgrNotFound: [21, "Ledger not found.", 404],
  lgrNotValidated: [22, "Ledger not validated.", 202],
  masterDisabled: [23, "Master key is disabled.", 403],
  txnNotFound: [29, "Transaction not found.", 404],
  invalidParams: [31, "Invalid parameters.", 400],
  unknownCmd: [32, "Unknown method.", 405],
  actMalformed: [35, "Account malformed.", 400],
  badSecret: [43, "Secret does not match account.", 403],
  badSeed: [44, "Disallowed seed.", 403],
  lgrIdxsInvalid: [57, "Ledger indexes invalid.", 400],
  lgrIdxMalformed: [58, "Ledger index malformed.", 400],
  srcActMalformed: [65, "Source account is malformed.", 400],
  srcActMissing: [66, "Source account not provided.", 400],
  srcActNotFound: [67, "Source account not found.", 404],
  malformedStream: [71, "Stream malformed.", 400],
  tooBusy: [9, "The server is too busy to help you now.", 503],
  internal: [73, "Internal error.", 500],
  notImpl: [74, "Not implemented.", 501],
  notSupported: [75, "Signing is not supported by this server.", 501],
  badKeyType: [76, "Bad key type.", 400],
  excessiveLgrRange: [78, "Ledger range exceeds 1000.", 400],
  invalidLgrRange: [79, "Ledger range is invalid.", 400],
  entryNotFound: [98, "Entry not found.", 400],
} as const satisfies Record<string, readonly [code: number, message: string, httpStatus: number]>;

export type FaultName = keyof typeof faults;

/** The error answer of a method. The dispatcher turns it into rippled's words; it never leaves the server as an exception. */
export class RpcFault extends Error {
  override readonly name = "RpcFault";
  /** `error`, `error_code`, `error_message` and whatever the method had already written. */
  readonly answer: JsonObject;
  readonly httpStatus: number;

  constructor(answer: JsonObject, httpStatus = 200) {
    super(String(answer["error"]));
    this.answer = answer;
    this.httpStatus = httpStatus;
  }
}

/** An error of the table, with other words where rippled has others, and the fields that go beside it. */
export function fault(name: FaultName, message?: string, beside: JsonObject = {}): RpcFault {
  const [code, words, httpStatus] = faults[name];
  return new RpcFault({ ...beside, error: name, error_code: code, error_message: message ?? words }, httpStatus);
}

/** An error that rippled gives without a code. */
export function bareFault(error: string, beside: JsonObject = {}): RpcFault {
  return new RpcFault({ ...beside, error });
}

export function invalidParams(message?: string, beside?: JsonObject): RpcFault {
  return fault("invalidParams", message, beside);
}

export function missingField(name: string): RpcFault {
  return invalidParams(`Missing field '${name}'.`);
}

/** `expected` continues the sentence: "not boolean". */
export function invalidField(name: string, expected?: string): RpcFault {
  return invalidParams(expected === undefined ? `Invalid field '${name}'.` : `Invalid field '${name}', ${expected}.`);
}
