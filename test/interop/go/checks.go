package main

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// Logs up to this size have every record proven, larger ones a sample with the edges of tiles.
const provenWhole = 2000

// A provenRecord is an inclusion proof, the hashes from the leaf up.
type provenRecord struct {
	Entry string   `json:"entry"`
	Index int64    `json:"index"`
	Path  []string `json:"path"`
}

type logReport struct {
	checkpoint
	Tiles   int            `json:"tiles"`
	Records []provenRecord `json:"records"`
}

// checkLog reads a log from its files: every tile must be what the entries make, every proof must hold.
func checkLog(base, vkey string) (report logReport, err error) {
	place := publication(base)
	message, err := place.read("checkpoint")
	if err != nil {
		return report, err
	}
	if report.checkpoint, err = openCheckpoint(message, vkey); err != nil {
		return report, err
	}
	files := tiles{place, report.N}
	records, err := files.entries()
	if err != nil {
		return report, err
	}
	tree, err := treeOf(records)
	if err != nil {
		return report, err
	}
	if err = sameRoot(report.checkpoint, tree); err != nil {
		return report, err
	}
	if report.Tiles, err = checkTiles(files, tree); err != nil {
		return report, err
	}
	report.Records, err = proveRecords(files, report.Tree, records)
	return report, err
}

func sameRoot(head checkpoint, tree tlog.HashReader) error {
	if head.N == 0 {
		// RFC 6962; this version of the Go packages gives zeros for the empty tree.
		empty := sha256.Sum256(nil)
		return sameBytes("the root of "+head.Origin, head.Hash[:], empty[:])
	}
	root, err := tlog.TreeHash(head.N, tree)
	if err != nil {
		return err
	}
	return sameBytes("the root of "+head.Origin, head.Hash[:], root[:])
}

func checkTiles(files tiles, tree tlog.HashReader) (count int, err error) {
	for _, tile := range tlog.NewTiles(tileHeight, 0, files.size) {
		// What the Go packages would have published on the way to this size is not kept.
		if tile.W != files.published(tile).W {
			continue
		}
		published, err := files.read(tilePath(tile))
		if err != nil {
			return count, err
		}
		made, err := tlog.ReadTileData(tile, tree)
		if err != nil {
			return count, err
		}
		if err = sameBytes(tilePath(tile), published, made); err != nil {
			return count, err
		}
		count++
	}
	return count, nil
}

func proveRecords(files tiles, tree tlog.Tree, records [][]byte) (proven []provenRecord, err error) {
	proven = []provenRecord{}
	reader := tlog.TileHashReader(tree, files)
	for index := int64(0); index < tree.N; index++ {
		if !isSample(index, tree.N) {
			continue
		}
		record := records[index]
		proof, err := tlog.ProveRecord(tree.N, index, reader)
		if err != nil {
			return nil, err
		}
		if err = tlog.CheckRecord(proof, tree.N, tree.Hash, index, tlog.RecordHash(record)); err != nil {
			return nil, err
		}
		proven = append(proven, provenRecord{hex.EncodeToString(record), index, hexOf(proof)})
	}
	return proven, nil
}

func isSample(index, size int64) bool {
	edge := index%4096 == 0 || index%4096 == 4095 || index >= size-2
	return size <= provenWhole || index%331 == 0 || edge
}

func hexOf(hashes []tlog.Hash) []string {
	texts := []string{}
	for _, hash := range hashes {
		texts = append(texts, hex.EncodeToString(hash[:]))
	}
	return texts
}

func hashesOf(texts []string) (hashes []tlog.Hash, err error) {
	for _, text := range texts {
		data, err := hex.DecodeString(text)
		if err != nil || len(data) != tlog.HashSize {
			return nil, fmt.Errorf("%q is no hash", text)
		}
		hashes = append(hashes, tlog.Hash(*(*[tlog.HashSize]byte)(data)))
	}
	return hashes, nil
}

// checkRecords checks proofs that were made elsewhere, all under one checkpoint.
func checkRecords(vkey string, input io.Reader) (any, error) {
	var given struct {
		Checkpoint string
		Records    []provenRecord
	}
	if err := json.NewDecoder(input).Decode(&given); err != nil {
		return nil, err
	}
	head, err := openCheckpoint([]byte(given.Checkpoint), vkey)
	if err != nil {
		return nil, err
	}
	for _, record := range given.Records {
		if err := checkRecord(head, record); err != nil {
			return nil, fmt.Errorf("record %d: %w", record.Index, err)
		}
	}
	return map[string]any{"origin": head.Origin, "size": head.N, "records": len(given.Records)}, nil
}

func checkRecord(head checkpoint, record provenRecord) error {
	entry, err := hex.DecodeString(record.Entry)
	if err != nil {
		return err
	}
	path, err := hashesOf(record.Path)
	if err != nil {
		return err
	}
	return tlog.CheckRecord(path, head.N, head.Hash, record.Index, tlog.RecordHash(entry))
}

// checkTrees checks consistency proofs that were made elsewhere.
func checkTrees(vkey string, input io.Reader) (any, error) {
	var given []struct {
		Older, Newer string
		Path         []string
	}
	if err := json.NewDecoder(input).Decode(&given); err != nil {
		return nil, err
	}
	for _, pair := range given {
		older, err := openCheckpoint([]byte(pair.Older), vkey)
		if err != nil {
			return nil, err
		}
		newer, err := openCheckpoint([]byte(pair.Newer), vkey)
		if err != nil {
			return nil, err
		}
		path, err := hashesOf(pair.Path)
		if err != nil {
			return nil, err
		}
		if older.Origin != newer.Origin {
			return nil, fmt.Errorf("%s and %s are two logs", older.Origin, newer.Origin)
		}
		if err = tlog.CheckTree(path, newer.N, newer.Hash, older.N, older.Hash); err != nil {
			return nil, fmt.Errorf("from %d to %d: %w", older.N, newer.N, err)
		}
	}
	return map[string]any{"trees": len(given)}, nil
}

// checkProofFile checks a file of C2SP tlog-proof.
func checkProofFile(vkey, entry string, input io.Reader) (any, error) {
	file, err := io.ReadAll(input)
	if err != nil {
		return nil, err
	}
	top, message, found := strings.Cut(string(file), "\n\n")
	lines := strings.Split(top, "\n")
	if !found || len(lines) < 2 || lines[0] != "c2sp.org/tlog-proof@v1" {
		return nil, fmt.Errorf("this is no tlog-proof")
	}
	record := provenRecord{Entry: entry}
	if record.Index, err = strconv.ParseInt(strings.TrimPrefix(lines[1], "index "), 10, 64); err != nil {
		return nil, err
	}
	for _, line := range lines[2:] {
		hash, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return nil, err
		}
		record.Path = append(record.Path, hex.EncodeToString(hash))
	}
	head, err := openCheckpoint([]byte(message), vkey)
	if err != nil {
		return nil, err
	}
	return head, checkRecord(head, record)
}

// checkLedger makes the ledger log out of the entries of its months, in their order.
func checkLedger(vkey, place string, months []string) (any, error) {
	message, err := publication(place).read("")
	if err != nil {
		return nil, err
	}
	head, err := openCheckpoint(message, vkey)
	if err != nil {
		return nil, err
	}
	var records [][]byte
	for _, base := range months {
		month := publication(base)
		message, err := month.read("checkpoint")
		if err != nil {
			return nil, err
		}
		own, err := openCheckpoint(message, vkey)
		if err != nil {
			return nil, err
		}
		more, err := tiles{month, own.N}.entries()
		if err != nil {
			return nil, err
		}
		records = append(records, more...)
	}
	if int64(len(records)) != head.N {
		return nil, fmt.Errorf("the months have %d entries, the ledger log %d", len(records), head.N)
	}
	tree, err := treeOf(records)
	if err != nil {
		return nil, err
	}
	return head, sameRoot(head, tree)
}
