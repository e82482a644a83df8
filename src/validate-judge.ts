import { hash } from "node:crypto";
import { type CacheFolder, cacheFolder } from "./adapters/cache-folder.ts";
import { nodeSha256 } from "./adapters/node-crypto.ts";
import { quickVerify } from "./adapters/sodium-verify.ts";
import type { ChunkLedger, JudgeChunk } from "./validate/chunk.ts";
import { type KnownFacts, knownFacts } from "./validate/facts-cache.ts";
import { chunkJudge } from "./validate/judge-chunk.ts";
import type { MilestoneStore } from "./validate/milestone.ts";
import type { KnownDigests } from "./validate/month-log.ts";
import { version } from "./version.ts";

/** What judges chunks by the quickest cryptography there is, and what it remembers. */
export interface FastJudge {
  readonly judge: JudgeChunk;
  readonly lookUp: KnownFacts["lookUp"];
}

/** Another version of the program has other rules. */
function ownName(name: string): string {
  return hash("sha256", `${version}\n${name}`, "hex");
}

/** @param cache - folder where facts are kept between runs */
export function fastJudge(ledger: ChunkLedger, cache: string | undefined): FastJudge {
  const judge = chunkJudge(ledger, { verify: quickVerify, sha256: nodeSha256 });
  if (cache === undefined) return { judge, lookUp: () => undefined };
  const { read, write } = cacheFolder(cache);
  const { lookUp, remembering } = knownFacts(ledger, {
    read: (name) => read(ownName(name)),
    write: (name, bytes) => write(ownName(name), bytes),
  });
  return { judge: remembering(judge), lookUp };
}

/** What earlier runs found out, beside the facts. */
interface Known {
  readonly digests: KnownDigests;
  readonly milestones: MilestoneStore;
}

/** @param cache - folder where facts are kept between runs */
export function knownFrom(cache: string): Known {
  const folder = cacheFolder(cache);
  const milestones: MilestoneStore = {
    open: (name) => folder.open(ownName(name)),
    write(name, pieces) {
      folder.write(ownName(name), pieces);
      folder.prune();
    },
    remove: (name) => folder.remove(ownName(name)),
  };
  return { milestones, digests: knownDigests(folder) };
}

function knownDigests({ read, write }: CacheFolder): KnownDigests {
  const checked = (digest: string): string => `${digest} ${hash("sha256", digest, "hex")}\n`;
  return {
    read(name) {
      const text = Buffer.from(read(name) ?? []).toString("utf8");
      const digest = text.slice(0, 64);
      return text === checked(digest) ? digest : undefined;
    },
    write: (name, digest) => write(name, Buffer.from(checked(digest))),
  };
}
