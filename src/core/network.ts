import { SettlementError } from "./error.ts";

/** `mainnet`, `testnet`, `devnet`, `local` or `xrpl-<network id>`: a name of a network, never a URL. */
export type NetworkName = string;

/** Network ids of the public networks. */
const publicIds: Readonly<Record<string, number>> = { mainnet: 0, testnet: 1, devnet: 2 };

/** Network id of the local network, at least 1025 so that no blob of it can be replayed on a public network. */
export const localNetworkId = 63_456;

export function isNetworkName(value: unknown): value is NetworkName {
  if (typeof value !== "string") return false;
  if (value === "local" || Object.hasOwn(publicIds, value)) return true;
  // A public network has one name, so that what is pinned or asked for under it cannot be passed by under another.
  return /^xrpl-(0|[1-9]\d{0,9})$/.test(value) && !Object.values(publicIds).includes(Number(value.slice(5)));
}

/** @throws SettlementError `NETWORK_UNKNOWN` */
export function parseNetworkName(value: unknown): NetworkName {
  if (isNetworkName(value)) return value;
  throw new SettlementError(
    "NETWORK_UNKNOWN",
    `a network is local, testnet, devnet, mainnet or xrpl-<network id>, not ${JSON.stringify(value)?.slice(0, 60)}`,
  );
}

/** Network id of a name. `local` may have another one, which its receipts carry. */
export function networkIdOf(network: NetworkName): number {
  const name = parseNetworkName(network);
  if (name === "local") return localNetworkId;
  return publicIds[name] ?? Number(name.slice("xrpl-".length));
}

/** Does a network of this name have this id? `local` takes every id that a public network cannot have. */
export function isIdOfNetwork(network: NetworkName, networkId: number): boolean {
  return network === "local" ? networkId >= 1025 : networkIdOf(network) === networkId;
}
