/** Bits of an account's `Flags` (rippled `LedgerFormats.h`). */
export const accountFlag = {
  /** The free key reset is used up. */
  passwordSpent: 0x0001_0000,
  requireDestTag: 0x0002_0000,
  requireAuth: 0x0004_0000,
  disallowXrp: 0x0008_0000,
  disableMaster: 0x0010_0000,
  noFreeze: 0x0020_0000,
  globalFreeze: 0x0040_0000,
  defaultRipple: 0x0080_0000,
  depositAuth: 0x0100_0000,
  disallowIncomingNFTokenOffer: 0x0400_0000,
  disallowIncomingCheck: 0x0800_0000,
  disallowIncomingPayChan: 0x1000_0000,
  disallowIncomingTrustline: 0x2000_0000,
  allowTrustLineLocking: 0x4000_0000,
  allowTrustLineClawback: 0x8000_0000,
} as const;
