// Reads what a settlement node publishes with the Go checksum database's own packages, and with nothing of ours.
//
//	logcheck log BASE VKEY              a whole log: checkpoint, tiles, entries, a proof of every record or of a sample
//	logcheck records VKEY < records     inclusion proofs that somebody else made, under a checkpoint
//	logcheck trees VKEY < trees         consistency proofs that somebody else made, between checkpoints
//	logcheck proof VKEY ENTRY < file    one .tlog-proof file; the entry in hex
//	logcheck ledger VKEY NOTE BASE...   the ledger log at the close of the last of these months, from their entries
//
// BASE is a folder or an http address, VKEY the key of the ledger log, NOTE the place of the ledger's checkpoint. One line
// of JSON tells what was checked. Exit code 1, and the reason on stderr, when something does not hold.
package main

import (
	"encoding/json"
	"fmt"
	"os"
)

func main() {
	result, err := run(os.Args[1:])
	if err == nil {
		err = json.NewEncoder(os.Stdout).Encode(result)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) (any, error) {
	switch {
	case len(args) == 3 && args[0] == "log":
		return checkLog(args[1], args[2])
	case len(args) == 2 && args[0] == "records":
		return checkRecords(args[1], os.Stdin)
	case len(args) == 2 && args[0] == "trees":
		return checkTrees(args[1], os.Stdin)
	case len(args) == 3 && args[0] == "proof":
		return checkProofFile(args[1], args[2], os.Stdin)
	case len(args) >= 3 && args[0] == "ledger":
		return checkLedger(args[1], args[2], args[3:])
	}
	return nil, fmt.Errorf("usage: logcheck log|records|trees|proof|ledger ...")
}
