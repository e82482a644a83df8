import type { NetworkName } from "./network.ts";

/** Who anchored, and whether the verifier believes that account: anyone can anchor from an account of their own. */
export function anchoredBy(account: string, network: NetworkName, pinned: boolean): string {
  const hint = pinned ? "pinned" : "not pinned: anyone can anchor from an account of their own";
  return `by account ${account} on ${network} (${hint})`;
}

/** What a verdict about this network is worth, as a sentence that follows another; empty where there is nothing to say. */
export function networkCaveat(network: NetworkName | null): string {
  switch (network) {
    case "local":
      return " A local network convinces nobody else.";
    case "testnet":
    case "devnet":
      return ` Test networks are reset: this is about ${network} as it was then.`;
    default:
      return "";
  }
}
