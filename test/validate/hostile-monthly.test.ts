import { describe } from "vitest";
import { testCases } from "./hostile-case.ts";
import { payloads, speakers } from "./hostile-monthly-cases.ts";

describe("payloads", () => {
  testCases(payloads);
});

describe("speakers", () => {
  testCases(speakers);
});
