import { utf8 } from "../../core/bytes.ts";
import { sha512Half } from "../../core/xrpl/hash.ts";
import { hexOf } from "./hex.ts";

const names = [
  "AMM",
  "AMMClawback",
  "Clawback",
  "Credentials",
  "DID",
  "DeepFreeze",
  "DynamicNFT",
  "MPTokensV1",
  "NFTokenMintOffer",
  "PermissionedDEX",
  "PermissionedDomains",
  "PriceOracle",
  "TokenEscrow",
  "XRPFees",
  "fixAMMClawbackRounding",
  "fixAMMOverflowOffer",
  "fixAMMv1_1",
  "fixAMMv1_2",
  "fixAMMv1_3",
  "fixCleanup3_1_3",
  "fixCleanup3_2_0",
  "fixDirectoryLimit",
  "fixDisallowIncomingV1",
  "fixEmptyDID",
  "fixEnforceNFTokenTrustline",
  "fixEnforceNFTokenTrustlineV2",
  "fixFillOrKill",
  "fixFrozenLPTokenTransfer",
  "fixIncludeKeyletFields",
  "fixInnerObjTemplate",
  "fixInnerObjTemplate2",
  "fixInvalidTxFlags",
  "fixMPTDeliveredAmount",
  "fixNFTokenPageLinks",
  "fixNFTokenReserve",
  "fixPayChanCancelAfter",
  "fixPreviousTxnID",
  "fixPriceOracleOrder",
  "fixReducedOffersV2",
  "fixRemoveNFTokenAutoTrustLine",
  "fixTokenEscrowV1",
  "fixUniversalNumber",
];

/**
 * Ids of the amendments in force from the first ledger on: those the main network had when rippled 3.2.0 came out.
 * An amendment's id is the hash of its name.
 */
export const amendmentIds: readonly string[] = names.map((name) => hexOf(sha512Half(utf8(name)))).toSorted();
