import { existsSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fromUtf8 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";
import type { Answer } from "./answer.ts";
import type { Route } from "./route.ts";

/** Where the pages are built: beside package.json, wherever this file was compiled to. */
export const webFolder: string = join(
  dirname(createRequire(import.meta.url).resolve("repomesh-settlement/package.json")),
  "dist/web",
);

/** The page says itself what it may load; that nobody may put it in a frame can only be said in a header. */
function policyOf(page: string): string {
  const [, policy = "default-src 'none'"] = /http-equiv="Content-Security-Policy"\s+content="([^"]+)"/.exec(page) ?? [];
  return `${policy}; frame-ancestors 'none'`;
}

function pageAnswer(path: string): Answer | undefined {
  if (!existsSync(path)) return undefined;
  const body = readFileSync(path);
  const headers = {
    "Content-Security-Policy": policyOf(fromUtf8(body)),
    "Cross-Origin-Resource-Policy": "same-origin",
  };
  return { type: "text/html; charset=utf-8", body, cache: "brief", headers };
}

function pageRoute(path: string, file: string, query: readonly string[]): Route {
  const page = pageAnswer(file);
  return {
    path,
    query,
    answer: () => {
      if (page) return page;
      throw new SettlementError(
        "ROUTE_NOT_FOUND",
        "the page was not built with this program; npm run build makes it, and /v1 lists what else there is",
      );
    },
  };
}

/**
 * The pages for people: the one that verifies proofs in the browser, and the console.
 *
 * @param folder - of the pages as `scripts/build-page.ts` writes them
 */
export function webPageRoutes(folder: string = webFolder): readonly Route[] {
  return [
    // For the page's own script; the server sends the same page whatever it says.
    pageRoute("/verify", join(folder, "verify.html"), ["src"]),
    pageRoute("/", join(folder, "console.html"), []),
  ];
}
