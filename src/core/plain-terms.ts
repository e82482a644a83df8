import { utf8 } from "./bytes.ts";
import { cachedByText, type NumberOfText } from "./byte-cache.ts";
import { firstBits, type TermName } from "./event-index.ts";
import type { HashRange, Part, PlainEvent } from "./plain-event.ts";
import { blockBytes, type BlockHashing, hashBytes, mostMessageBytes, padBlock } from "./tree-hashing.ts";

/** Writes what events can be searched by: one more than the key of each of their terms, in the order of `termsOf`. */
export interface TermWriter {
  /** @param terms - takes the keys of the events that follow; what was not ended before is forgotten */
  begin(terms: Float64Array): void;
  /** @param at - where the keys of the event begin; some are written when {@link end} is called */
  write(event: PlainEvent, at: number): void;
  end(): void;
}

const separator = utf8("@");
const nothing: Part = { start: 0, end: 0 };
const [ofRepo, ofVersion, ofRelease] = [lead("repo"), lead("version"), lead("release")];
const [ofType, ofNode, ofAbout] = [lead("type"), lead("node"), lead("about")];

function lead(name: TermName): Uint8Array {
  return utf8(`${name}\n`);
}

/**
 * @param bytes - that hold the events
 * @param spare - from here on there is as much room as the longest event takes
 * @param hash - for what is too long for one block
 */
export function plainTerms(bytes: Uint8Array, spare: number, hash: HashRange, hashing: BlockHashing): TermWriter {
  const queue = hashQueue(hashing);
  const digest = new Uint8Array(hashBytes);

  /** Puts a term together behind `spare`. @returns where it ends */
  const put = (name: Uint8Array, text: Part, version?: Part): number => {
    bytes.set(name, spare);
    let to = spare + name.length;
    bytes.copyWithin(to, text.start, text.end);
    to += text.end - text.start;
    if (!version) return to;
    bytes.set(separator, to++);
    bytes.copyWithin(to, version.start, version.end);
    return to + version.end - version.start;
  };
  const keyOf = (end: number): number => {
    hash(spare, end, digest, 0);
    return 1 + firstBits(digest, 0);
  };
  const cached = (name: Uint8Array): NumberOfText =>
    cachedByText(bytes, (start, end) => keyOf(put(name, { start, end })));
  const [repoKey, typeKey, nodeKey] = [cached(ofRepo), cached(ofType), cached(ofNode)];
  /** Of terms that hardly come twice. */
  const writeLater = (list: Float64Array, at: number, end: number): void => {
    if (end - spare > mostMessageBytes) list[at] = keyOf(end);
    else queue.add(bytes.subarray(spare, end), at);
  };
  let list: Float64Array = new Float64Array();
  return {
    begin(target) {
      list = target;
      queue.begin(target);
    },
    write({ repo, version, toVersion = nothing, target, type, signer }, first) {
      let at = first;
      if (repo) list[at++] = repoKey(repo.start, repo.end);
      if (version) writeLater(list, at++, put(ofVersion, version));
      if (repo && version) writeLater(list, at++, put(ofRelease, repo, version));
      list[at++] = typeKey(type.start, type.end);
      list[at++] = nodeKey(signer.start, signer.end);
      if (target) writeLater(list, at++, put(ofAbout, target));
      if (repo && !version) writeLater(list, at, put(ofAbout, repo, toVersion));
    },
    end: queue.end,
  };
}

interface HashQueue {
  begin(list: Float64Array): void;
  /** @param at - where the list takes one more than the key that the message hashes to */
  add(message: Uint8Array, at: number): void;
  end(): void;
}

const queued = 256;

function hashQueue(hashing: BlockHashing): HashQueue {
  const blocks = new Uint8Array(queued * blockBytes);
  const hashes = new Uint8Array(queued * hashBytes);
  const places = new Uint32Array(queued);
  let list: Float64Array = new Float64Array();
  let count = 0;
  const end = (): void => {
    hashing.blocks(blocks.subarray(0, count * blockBytes), hashes);
    for (let each = 0; each < count; each++) list[places[each] ?? 0] = 1 + firstBits(hashes, each * hashBytes);
    count = 0;
  };
  return {
    begin(target) {
      list = target;
      count = 0;
    },
    add(message, at) {
      blocks.set(message, count * blockBytes);
      padBlock(blocks, count * blockBytes, message.length);
      places[count++] = at;
      if (count === queued) end();
    },
    end,
  };
}
