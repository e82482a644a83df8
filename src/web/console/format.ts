import { parseRfc3339 } from "../../core/time.ts";

/** `1,234,567`. */
export function numberText(value: number | bigint | string): string {
  const digits = String(value);
  return /^-?\d+$/.test(digits) ? digits.replace(/\B(?=(\d{3})+$)/g, ",") : digits;
}

/** `1 event`, `1,234 events`. */
export function countText(count: number | string, one: string, several = `${one}s`): string {
  return `${numberText(count)} ${String(count) === "1" ? one : several}`;
}

/** `YYYY-MM-DD HH:MM:SS UTC` of an RFC 3339 time in UTC; anything else as it is. */
export function timeText(time: string): string {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}:\d{2})(\.\d+)?Z$/.exec(time);
  return match ? `${match[1]} ${match[2]}${match[3] ?? ""} UTC` : time;
}

/** Milliseconds since 1970; undefined for what is no time. */
export function unixMsOf(time: string): number | undefined {
  try {
    return parseRfc3339(time);
  } catch {
    return undefined;
  }
}

const spans = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
] as const;

/** About how long a time is: `3 days`, `less than a minute`. */
export function spanText(ms: number): string {
  for (const [unitMs, name] of spans) if (ms >= unitMs) return countText(Math.floor(ms / unitMs), name);
  return "less than a minute";
}

/** How far away an instant is: `in 3 days`, `2 hours ago`. */
export function awayText(unixMs: number, nowUnixMs: number): string {
  return unixMs >= nowUnixMs ? `in ${spanText(unixMs - nowUnixMs)}` : `${spanText(nowUnixMs - unixMs)} ago`;
}

/** Drops as XRP, exact. @param drops - a decimal integer, 0 or more */
export function xrpText(drops: string): string {
  const padded = drops.padStart(7, "0");
  const fraction = padded.slice(-6).replace(/0+$/, "");
  return `${numberText(padded.slice(0, -6))}${fraction === "" ? "" : `.${fraction}`} XRP`;
}

const monthNames = [
  "January",
  "February",
  "March",
  "April",
  "May",
  "June",
  "July",
  "August",
  "September",
  "October",
  "November",
  "December",
];

/** `March` of `2026-03`. */
export function monthName(month: string): string {
  return monthNames[Number(month.slice(5)) - 1] ?? month;
}

/** The clock of this device, milliseconds since 1970. */
export function nowUnixMs(): number {
  return performance.timeOrigin + performance.now();
}

const explorers: Readonly<Record<string, string>> = {
  mainnet: "https://livenet.xrpl.org",
  testnet: "https://testnet.xrpl.org",
  devnet: "https://devnet.xrpl.org",
};

/** Where a transaction of a public network can be looked at; undefined for every other network. */
export function explorerUrl(network: string, transactionHash: string): string | undefined {
  const site = Object.hasOwn(explorers, network) ? explorers[network] : undefined;
  return site === undefined || !/^[0-9A-F]{64}$/.test(transactionHash)
    ? undefined
    : `${site}/transactions/${transactionHash}`;
}
