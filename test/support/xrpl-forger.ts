import { readHeader, readLedger } from "../../src/adapters/xrpl-answers.ts";
import type { XrplServer } from "../../src/adapters/xrpl-rpc.ts";
import { toHex } from "../../src/core/bytes.ts";
import type { JsonObject } from "../../src/core/json.ts";
import {
  decodeLedgerHeader,
  encodeLedgerHeader,
  ledgerHash,
  type LedgerHeader,
} from "../../src/core/xrpl/ledger-header.ts";
import { transactionLeaf, treeRoot } from "../../src/core/xrpl/shamap.ts";
import { transactionId } from "../../src/core/xrpl/transaction-id.ts";
import type { LedgerBytes } from "../../src/core/xrpl/whole-ledger.ts";
import { lying, withMember } from "./xrpl-liar.ts";

type Transactions = LedgerBytes["transactions"];

interface Forgery {
  /** The first ledger that is forged; all after it are its children. */
  readonly from: number;
  /** The last ledger that is forged, when the honest ones go on after it. */
  readonly through?: number;
  /** The last ledger it calls validated, when not the honest one's; may be in the future. */
  readonly tip?: number;
  /** What the forged ledgers hold; what the honest ones do when left out. */
  readonly transactions?: (honest: Transactions, ledgerIndex: number) => Transactions;
}

function hex(bytes: Uint8Array): string {
  return toHex(bytes).toUpperCase();
}

/**
 * A server that shows a chain of its own from some ledger on. Its trees, hashes and parents are all right, as a liar would
 * take care of: nothing but another server's word says that it is not the network's.
 */
export function forging(
  server: XrplServer,
  { from, through = Infinity, tip, transactions = (honest) => honest }: Forgery,
): XrplServer {
  const made = new Map<number, LedgerBytes>();

  async function honest(index: number): Promise<{ header: LedgerHeader; transactions: Transactions }> {
    const last = (await readHeader(server, "validated"))?.header as LedgerHeader;
    if (index > last.index) {
      const later = { index, closeTimeRippleS: last.closeTimeRippleS + index - last.index };
      return { header: { ...last, ...later }, transactions: [] };
    }
    const bytes = await readLedger(server, index);
    return { header: decodeLedgerHeader(bytes.header), transactions: bytes.transactions };
  }

  async function forged(index: number): Promise<LedgerBytes> {
    for (let at = from; at <= index; at++) {
      if (made.has(at)) continue;
      const { header, transactions: held } = await honest(at);
      const before = made.get(at - 1);
      const shown = transactions(held, at);
      const leaves = shown.map(({ blob, meta }) => ({ key: transactionId(blob), hash: transactionLeaf(blob, meta) }));
      const parentHash = before ? ledgerHash(before.header) : header.parentHash;
      // One drop less than there is, so that it is another ledger in any case.
      const totalDrops = header.totalDrops - 1n;
      const next = { ...header, totalDrops, parentHash, transactionRoot: treeRoot(leaves) };
      made.set(at, { header: encodeLedgerHeader(next), transactions: shown });
    }
    return made.get(index) as LedgerBytes;
  }

  return {
    ...lying(server, {
      server_info: (answer) =>
        tip === undefined ? answer : withMember(answer, ["info", "validated_ledger", "seq"], tip),
    }),
    async request(command, parameters: JsonObject = {}) {
      if (command !== "ledger") return server.request(command, parameters);
      const asked = parameters["ledger_index"];
      const last = tip ?? (await readHeader(server, "validated"))?.header.index ?? 0;
      const index = asked === "validated" ? last : Number(asked);
      if (index < from || index > through) return server.request(command, { ...parameters, ledger_index: index });
      if (index > last) return { error: "lgrNotFound", message: "ledgerNotFound" };
      const bytes = await forged(index);
      const held = bytes.transactions.map(({ blob, meta }) => ({ tx_blob: hex(blob), meta_blob: hex(meta) }));
      return {
        ledger: {
          closed: true,
          ledger_data: hex(bytes.header),
          ...(parameters["transactions"] === true ? { transactions: held } : {}),
        },
        ledger_index: index,
        validated: true,
      };
    },
  };
}
