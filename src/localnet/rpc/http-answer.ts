import { type Call, type ServerState } from "./call.ts";
import { apiVersionOf, isForbidden, maskedRequest, repeated, runMethod } from "./dispatch.ts";
import { isJsonObject, type JsonObject, readJson } from "./json.ts";

export interface HttpAnswer {
  readonly status: number;
  /** A text is sent as it is, anything else as JSON. */
  readonly body: unknown;
}

const plain = (status: number, words: string): HttpAnswer => ({ status, body: `${words}\r\n` });

/** Answers one JSON-RPC request (or a `batch` of them) as rippled's HTTP port does. */
export function answerHttp(server: ServerState, role: Call["role"], text: string): HttpAnswer {
  const reading = readJson(text);
  if ("fault" in reading) return plain(400, `Unable to parse request: ${reading.fault}`);
  const { value: request } = reading;
  if (!isJsonObject(request) || Object.keys(request).length === 0) return plain(400, "Unable to parse request: ");
  if (request["method"] !== "batch") return answerOne(server, role, request);
  if (!Array.isArray(request["params"])) return plain(400, "Malformed batch request");
  return { status: 200, body: request["params"].map((each: unknown) => answerInBatch(server, role, each)) };
}

function answerOne(server: ServerState, role: Call["role"], request: JsonObject): HttpAnswer {
  const given = request["params"];
  const params = Array.isArray(given) && given.length === 1 ? (given[0] as unknown) : isNothing(given) ? {} : undefined;
  const apiVersion = apiVersionOf(params);
  if (apiVersion === undefined) return plain(400, "invalid_API_version");
  const { method } = request;
  const methodFault = faultOfMethod(method);
  if (typeof method === "string" && isForbidden(method, role)) return plain(403, "Forbidden");
  if (methodFault !== undefined) return plain(400, methodFault);
  if (params !== null && !isJsonObject(params)) return plain(400, "params unparsable");
  const fields = params ?? {};
  const ripplerpc = fields["ripplerpc"] ?? "1.0";
  if (typeof ripplerpc !== "string") return plain(400, "ripplerpc is not a string");
  return answerCall({ server, role, method: String(method), params: fields, apiVersion }, ripplerpc);
}

function faultOfMethod(method: unknown): string | undefined {
  if (method === undefined || method === null) return "Null method";
  if (typeof method !== "string") return "method is not string";
  return method === "" ? "method is empty" : undefined;
}

/** jsoncpp takes an empty list or object for nothing given. */
function isNothing(value: unknown): boolean {
  return value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);
}

function answerInBatch(server: ServerState, role: Call["role"], request: unknown): unknown {
  const refused = (code: number, message: string): unknown => ({ request, error: { error: { code, message } } });
  if (!isJsonObject(request)) return refused(-32601, "Method not found");
  const apiVersion = apiVersionOf(request);
  if (apiVersion === undefined) return refused(-32006, "invalid_API_version");
  const { method } = request;
  const methodFault = faultOfMethod(method);
  if (typeof method === "string" && isForbidden(method, role)) return refused(-32605, "Forbidden");
  if (methodFault !== undefined) return refused(-32601, methodFault);
  const ripplerpc = typeof request["ripplerpc"] === "string" ? request["ripplerpc"] : "1.0";
  return answerCall({ server, role, method: String(method), params: request, apiVersion }, ripplerpc).body;
}

function answerCall(call: Call, ripplerpc: string): HttpAnswer {
  const outcome = runMethod(call);
  const echo = repeated(call.params, ["id", "jsonrpc", "ripplerpc"]);
  if ("result" in outcome) return { status: 200, body: { result: { ...outcome.result, status: "success" }, ...echo } };
  const { answer, httpStatus } = outcome.refused;
  if (ripplerpc >= "2.0") {
    const { error_message: message, ...rest } = answer;
    const error = { ...rest, code: answer["error_code"], message, status: "error" };
    return { status: ripplerpc >= "3.0" ? httpStatus : 200, body: { error, ...echo } };
  }
  const request = { ...maskedRequest(call.params), command: call.method };
  return { status: 200, body: { result: { ...answer, request, status: "error" }, ...echo } };
}
