import { type Method } from "../call.ts";
import { invalidParams, missingField } from "../fault.ts";
import { nodePublicKey, nodePublicText } from "../signing-keys.ts";

/** The newest manifest of a validator by its master key or its signing key; of a revoked one, as of a stranger, nothing. */
export const manifest: Method = ({ server, params }) => {
  const asked = params["public_key"];
  if (asked === undefined) throw missingField("public_key");
  const requested = typeof asked === "string" ? asked : "";
  const key = nodePublicKey(requested);
  if (!key) throw invalidParams(undefined, { requested });
  const held = server.validators?.manifestOf(key);
  if (!held?.signingKey) return { requested };
  return {
    requested,
    manifest: Buffer.from(held.bytes).toString("base64"),
    details: {
      ephemeral_key: nodePublicText(held.signingKey),
      master_key: nodePublicText(held.masterKey),
      seq: held.sequence,
    },
  };
};
