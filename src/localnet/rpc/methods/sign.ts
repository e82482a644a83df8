import { type Call, type Method } from "../call.ts";
import { fault, RpcFault } from "../fault.ts";
import { type JsonObject } from "../json.ts";
import { signedAnswer, signFor, signRequested } from "../sign-transaction.ts";

const deprecated =
  "This command has been deprecated and will be removed in a future version of the server. Please migrate to a standalone signing tool.";

export const sign: Method = (call) => signing(call, deprecated, () => signedAnswer(signRequested(call), call));

export const signForAccount: Method = (call) => signing(call, deprecated, () => signedAnswer(signFor(call), call));

/** Signs for admins alone, and says with every answer, errors too, that it should be done elsewhere. */
export function signing({ role }: Call, notice: string, act: () => JsonObject): JsonObject {
  if (role !== "admin") throw fault("notSupported");
  try {
    return { ...act(), deprecated: notice };
  } catch (error) {
    if (error instanceof RpcFault) throw new RpcFault({ ...error.answer, deprecated: notice }, error.httpStatus);
    throw error;
  }
}
