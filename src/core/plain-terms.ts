import { utf8 } from "./bytes.ts";
import { cachedByText, type NumberOfText } from "./byte-cache.ts";
import { firstBits, type TermName } from "./event-index.ts";
import type { HashRange, Part, PlainEvent } from "./plain-event.ts";

/** Writes what an event can be searched by: one more than the key of each of its terms, in the order of `termsOf`. */
export type WriteTerms = (event: PlainEvent, terms: Float64Array, at: number) => void;

const separator = 0x40;
const nothing: Part = { start: 0, end: 0 };

/**
 * @param bytes - that hold the events
 * @param spare - from here on there is as much room as the longest event takes
 */
export function plainTerms(bytes: Uint8Array, spare: number, hash: HashRange): WriteTerms {
  const digest = new Uint8Array(32);
  const keyOf = (end: number): number => {
    hash(spare, end, digest, 0);
    return 1 + firstBits(digest, 0);
  };
  const put = (to: number, { start, end }: Part): number => {
    bytes.copyWithin(to, start, end);
    return to + end - start;
  };
  const lead = (name: TermName): Uint8Array => utf8(`${name}\n`);
  const cached = (name: TermName): NumberOfText => {
    const prefix = lead(name);
    return cachedByText(bytes, (start, end) => {
      bytes.set(prefix, spare);
      return keyOf(put(spare + prefix.length, { start, end }));
    });
  };
  const ofAbout = lead("about");
  const aboutKey = (text: Part): number => {
    bytes.set(ofAbout, spare);
    return keyOf(put(spare + ofAbout.length, text));
  };
  const [ofRepo, ofVersion, ofType, ofNode] = [cached("repo"), cached("version"), cached("type"), cached("node")];
  const ofRelease = lead("release");
  /** Hardly one comes twice. */
  const releaseKey = (prefix: Uint8Array, repo: Part, version: Part): number => {
    bytes.set(prefix, spare);
    const to = put(spare + prefix.length, repo);
    bytes[to] = separator;
    return keyOf(put(to + 1, version));
  };
  return ({ repo, version, toVersion = nothing, target, type, signer }, terms, first) => {
    let at = first;
    if (repo) terms[at++] = ofRepo(repo.start, repo.end);
    if (version) terms[at++] = ofVersion(version.start, version.end);
    if (repo && version) terms[at++] = releaseKey(ofRelease, repo, version);
    terms[at++] = ofType(type.start, type.end);
    terms[at++] = ofNode(signer.start, signer.end);
    if (target) terms[at++] = aboutKey(target);
    if (repo && !version) terms[at] = releaseKey(ofAbout, repo, toVersion);
  };
}
