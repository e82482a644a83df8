import { closeSync, fstatSync, openSync, readSync } from "node:fs";
import { errnoOf } from "../../adapters/file-system.ts";
import type { Config } from "../../config.ts";
import { SettlementError } from "../../core/error.ts";
import { isJsonObject, type JsonObject, type JsonValue, parseJson } from "../../core/json.ts";
import { type NodeManifest, parseNodeManifest } from "../../core/node-manifest.ts";
import { placed } from "../../core/placed.ts";

/** Manifests, and files of events, are far smaller. */
const maxFileBytes = 64 * 1024 * 1024;

/** Bytes of a file, or of standard input for `-`. @throws SettlementError `USAGE_INVALID`, `JSON_TOO_LARGE` */
export function readGiven(path: string): Uint8Array {
  let file = 0;
  try {
    if (path !== "-") file = openSync(path, "r");
    return readAll(file, path);
  } catch (cause) {
    if (cause instanceof SettlementError) throw cause;
    throw new SettlementError(
      "USAGE_INVALID",
      `${path === "-" ? "standard input" : path} cannot be read (${errnoOf(cause)}); name a file, or - for standard input`,
      { cause },
    );
  } finally {
    if (file !== 0) closeSync(file);
  }
}

function readAll(file: number, path: string): Uint8Array {
  const chunks: Uint8Array[] = [];
  let length = 0;
  for (;;) {
    // A byte more than is taken tells that there are too many.
    const size = Math.min(fstatSync(file).size, maxFileBytes + 1);
    const chunk = new Uint8Array(Math.max(65_536, size));
    const count = readSync(file, chunk, 0, chunk.length, null);
    if (count === 0) return Buffer.concat(chunks);
    chunks.push(chunk.subarray(0, count));
    length += count;
    if (length > maxFileBytes) {
      throw new SettlementError("JSON_TOO_LARGE", `${path} has more than ${maxFileBytes} bytes; name another file`);
    }
  }
}

/** JSON of a file. @throws SettlementError those of {@link readGiven} and of `parseJson` */
export function readJson(path: string): JsonValue {
  const bytes = readGiven(path);
  return placed(path === "-" ? "standard input" : path, () => parseJson(bytes, { maxBytes: maxFileBytes }));
}

/** The events of a file: one, or a JSON array of them. @throws SettlementError as {@link readJson}, and `EVENT_MALFORMED` */
export function readEvents(path: string): readonly JsonValue[] {
  const value = readJson(path);
  const events = Array.isArray(value) ? (value as readonly JsonValue[]) : [value];
  if (events.length === 0) throw new SettlementError("EVENT_MALFORMED", `${path} holds no event`);
  return events;
}

/** One event of a file. @throws SettlementError as {@link readEvents} */
export function readEvent(path: string): JsonObject {
  const events = readEvents(path);
  const [event] = events;
  if (events.length === 1 && isJsonObject(event)) return event;
  throw new SettlementError("EVENT_MALFORMED", `${path} holds something other than one event, a JSON object`);
}

/** The manifest of `--node`; without the flag that of this folder, if it has one. @throws SettlementError as {@link readJson}, `NODE_MALFORMED` */
export function ownNode({ node, given }: Config): NodeManifest | undefined {
  try {
    return readManifest(node);
  } catch (error) {
    const isMissing = error instanceof SettlementError && error.code === "USAGE_INVALID";
    if (isMissing && !given.has("node")) return undefined;
    throw error;
  }
}

export function readManifest(path: string): NodeManifest {
  const value = readJson(path);
  return placed(path, () => parseNodeManifest(value));
}
