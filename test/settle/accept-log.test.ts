import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { nodeSha256 } from "../../src/adapters/node-crypto.ts";
import { nodeTreeHashing } from "../../src/adapters/node-tree.ts";
import { toHex, utf8 } from "../../src/core/bytes.ts";
import { idBytes } from "../../src/core/event.ts";
import { leafHash, treeAccumulator } from "../../src/core/merkle.ts";
import { inclusionPath, verifyInclusion } from "../../src/core/merkle-proof.ts";
import { growingLog } from "../../src/settle/accept-log.ts";
import { failure } from "../support/temporary-folder.ts";

const idOf = (number: number): string => toHex(nodeSha256(utf8(`event ${number}`)));

describe.for([
  { name: "one by one", by: { sha256: nodeSha256 } },
  { name: "many at once", by: { sha256: nodeSha256, hashing: nodeTreeHashing } },
])("a log that is hashed $name", ({ by }) => {
  test("has root and paths of the tree of its leaves, whenever it is asked", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(90), { maxLength: 12 }), fc.nat(), (batches, some) => {
        const [log, tree] = [growingLog("log.test/ledger", by), treeAccumulator(nodeSha256)];
        for (const count of batches) {
          for (let more = 0; more < count; more++) {
            const id = idOf(tree.size);
            expect(log.append(id)).toBe(tree.size);
            tree.append(leafHash(idBytes(id)));
          }
          expect(toHex(log.root())).toBe(toHex(tree.root()));
          if (log.size === 0) continue;
          const index = some % log.size;
          const path = inclusionPath(index, log.size, log.hashes);
          verifyInclusion(leafHash(idBytes(idOf(index))), { index, size: log.size, path }, tree.root());
          expect([log.indexOf(idOf(index)), log.indexOf(idOf(log.size))]).toEqual([index, undefined]);
        }
      }),
    );
  });

  test("has no hash of what is not complete", async () => {
    const log = growingLog("log.test/ledger", by);
    for (let number = 0; number < 3; number++) log.append(idOf(number));
    const asked = Promise.resolve().then(() => log.hashes(1, 1));
    expect((await failure(asked))?.code).toBe("TREE_POSITION_INVALID");
  });
});
