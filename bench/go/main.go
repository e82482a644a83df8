// Builds the tree of the ids that bench/made-ids.ts makes with the Go checksum database's own package.
//
//	treetimes COUNT PROOFS ROUNDS
//
// One line of JSON: median milliseconds of the tree and of each proof, and the root.
package main

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"sort"
	"strconv"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

type times struct {
	Ms      float64 `json:"ms"`
	ProofMs float64 `json:"proofMs"`
	Root    string  `json:"root"`
}

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

func run(args []string) (result times, err error) {
	if len(args) != 3 {
		return result, fmt.Errorf("usage: treetimes COUNT PROOFS ROUNDS")
	}
	var numbers [3]int64
	for at, arg := range args {
		if numbers[at], err = strconv.ParseInt(arg, 10, 64); err != nil {
			return result, err
		}
	}
	count, proofs, rounds := numbers[0], numbers[1], numbers[2]
	ids := make([][32]byte, count)
	for at := range ids {
		ids[at] = sha256.Sum256([]byte(strconv.Itoa(at)))
	}
	var trees, proven []float64
	for round := int64(0); round < rounds; round++ {
		if result, err = measure(ids, proofs); err != nil {
			return result, err
		}
		trees, proven = append(trees, result.Ms), append(proven, result.ProofMs)
	}
	result.Ms, result.ProofMs = median(trees), median(proven)
	return result, nil
}

func median(values []float64) float64 {
	sort.Float64s(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}

func measure(ids [][32]byte, proofs int64) (result times, err error) {
	count := int64(len(ids))
	began := time.Now()
	var stored []tlog.Hash
	reader := tlog.HashReaderFunc(func(indexes []int64) ([]tlog.Hash, error) {
		hashes := make([]tlog.Hash, len(indexes))
		for at, index := range indexes {
			hashes[at] = stored[index]
		}
		return hashes, nil
	})
	for at := range ids {
		hashes, err := tlog.StoredHashes(int64(at), ids[at][:], reader)
		if err != nil {
			return result, err
		}
		stored = append(stored, hashes...)
	}
	root, err := tlog.TreeHash(count, reader)
	if err != nil {
		return result, err
	}
	result.Ms = milliseconds(time.Since(began))
	result.Root = hex.EncodeToString(root[:])
	tiles := tlog.TileHashReader(tlog.Tree{N: count, Hash: root}, &tilesAtHand{reader, map[tlog.Tile][]byte{}})
	prove := func() error {
		for proof := int64(0); proof < proofs; proof++ {
			if _, err := tlog.ProveRecord(count, proof*(count/proofs), tiles); err != nil {
				return err
			}
		}
		return nil
	}
	// The first time cuts the tiles.
	if err := prove(); err != nil {
		return result, err
	}
	began = time.Now()
	if err := prove(); err != nil {
		return result, err
	}
	result.ProofMs = milliseconds(time.Since(began)) / float64(proofs)
	return result, nil
}

// Tiles in memory.
type tilesAtHand struct {
	hashes tlog.HashReader
	data   map[tlog.Tile][]byte
}

func (tiles *tilesAtHand) Height() int { return 8 }

func (tiles *tilesAtHand) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	read := make([][]byte, len(wanted))
	for at, tile := range wanted {
		data, ok := tiles.data[tile]
		if !ok {
			var err error
			if data, err = tlog.ReadTileData(tile, tiles.hashes); err != nil {
				return nil, err
			}
			tiles.data[tile] = data
		}
		read[at] = data
	}
	return read, nil
}

func (tiles *tilesAtHand) SaveTiles([]tlog.Tile, [][]byte) {}

func milliseconds(span time.Duration) float64 {
	return float64(span.Nanoseconds()) / 1e6
}
