import { canonicalJson } from "../canonical-json.ts";
import { equalBytes, toHex } from "../bytes.ts";
import { type VerifySignature, verifyEd25519 } from "../ed25519.ts";
import { SettlementError } from "../error.ts";
import type { Receipt } from "../receipt.ts";
import type { PinnedPublisher } from "../trust.ts";
import type { Check } from "../verdict.ts";
import { examineXpop, type XpopFindings } from "./examine-xpop.ts";
import { encodeLedgerHeader } from "./ledger-header.ts";
import { manifestsBeyond } from "./quorum.ts";
import type { Xpop } from "./xpop.ts";

/** What of a receipt its XPOP must repeat. */
export type Witnessed = Pick<Receipt, "blob" | "meta" | "path" | "header" | "network">;

function refuse(message: string): never {
  throw new SettlementError("XPOP_REFUTED", message);
}

/**
 * Did the validators sign what a receipt says? Its transaction, metadata, way and header must be the XPOP's, byte for
 * byte, and the publisher pinned for the receipt's network. An XPOP that goes with a receipt holds validations that count
 * and what they need and nothing else, so that none of it can be changed unnoticed.
 *
 * @throws SettlementError `XPOP_REFUTED`
 */
export function verifyXpopFor(
  receipt: Witnessed,
  xpop: Xpop,
  publishers: readonly PinnedPublisher[],
  verify: VerifySignature = verifyEd25519,
): Check {
  if (!equalBytes(xpop.blob, receipt.blob)) refuse("the XPOP is of another transaction than the receipt");
  if (!equalBytes(xpop.meta, receipt.meta)) refuse("the XPOP holds other metadata than the receipt");
  if (!equalBytes(encodeLedgerHeader(xpop.header), encodeLedgerHeader(receipt.header)))
    refuse(`the XPOP is of another ledger ${xpop.header.index} than the receipt`);
  if (canonicalJson(xpop.proof) !== canonicalJson(receipt.path))
    refuse("the XPOP holds another proof than the receipt");
  const { layers, findings } = examineXpop(xpop, { publishers, network: receipt.network }, verify);
  const failing = layers.find(({ status }) => status === "fail");
  if (failing) return refuse(`${failing.layer}: ${failing.detail}`);
  const open = layers.find(({ status }) => status === "unproven");
  if (open) return { unproven: open.detail };
  const detailOf = (name: string): string => layers.find((each) => each.layer === name)?.detail ?? "";
  if (!holdsVotesAlone(xpop, findings))
    refuse(`it holds more than votes and what they need: ${detailOf("validators")}`);
  return { pass: `${detailOf("validators")}; ${detailOf("list")}; publisher ${detailOf("publisher")}` };
}

function holdsVotesAlone({ validations, manifests }: Xpop, { tally, content }: XpopFindings): boolean {
  if (!tally || !content || tally.votes.length !== validations.length) return false;
  const used = manifestsBeyond(content.members, tally).map((bytes) => toHex(bytes));
  return (
    used.toSorted().join() ===
    manifests
      .map((bytes) => toHex(bytes))
      .toSorted()
      .join()
  );
}
