import { judgeInWorker, serveJudge } from "./judge-worker.ts";
import { startPage } from "./page.ts";

// One script is the page's and its worker's: so the page stays one file, and one hash allows all of its code.
if (typeof document === "undefined") serveJudge();
else startPage(judgeInWorker(document.currentScript?.textContent ?? ""));
