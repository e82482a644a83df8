import definitions from "ripple-binary-codec/dist/enums/definitions.json" with { type: "json" };

import { utf8 } from "../../../core/bytes.ts";
import { sha512Half } from "../../../core/xrpl/hash.ts";
import { type Method } from "../call.ts";
import { hash256 } from "../parameters.ts";
import { upperHex } from "../transaction-json.ts";

const hash = upperHex(sha512Half(utf8(JSON.stringify(definitions))));

/** The codec's definitions; only their hash to who has them already. */
export const serverDefinitions: Method = ({ params }) =>
  hash256(params["hash"]) === hash ? { hash } : { ...definitions, hash };
