package embedded

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"hash/fnv"
	"io"
	"os"
)

// The pages of a bbolt file (version 2), as go.etcd.io/bbolt/internal/common lays them out: a header of id (8 bytes),
// flags (2), count (2) and overflow (4), then elements of 16 bytes. Meta pages are the first two.
const (
	pageHeader   = 16
	pageElement  = 16
	flagBranch   = 0x01
	flagLeaf     = 0x02
	boltMagic    = 0xED0CDAED
	boltVersion  = 2
	metaSize     = 64
	bucketInLeaf = 0x01
)

// inspect reads the file once in sequence, which fills the disk cache that bbolt's own random access would fill slowly,
// and walks all pages from the root, so that a truncated file or a page in two places is known before bbolt trusts it.
func inspect(ctx context.Context, f *os.File) error {
	size, err := io.CopyBuffer(onlyWriter{io.Discard}, f, make([]byte, 1<<20))
	if err != nil {
		return err
	}
	w := pageWalk{ctx: ctx, f: f, size: size}
	if err := w.metas(); err != nil {
		return err
	}
	w.seen = make([]bool, w.pages)
	w.seen[0], w.seen[1] = true, true
	return w.page(w.root, 0, true, span{})
}

var errForeign = errors.New("it is not a store of Mereon")

// onlyWriter hides that io.Discard would read in pieces of its own size.
type onlyWriter struct{ io.Writer }

type pageWalk struct {
	ctx      context.Context
	f        *os.File
	size     int64
	pageSize int64
	root     uint64
	pages    uint64 // in use or free, all within the file
	seen     []bool
	newest   uint64
}

// metas reads both headers. Each is written in one sector, so that not even a power loss tears one.
func (w *pageWalk) metas() error {
	head := make([]byte, pageHeader+metaSize)
	if _, err := w.f.ReadAt(head, 0); err != nil {
		return fmt.Errorf("it is too short")
	}
	m := head[pageHeader:]
	if binary.LittleEndian.Uint32(m) != boltMagic {
		return errForeign
	}
	w.pageSize = int64(binary.LittleEndian.Uint32(m[8:]))
	if w.pageSize < 512 || w.pageSize > 1<<16 || w.pageSize&(w.pageSize-1) != 0 {
		return fmt.Errorf("its header is damaged")
	}
	for i := range int64(2) {
		if _, err := w.f.ReadAt(head, i*w.pageSize); err != nil {
			return fmt.Errorf("it is too short")
		}
		if err := w.meta(head[pageHeader:]); err != nil {
			return err
		}
	}
	if need := int64(w.pages) * w.pageSize; w.size < need {
		return fmt.Errorf("it was cut off: it has %d bytes and needs %d", w.size, need)
	}
	return nil
}

// meta is: magic, version, page size, flags (4 bytes each), root page, sequence, free list, pages, transaction, checksum (8 each).
func (w *pageWalk) meta(m []byte) error {
	sum := fnv.New64a()
	sum.Write(m[:56])
	if binary.LittleEndian.Uint32(m) != boltMagic || binary.LittleEndian.Uint32(m[4:]) != boltVersion ||
		binary.LittleEndian.Uint64(m[56:]) != sum.Sum64() || int64(binary.LittleEndian.Uint32(m[8:])) != w.pageSize {
		return fmt.Errorf("one of its headers is damaged")
	}
	if txid := binary.LittleEndian.Uint64(m[48:]); txid >= w.newest {
		w.newest, w.root, w.pages = txid, binary.LittleEndian.Uint64(m[16:]), binary.LittleEndian.Uint64(m[40:])
	}
	return nil
}

// span are the keys that a page may hold: from first on, and before next when that is not nil.
type span struct{ first, next []byte }

func (s span) holds(key []byte) bool {
	return bytes.Compare(key, s.first) >= 0 && (s.next == nil || bytes.Compare(key, s.next) < 0)
}

// page walks a page and all below it. Of a leaf only the ends are looked at: load reads all of it.
func (w *pageWalk) page(id uint64, depth int, isRoot bool, keys span) error {
	if depth > 64 || id < 2 || id >= w.pages {
		return fmt.Errorf("page %d cannot be where it is said to be", id)
	}
	body := make([]byte, w.pageSize)
	if _, err := w.f.ReadAt(body, int64(id)*w.pageSize); err != nil {
		return err
	}
	flags, count, overflow := binary.LittleEndian.Uint16(body[8:]), int(binary.LittleEndian.Uint16(body[10:])), uint64(binary.LittleEndian.Uint32(body[12:]))
	length := int64(overflow+1) * w.pageSize
	if binary.LittleEndian.Uint64(body) != id || id+overflow >= w.pages || pageHeader+int64(count)*pageElement > length || flags != flagBranch && flags != flagLeaf {
		return fmt.Errorf("page %d is damaged", id)
	}
	for p := id; p <= id+overflow; p++ {
		if w.seen[p] {
			return fmt.Errorf("page %d is used twice", p)
		}
		w.seen[p] = true
	}
	if overflow > 0 && (flags == flagBranch || isRoot || count > 1) {
		body = make([]byte, length)
		if _, err := w.f.ReadAt(body, int64(id)*w.pageSize); err != nil {
			return err
		}
	}
	if flags == flagBranch {
		return w.branch(id, body, count, depth, isRoot, keys)
	}
	return w.leaf(id, body, count, depth, isRoot, keys)
}

// key returns the key of element i; an element of a branch has its place and length first, one of a leaf after its flags.
func key(body []byte, i int, ofBranch bool) ([]byte, bool) {
	e := body[pageHeader+i*pageElement:]
	at := 0
	if !ofBranch {
		at = 4
	}
	place, n := int64(binary.LittleEndian.Uint32(e[at:])), int64(binary.LittleEndian.Uint32(e[at+4:]))
	if place+n > int64(len(e)) {
		return nil, false
	}
	return e[place : place+n], true
}

func (w *pageWalk) branch(id uint64, body []byte, count, depth int, isRoot bool, keys span) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	for i := range count {
		first, ok := key(body, i, true)
		below := span{first, keys.next}
		if i+1 < count && ok {
			below.next, ok = key(body, i+1, true)
		}
		if !ok || !keys.holds(first) || below.next != nil && bytes.Compare(first, below.next) >= 0 {
			return fmt.Errorf("page %d is out of order", id)
		}
		if err := w.page(binary.LittleEndian.Uint64(body[pageHeader+i*pageElement+8:]), depth+1, isRoot, below); err != nil {
			return err
		}
	}
	return nil
}

func (w *pageWalk) leaf(id uint64, body []byte, count, depth int, isRoot bool, keys span) error {
	for _, i := range []int{0, count - 1} {
		if i < 0 || i >= count {
			continue
		}
		if k, ok := key(body, i, false); !ok || !keys.holds(k) {
			return fmt.Errorf("page %d is out of order", id)
		}
	}
	for i := 0; isRoot && i < count; i++ {
		if err := w.bucket(body[pageHeader+i*pageElement:], depth); err != nil {
			return err
		}
	}
	return nil
}

// bucket follows an element of the root bucket, whose value begins with the root page of a bucket, 0 when it is inline.
// An element is: flags, place from the element on, length of key, length of value (4 bytes each).
func (w *pageWalk) bucket(e []byte, depth int) error {
	place, key := int64(binary.LittleEndian.Uint32(e[4:])), int64(binary.LittleEndian.Uint32(e[8:]))
	at := place + key
	if binary.LittleEndian.Uint32(e) != bucketInLeaf || at+pageHeader > int64(len(e)) {
		return fmt.Errorf("its list of parts is damaged")
	}
	if root := binary.LittleEndian.Uint64(e[at:]); root != 0 {
		return w.page(root, depth+1, false, span{})
	}
	return nil
}
