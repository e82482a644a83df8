import { type ClosedLedger, type ClosedTransaction, type SeenTransaction, type SubmitOutcome } from "../engine.ts";
import { engineResults } from "../engine/results.ts";
import { type ApiVersion, type ServerState } from "./call.ts";
import { type JsonObject } from "./json.ts";
import { closeTimeOf, isoTime } from "./ledger-json.ts";
import { completeLedgers, loadFactors } from "./methods/server-info.ts";
import { ctidOf, metaJson, transactionJson } from "./transaction-json.ts";
