import { isBranchName } from "./core/branch-name.ts";

/** Settings of a network that is fed by git; part of `settings`. */
export const gitSettings = {
  remote: {
    kind: "text",
    holder: "URL|NAME",
    about: "the repository of the ledger: an address (https, ssh, git, file), a path, or a remote of the clone",
    value: "origin",
  },
  branch: {
    kind: "text",
    holder: "NAME",
    about: "branch that events come in by",
    value: "main",
    form: ["the name of a branch", isBranchName],
  },
  pushBranch: {
    kind: "text",
    holder: "NAME",
    about: "branch that closed months and receipts are pushed to; that of --branch by default",
    form: ["the name of a branch", isBranchName],
  },
  commitName: {
    kind: "text",
    holder: "NAME",
    about: "who the commits of the node are by",
    value: "settlement",
    form: ["a name without < > and line ends", (text: string): boolean => /^[^<>\p{Cc}]{1,100}$/u.test(text)],
  },
  commitEmail: {
    kind: "text",
    holder: "ADDRESS",
    about: "e-mail address of the node's commits",
    value: "settlement@localhost",
    form: ["an e-mail address", (text: string): boolean => /^[^<>\s\p{Cc}]{1,200}$/u.test(text)],
  },
  gitTokenFile: {
    kind: "text",
    holder: "FILE",
    about: "file with the token or password for an https remote; SETTLEMENT_GIT_TOKEN holds the secret itself",
  },
  gitUser: {
    kind: "text",
    holder: "NAME",
    about: "user that goes with the token",
    value: "x-access-token",
    form: ["a name without colon", (text: string): boolean => /^[^:\s\p{Cc}]{1,100}$/u.test(text)],
  },
  gitTimeout: {
    kind: "count",
    holder: "SECONDS",
    about: "time that one pull or push may take",
    value: 300,
    max: 86_400,
  },
  pushTries: {
    kind: "count",
    holder: "N",
    about: "pushes that are tried when others push meanwhile, each after a new pull",
    value: 5,
    max: 100,
  },
} as const;
