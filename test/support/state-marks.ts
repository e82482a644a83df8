import { utf8 } from "../../src/core/bytes.ts";
import type { State } from "../../src/adapters/sql-state.ts";

export const writtenOrigin = "node.example/ledger";
const [network, endpoint] = ["testnet", "https://one.example/hook"];
const changedUnixMs = 1;

/** Writes one thing into each store but the attempts, in this order. */
export async function writeMark(state: State, mark: number): Promise<void> {
  const name = String(mark);
  await state.heads.record(writtenOrigin, mark, name);
  await state.evidence.keep({
    network,
    ledgerIndex: mark,
    ledgerHash: name,
    kind: "ledger",
    name,
    bytes: utf8(name.repeat(5000)),
  });
  await state.seenLedgers.record(network, { ledgerIndex: mark, hash: name });
  await state.promises.keep({ origin: name, size: mark + 1, checkpoint: name, acceptedUnixMs: mark });
  await state.notices.record({ id: name, type: "partition.closed", createdUnixMs: mark, body: { mark } });
  await state.notices.tried(name, endpoint, mark, "refused");
  await state.partitions.move(undefined, { origin: writtenOrigin, month: name, state: "open", changedUnixMs });
  await state.partitions.move("open", { origin: writtenOrigin, month: name, state: "closing", changedUnixMs });
  await state.auditLog.record({ atUnixMs: mark, actor: "cli", act: "write", detail: name, outcome: "ok" });
}

/** What is there of each mark, one entry a write in the order of {@link writeMark}. */
export async function writtenMarks(state: State): Promise<readonly (readonly boolean[])[]> {
  const heads = await state.heads.list(writtenOrigin);
  const notices = await state.notices.undelivered(endpoint, 100);
  const audited = await state.auditLog.list(heads.length);
  return Promise.all(
    heads.map(async ({ size: mark, root }) => {
      const name = String(mark);
      const [piece] = await state.evidence.find(network, mark);
      const promised = await state.promises.covering(name, [mark]);
      const notice = notices.find(({ id }) => id === name);
      const partition = await state.partitions.get(writtenOrigin, name);
      return [
        root === name,
        piece?.bytes.length === name.length * 5000,
        (await state.seenLedgers.get(network, mark))?.hash === name,
        promised.get(mark)?.checkpoint === name,
        notice !== undefined,
        notice?.tries === 1,
        partition !== undefined,
        partition?.state === "closing",
        audited.some(({ detail }) => detail === name),
      ];
    }),
  );
}
