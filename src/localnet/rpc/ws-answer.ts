import { type Role, type ServerState, type Subscriber } from "./call.ts";
import { apiVersionOf, isForbidden, maskedRequest, type Outcome, repeated, runMethod } from "./dispatch.ts";
import { bareFault, fault } from "./fault.ts";
import { isJsonObject, type JsonObject, readJson } from "./json.ts";

/** Answers one WebSocket message as rippled does. */
export function answerMessage(server: ServerState, role: Role, subscriber: Subscriber, text: string): JsonObject {
  const reading = readJson(text);
  const request = "value" in reading ? reading.value : undefined;
  if (!isJsonObject(request)) return { type: "error", error: "jsonInvalid", value: text };
  const echo = { ...repeated(request, ["id", "jsonrpc", "ripplerpc", "api_version"]), type: "response" };
  const outcome = outcomeOf(server, role, subscriber, request);
  if ("result" in outcome) return { result: outcome.result, status: "success", ...echo };
  return { ...outcome.refused.answer, request: maskedRequest(request), status: "error", ...echo };
}

function outcomeOf(server: ServerState, role: Role, subscriber: Subscriber, request: JsonObject): Outcome {
  const apiVersion = apiVersionOf(request);
  if (apiVersion === undefined) return { refused: bareFault("invalid_API_version") };
  const { command, method: otherName } = request;
  const method = command ?? otherName;
  const differ = command !== undefined && otherName !== undefined && command !== otherName;
  if (typeof method !== "string" || differ) return { refused: bareFault("missingCommand") };
  if (isForbidden(method, role)) return { refused: fault("forbidden") };
  return runMethod({ server, role, subscriber, method, params: request, apiVersion });
}
