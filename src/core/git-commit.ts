import { concatBytes } from "./bytes.ts";
import { SettlementError } from "./error.ts";

/** A commit object of git, read as far as evidence needs it. */
export interface GitCommit {
  /** Hex, of the length of the repository's hash. */
  readonly tree: string;
  readonly parents: readonly string[];
  /** When the committer says it was made, seconds since 1970. */
  readonly commitTimeUnixS: number;
  /** The text of its one signature header, whatever made it; undefined where there is none. */
  readonly signature: string | undefined;
  /** What is signed: the object without that header. */
  readonly payload: Uint8Array;
}

/** Largest object that is read; messages are short. */
const maxCommitBytes = 1_048_576;

interface Header {
  readonly name: string;
  /** Continuation lines are joined by line feeds, their leading space dropped. */
  readonly value: string;
  readonly start: number;
  readonly end: number;
}

const lineFeed = 0x0a;
const space = 0x20;

/**
 * Reads the content of a commit object, as `git cat-file commit` prints it.
 *
 * Git passes over what it does not expect here; this refuses it, so that both read the same tree, parents and signature.
 *
 * @throws SettlementError `COMMIT_MALFORMED`
 */
export function parseGitCommit(object: Uint8Array): GitCommit {
  if (object.length > maxCommitBytes) {
    throw malformed(`it has ${object.length} bytes, at most ${maxCommitBytes} are read`);
  }
  const headers = headersOf(object);
  const names = headers.map(({ name }) => name);
  const parents = names.filter((name) => name === "parent").length;
  const first = ["tree", ...Array.from({ length: parents }, () => "parent"), "author", "committer"];
  if (first.some((name, at) => names[at] !== name) || first.some((name) => name !== "parent" && isTwice(names, name))) {
    throw malformed("its headers are not a tree, its parents, one author and one committer, in this order");
  }
  const ids = headers.slice(0, parents + 1).map(({ value }) => value);
  if (ids.some((id) => !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(id)))
    throw malformed("the id of a tree or parent is none");
  const [tree = "", ...parentIds] = ids;
  const signatures = headers.filter(({ name }) => name.startsWith("gpgsig"));
  if (signatures.length > 1) throw malformed("it has more than one signature");
  const [signature] = signatures;
  return {
    tree,
    parents: parentIds,
    commitTimeUnixS: timeOf(headers[parents + 2]?.value ?? ""),
    signature: signature?.value,
    payload: signature ? concatBytes(object.subarray(0, signature.start), object.subarray(signature.end)) : object,
  };
}

/** The headers before the empty line. */
function headersOf(object: Uint8Array): Header[] {
  const headers: Header[] = [];
  for (let at = 0; ;) {
    if (object[at] === lineFeed) return headers;
    const start = at;
    at = lineAfter(object, at);
    while (object[at] === space) at = lineAfter(object, at);
    const [, name = "", value = ""] = /^([a-z0-9-]{1,40}) (.*)\n$/s.exec(latin1(object.subarray(start, at))) ?? [];
    if (name === "") throw malformed("a header is not a name, a space and a value");
    headers.push({ name, value: value.replaceAll("\n ", "\n"), start, end: at });
  }
}

function lineAfter(object: Uint8Array, at: number): number {
  const end = object.indexOf(lineFeed, at);
  if (end === -1) throw malformed("no empty line ends its headers");
  return end + 1;
}

/** A character a byte: names of people come in any encoding, and what is looked at is ASCII. */
function latin1(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return text;
}

function isTwice(names: readonly string[], name: string): boolean {
  return names.indexOf(name) !== names.lastIndexOf(name);
}

function timeOf(committer: string): number {
  const time = /> (0|[1-9]\d{0,11}) [+-]\d{4}$/.exec(committer)?.[1];
  if (time === undefined) throw malformed("its committer has no time");
  return Number(time);
}

function malformed(what: string): SettlementError {
  return new SettlementError("COMMIT_MALFORMED", `the commit is malformed: ${what}; make it anew with git`);
}
