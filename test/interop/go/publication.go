package main

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// The height of tiles that C2SP tlog-tiles prescribes.
const tileHeight = 8

// A publication is where the files of one log are: a folder or an http address.
type publication string

func (p publication) read(path string) ([]byte, error) {
	place := string(p)
	if path != "" {
		place = strings.TrimSuffix(place, "/") + "/" + path
	}
	if !strings.HasPrefix(place, "http://") {
		return os.ReadFile(place)
	}
	answer, err := http.Get(place)
	if err != nil {
		return nil, err
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s: %s", place, answer.Status)
	}
	return io.ReadAll(answer.Body)
}

// tilePath is the path of C2SP tlog-tiles, which names no height and calls data entries.
func tilePath(tile tlog.Tile) string {
	path := strings.TrimPrefix(tile.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

// A tiles is a tlog.TileReader over the files of a log of one size.
//
// The Go packages ask for the narrowest tile that will do; a static log has the one of its size, which begins with it.
type tiles struct {
	publication
	size int64
}

func (t tiles) Height() int { return tileHeight }

func (t tiles) SaveTiles([]tlog.Tile, [][]byte) {}

func (t tiles) ReadTiles(wanted []tlog.Tile) ([][]byte, error) {
	var all [][]byte
	for _, tile := range wanted {
		data, err := t.read(tilePath(t.published(tile)))
		if err != nil {
			return nil, err
		}
		if len(data) < tile.W*tlog.HashSize {
			return nil, fmt.Errorf("%s has %d bytes", tilePath(tile), len(data))
		}
		all = append(all, data[:tile.W*tlog.HashSize])
	}
	return all, nil
}

// published is the tile of this place as the log has it at its size.
func (t tiles) published(tile tlog.Tile) tlog.Tile {
	level := tile.L
	if level < 0 {
		level = 0
	}
	width := t.size>>(tileHeight*uint(level)) - tile.N<<tileHeight
	if width > 1<<tileHeight {
		width = 1 << tileHeight
	}
	tile.W = int(width)
	return tile
}

// entries are the records of the log, out of its entry bundles: a length in two bytes before each.
func (t tiles) entries() ([][]byte, error) {
	var all [][]byte
	for n := int64(0); n<<tileHeight < t.size; n++ {
		tile := t.published(tlog.Tile{H: tileHeight, L: -1, N: n})
		data, err := t.read(tilePath(tile))
		if err != nil {
			return nil, err
		}
		for ; tile.W > 0; tile.W-- {
			if len(data) < 2 || len(data) < 2+int(data[0])<<8+int(data[1]) {
				return nil, fmt.Errorf("%s ends inside an entry", tilePath(tile))
			}
			end := 2 + int(data[0])<<8 + int(data[1])
			all = append(all, data[2:end])
			data = data[end:]
		}
		if len(data) > 0 {
			return nil, fmt.Errorf("%s goes on after its last entry", tilePath(tile))
		}
	}
	return all, nil
}

// A checkpoint is the head of a log as its signed note says.
type checkpoint struct {
	Origin string `json:"origin"`
	tlog.Tree
}

// openCheckpoint opens a note that the key of the ledger signed, as that log or as the log of one of its months.
func openCheckpoint(message []byte, vkey string) (head checkpoint, err error) {
	origin, _, _ := strings.Cut(string(message), "\n")
	key, err := keyOfLog(vkey, origin)
	if err != nil {
		return head, err
	}
	verifier, err := note.NewVerifier(key)
	if err != nil {
		return head, err
	}
	opened, err := note.Open(message, note.VerifierList(verifier))
	if err != nil {
		return head, err
	}
	lines := strings.Split(opened.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return head, fmt.Errorf("the checkpoint has %d lines", len(lines)-1)
	}
	head.Origin = lines[0]
	if head.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil {
		return head, err
	}
	head.Hash, err = tlog.ParseHash(lines[2])
	return head, err
}

// keyOfLog is the same key under the name of the log, since a name is part of what a key's id is made of.
func keyOfLog(vkey, origin string) (string, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return "", fmt.Errorf("%q is no verifier key", vkey)
	}
	if origin == parts[0] {
		return vkey, nil
	}
	if !strings.HasPrefix(origin, parts[0]+"/") {
		return "", fmt.Errorf("%q is no log of %q", origin, parts[0])
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize {
		return "", fmt.Errorf("%q is no Ed25519 verifier key", vkey)
	}
	return note.NewEd25519VerifierKey(origin, key[1:])
}

// A memory holds all hashes of a tree that was made from its records alone.
type memory []tlog.Hash

func (m memory) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	var hashes []tlog.Hash
	for _, index := range indexes {
		if index < 0 || index >= int64(len(m)) {
			return nil, fmt.Errorf("there is no hash %d", index)
		}
		hashes = append(hashes, m[index])
	}
	return hashes, nil
}

func treeOf(records [][]byte) (memory, error) {
	var hashes memory
	for n, record := range records {
		more, err := tlog.StoredHashes(int64(n), record, hashes)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, more...)
	}
	return hashes, nil
}

func sameBytes(what string, ours, theirs []byte) error {
	if bytes.Equal(ours, theirs) {
		return nil
	}
	return fmt.Errorf("%s is other than the entries make it", what)
}
