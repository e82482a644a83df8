import { SettlementError } from "./error.ts";
import type { NetworkName } from "./network.ts";
import type { PinnedAccount } from "./settlement-info.ts";
import type { Check } from "./verdict.ts";

/** How an account stands to the pins of its network. */
export type Pin = "equal" | "different" | "none";

export function pinOf(network: NetworkName, account: string, pins: readonly PinnedAccount[]): Pin {
  const ofNetwork = pins.filter((pin) => pin.network === network);
  if (ofNetwork.length === 0) return "none";
  return ofNetwork.some((pin) => pin.account === account) ? "equal" : "different";
}

/** Is the account that anchored one the verifier pinned? Anyone can anchor anything from an account of their own. */
export function checkAccount(network: NetworkName, account: string, pins: readonly PinnedAccount[]): Check {
  switch (pinOf(network, account, pins)) {
    case "equal":
      return { pass: `${account} on ${network} is pinned` };
    case "none":
      return {
        unproven: `no account is pinned for ${network}, and anyone can anchor from an account of their own; this one is ${account}`,
      };
    case "different": {
      const expected = pins.filter((pin) => pin.network === network).map((pin) => pin.account);
      throw new SettlementError(
        "BUNDLE_REFUTED",
        `${expected.join(" or ")} is pinned for ${network}, this anchor is by ${account}`,
      );
    }
  }
}
