import { SettlementError } from "./error.ts";

/** `org/repo`. Both parts are also folder names of the ledger, so neither may be `.` or `..`. */
export type NodeId = string;

const part = "(?!\\.{1,2}(?:/|$))[A-Za-z0-9_.-]{1,100}";
const pattern = new RegExp(`^${part}/${part}$`);

export function isNodeId(value: unknown): boolean {
  return typeof value === "string" && pattern.test(value);
}

/** @throws SettlementError `NODE_ID_MALFORMED` */
export function parseNodeId(value: unknown): NodeId {
  if (typeof value === "string" && isNodeId(value)) return value;
  throw new SettlementError(
    "NODE_ID_MALFORMED",
    `a node id is written org/repo with letters, digits, "_", "." and "-", not ${JSON.stringify(value)?.slice(0, 60)}`,
  );
}
