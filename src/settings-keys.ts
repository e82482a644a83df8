import { isSshComment } from "./core/identity-ssh.ts";

const isName = (text: string): boolean => /^[^\p{C}]{1,80}$/u.test(text) && text.trim() === text;

/** Settings about keys of maintainers and the commits they sign; part of `settings`. */
export const keySettings = {
  commits: {
    kind: "switch",
    about: "with a commit as --base: each later commit that changes a node must be signed by a key of that node",
    value: false,
  },
  sshOut: {
    kind: "text",
    holder: "FILE",
    about: "another file for the same key, in OpenSSH's own format, with which git signs commits",
  },
  name: {
    kind: "text",
    holder: "NAME",
    about: "whose key it is",
    form: ["a name of 1 to 80 printable characters", isName],
  },
  comment: {
    kind: "text",
    holder: "TEXT",
    about: "comment of the OpenSSH line, such as a mail address",
    form: ["1 to 100 printable ASCII characters", isSshComment],
  },
} as const;
