import express, { type RequestHandler } from "express";
import { SettlementError } from "../core/error.ts";
import type { BodyRule } from "./route.ts";

/** Reads a body of the right type into memory, up to its limit. What is compressed is refused: it could unfold to anything. */
export function readBody({ types, maxBytes }: BodyRule): RequestHandler[] {
  const checkType: RequestHandler = (request, _response, next) => {
    const [type = "", ...parameters] = (request.get("Content-Type") ?? "").toLowerCase().split(";");
    const isUtf8 = parameters.every((each) => !each.includes("charset") || /^\s*charset="?utf-8"?\s*$/.test(each));
    if (!types.includes(type.trim()) || !isUtf8) {
      throw new SettlementError(
        "MEDIA_TYPE_UNSUPPORTED",
        `send a body of Content-Type ${types.join(" or ")}, in UTF-8`,
      );
    }
    next();
  };
  return [checkType, express.raw({ type: () => true, limit: maxBytes, inflate: false })];
}
