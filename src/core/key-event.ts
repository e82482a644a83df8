import { SettlementError } from "./error.ts";
import { isJsonObject, type JsonObject } from "./json.ts";
import type { LedgerEvent } from "./ledger-event.ts";
import type { NodeId } from "./node-id.ts";
import type { Maintainer } from "./node-manifest.ts";
import { parseRfc3339 } from "./time.ts";

interface Saying {
  readonly repo: NodeId;
  /** The member `key` of the event. */
  readonly said: JsonObject;
  /** Milliseconds since 1970. */
  readonly effectiveAt: number | undefined;
}

export interface KeyRotation extends Saying {
  readonly type: "KeyRotation";
  readonly retiringKeyId: string | undefined;
  readonly newKeyId: string | undefined;
  /** In any spelling of a public key. */
  readonly newPublicKey: string | undefined;
}

export interface KeyRevocation extends Saying {
  readonly type: "KeyRevocation";
  readonly revokedKeyId: string | undefined;
  /** As it was written. */
  readonly reason: string | undefined;
  /** Milliseconds since 1970. */
  readonly invalidAfter: number | undefined;
}

/** What an event of the jsonl dialect says of the keys of a repository, as far as it can be read. */
export type KeyEvent = KeyRotation | KeyRevocation;

/** Undefined for an event that says nothing of keys. */
export function keyEventOf({ dialect, type, repo, json }: LedgerEvent): KeyEvent | undefined {
  const said = json["key"];
  if (dialect !== "jsonl" || repo === undefined || !isJsonObject(said)) return undefined;
  const common = { repo, said, effectiveAt: timeOf(said, "effectiveAt") };
  if (type === "KeyRotation") {
    return {
      ...common,
      type,
      retiringKeyId: textOf(said, "retiringKeyId"),
      newKeyId: textOf(said, "newKeyId"),
      newPublicKey: textOf(said, "newPublicKey"),
    };
  }
  if (type !== "KeyRevocation") return undefined;
  return {
    ...common,
    type,
    revokedKeyId: textOf(said, "revokedKeyId"),
    reason: textOf(said, "reason"),
    invalidAfter: timeOf(said, "invalidAfter"),
  };
}

/** Is this the rotation that ends a key of the node? That key may sign it at any time, its end being in the manifest. */
export function retires(change: KeyEvent | undefined, node: NodeId, { keyId }: Pick<Maintainer, "keyId">): boolean {
  return (
    change?.type === "KeyRotation" && change.repo === node && keyId !== undefined && change.retiringKeyId === keyId
  );
}

function textOf(object: JsonObject, name: string): string | undefined {
  const value = object[name];
  return typeof value === "string" ? value : undefined;
}

/** Undefined where it is missing or no time. */
function timeOf(object: JsonObject, name: string): number | undefined {
  const text = textOf(object, name);
  try {
    return text === undefined ? undefined : parseRfc3339(text);
  } catch (error) {
    if (error instanceof SettlementError) return undefined;
    throw error;
  }
}
