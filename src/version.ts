import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

// Beside the sources in a checkout, one folder higher in the published package.
const candidates = ["../package.json", "../../package.json"].map((path) =>
  fileURLToPath(new URL(path, import.meta.url)),
);

function readVersion(): string {
  for (const path of candidates) {
    try {
      const found: unknown = JSON.parse(readFileSync(path, "utf8"));
      if (typeof found === "object" && found !== null && "version" in found) return String(found.version);
    } catch {
      // The other place.
    }
  }
  return "unknown";
}

/** Version of this package. */
export const version: string = readVersion();
