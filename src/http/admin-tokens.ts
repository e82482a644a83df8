import { createHash, timingSafeEqual } from "node:crypto";
import { SettlementError } from "../core/error.ts";

/** Who may act, and how to know him; the token itself is kept nowhere. */
export interface AdminToken {
  /** What the audit log calls him. */
  readonly name: string;
  /** SHA-256 of the token. */
  readonly digest: Uint8Array;
}

const shortestToken = 32;
const longestToken = 512;

/** The characters of RFC 6750 §2.1. */
const tokenPattern = /^[A-Za-z0-9._~+/-]+=*$/;

function digestOf(token: string): Uint8Array {
  return createHash("sha256").update(token).digest();
}

function lineFault(words: readonly string[]): string | undefined {
  const [name = "", token = ""] = words;
  if (words.length !== 2) return "must be a name and a token, set apart by a space";
  if (!/^[A-Za-z0-9._@-]{1,64}$/.test(name)) return "has a name of other characters than letters, digits and . _ @ -";
  if (token.length < shortestToken)
    return `has a token of ${token.length} characters; at least ${shortestToken} are needed`;
  if (token.length > longestToken) return `has a token of more than ${longestToken} characters`;
  return tokenPattern.test(token) ? undefined : "has a token that no Authorization header can carry";
}

/**
 * The tokens of `--admin-tokens-file`: a `name token` a line, empty lines and those that begin with `#` left out. A name
 * may have several tokens, so that one can be replaced while the other still works.
 *
 * @throws SettlementError `CONFIG_INVALID` naming the line, never what stands in it
 */
export function parseAdminTokens(text: string): readonly AdminToken[] {
  const fail = (fault: string): never => {
    throw new SettlementError("CONFIG_INVALID", `--admin-tokens-file: ${fault}`);
  };
  const seen = new Map<string, number>();
  const tokens = text.split(/\r?\n/).flatMap((line, at): AdminToken[] => {
    const words = line.trim().split(/\s+/);
    const [name = "", token = ""] = words;
    if (name === "" || name.startsWith("#")) return [];
    const fault = lineFault(words);
    if (fault !== undefined) fail(`line ${at + 1} ${fault}`);
    const before = seen.get(token);
    if (before !== undefined) fail(`line ${at + 1} has the token of line ${before}; each token is of one name`);
    seen.set(token, at + 1);
    return [{ name, digest: digestOf(token) }];
  });
  return tokens.length > 0 ? tokens : fail("it holds no token; write a line `name token`, or leave the setting out");
}

/**
 * Name of the token in an Authorization header, RFC 6750; undefined when there is none or it is unknown. Every token is
 * compared, and in constant time, so that the time it takes tells nothing.
 */
export function actorOf(authorization: string | undefined, tokens: readonly AdminToken[]): string | undefined {
  const [, given = ""] = /^Bearer +(\S+) *$/i.exec(authorization ?? "") ?? [];
  const digest = digestOf(given);
  const matches = tokens.filter((token) => timingSafeEqual(token.digest, digest));
  return matches[0]?.name;
}
