import { existsSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const folder = fileURLToPath(new URL("../../../shared/", import.meta.url));

/** Is the folder of published vectors beside the checkout? In CI it must be. */
export const hasShared = existsSync(folder);

if (!hasShared && process.env["CI"] === "true") {
  throw new Error(`CI needs the shared vectors beside the checkout, and ${folder} is not there`);
}

export function sharedPath(path: string): string {
  return folder + path;
}

export function sharedText(path: string): string {
  return readFileSync(sharedPath(path), "utf8");
}

/** A JSON file of the shared vectors; `undefined` where they are missing, so that a table of cases can be empty. */
export function sharedJson<T>(path: string): T | undefined {
  return hasShared ? (JSON.parse(sharedText(path)) as T) : undefined;
}
