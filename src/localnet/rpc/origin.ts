import type { IncomingMessage } from "node:http";

const ownHosts = ["localhost", "127.0.0.1", "[::1]"];

/**
 * Does a page of another site ask? A browser names the page's origin; whoever reaches a port has admin rights, so only
 * pages of this machine are answered. Programs name none.
 */
export function isForeignPage({ headers: { origin } }: Pick<IncomingMessage, "headers">): boolean {
  if (origin === undefined) return false;
  return !(URL.canParse(origin) && ownHosts.includes(new URL(origin).hostname));
}
