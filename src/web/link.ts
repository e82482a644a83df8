import { fromBase64 } from "../core/bytes.ts";
import { SettlementError } from "../core/error.ts";

/** What the address of the page asks for. */
export type Link =
  | { readonly kind: "none" }
  /** The proof itself, in base64url. */
  | { readonly kind: "inline"; readonly text: string }
  /** A path of the server that served the page. */
  | { readonly kind: "path"; readonly path: string };

/** `#proof=…`, `#/v1/…` or `?src=/v1/…`; any other fragment is a place on the page. */
export function parseLink({ hash, search }: { readonly hash: string; readonly search: string }): Link {
  if (hash.startsWith("#proof=")) return { kind: "inline", text: hash.slice("#proof=".length) };
  if (hash.startsWith("#/")) return { kind: "path", path: hash.slice(1) };
  const path = new URLSearchParams(search).get("src");
  return path === null ? { kind: "none" } : { kind: "path", path };
}

function refuse(message: string): never {
  throw new SettlementError("PROOF_UNREADABLE", message);
}

/**
 * The URL of a path on the page's own server, and never of another one.
 *
 * @param page - address of this page
 * @throws SettlementError `PROOF_UNREADABLE`
 */
export function urlOnServer(path: string, page: string): URL {
  const own = new URL(page);
  if (own.protocol !== "https:" && own.protocol !== "http:")
    refuse("the link names a path on a server, and this page is a saved file: open the proof's own file instead");
  const url = URL.canParse(path, page) && path.startsWith("/") ? new URL(path, own) : undefined;
  if (url?.origin !== own.origin)
    return refuse(
      `the link must name a path of this server, such as /v1/events/…/proof, not ${JSON.stringify(path.slice(0, 80))}`,
    );
  return url;
}

/** Bytes of base64url, RFC 4648 §5, without padding. @throws SettlementError `PROOF_UNREADABLE` */
export function fromBase64url(text: string): Uint8Array {
  const padding = "=".repeat((4 - (text.length % 4)) % 4);
  try {
    return fromBase64(text.replaceAll("-", "+").replaceAll("_", "/") + padding);
  } catch (cause) {
    throw new SettlementError(
      "PROOF_UNREADABLE",
      "the proof in the link is cut short or altered: it is not base64url",
      {
        cause,
      },
    );
  }
}

/** Is it gzip, RFC 1952 §2.3.1? JSON never begins so. */
export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}
