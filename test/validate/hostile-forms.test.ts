import { testCases } from "./hostile-case.ts";
import { forms } from "./hostile-forms-cases.ts";

testCases(forms);
