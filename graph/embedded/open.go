package embedded

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"mereon/graph"
	"mereon/graph/memory"
	"mereon/schema/fault"

	bolt "go.etcd.io/bbolt"
	bolterrors "go.etcd.io/bbolt/errors"
)

// mapped is how much address space is reserved for the file: one that outgrows it is mapped anew, which takes a while.
// Windows would make the file itself as large.
func mapped(readOnly bool) int {
	if readOnly || runtime.GOOS == "windows" || strconv.IntSize < 64 {
		return 0
	}
	return 1 << 30
}

const (
	fileName  = "graph.db"
	ownerName = "owner"
)

// Open opens the store in a folder, or makes it. Errors: Conflict when another process holds it (the message names the
// process), Invalid when the file is damaged, foreign or of a newer format (it is left as it was), Unavailable when the
// disk fails.
func Open(ctx context.Context, options Options) (*Store, error) {
	options.EnsureDefaults()
	if err := options.Validate(); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(filepath.Join(options.Dir, blobFolder), 0o750); err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the store's folder cannot be made")
	}
	path := options.File()
	snapshot, err := readFile(ctx, path, options)
	if err != nil {
		return nil, err
	}
	db, err := openFile(path, options, false)
	if err != nil {
		return nil, err
	}
	s := newStore(options, db)
	if snapshot == nil {
		if snapshot, err = create(db); err != nil {
			db.Close()
			return nil, fault.Wrap(fault.Unavailable, err, "the store cannot be made in %s", options.Dir)
		}
	}
	s.current.Store(snapshot)
	if err := os.WriteFile(filepath.Join(options.Dir, ownerName), []byte(strconv.Itoa(os.Getpid())+"\n"), 0o640); err != nil {
		db.Close()
		return nil, fault.Wrap(fault.Unavailable, err, "the store cannot say who holds it")
	}
	s.start()
	return s, nil
}

// openFile opens the file with bbolt. The list of free pages is not stored but found at every start, so that it cannot
// be damaged.
func openFile(path string, options Options, readOnly bool) (*bolt.DB, error) {
	db, err := bolt.Open(path, 0o640, &bolt.Options{
		InitialMmapSize: mapped(readOnly),
		Timeout:         20 * time.Millisecond, ReadOnly: readOnly, NoFreelistSync: true, FreelistType: bolt.FreelistMapType,
		NoStatistics: true, OpenFile: options.OpenFile,
	})
	switch {
	case err == nil:
		return db, nil
	case errors.Is(err, bolterrors.ErrTimeout):
		return nil, fault.New(fault.Conflict, "the store in %s is in use by %s: stop it first, or give the command its address", options.Dir, holder(options.Dir))
	case errors.Is(err, bolterrors.ErrInvalid), errors.Is(err, bolterrors.ErrChecksum), errors.Is(err, bolterrors.ErrVersionMismatch):
		return nil, refuse(path, err)
	}
	return nil, fault.Wrap(fault.Unavailable, err, "the store in %s cannot be opened", options.Dir)
}

func holder(dir string) string {
	text, err := os.ReadFile(filepath.Join(dir, ownerName))
	if pid := strings.TrimSpace(string(text)); err == nil && pid != "" {
		return "the process " + pid
	}
	return "another process"
}

func refuse(path string, why error) error {
	if errors.Is(why, errForeign) {
		return fault.New(fault.Invalid, "the file %s belongs to another program. It was left as it is; choose another folder for the store", path)
	}
	return fault.New(fault.Invalid, "the file %s is damaged: %v. It was left as it is; move it away and restore a backup", path, why)
}

// readFile reads the graph out of an existing file without changing it; nil when there is none yet.
func readFile(ctx context.Context, path string, options Options) (*memory.Snapshot, error) {
	if info, err := os.Stat(path); err != nil || info.Size() == 0 {
		if err != nil && !errors.Is(err, os.ErrNotExist) {
			return nil, fault.Wrap(fault.Unavailable, err, "the store cannot be read")
		}
		return nil, nil
	}
	db, err := openFileChecked(ctx, path, options)
	if err != nil {
		return nil, err
	}
	defer db.Close()
	tx, err := db.Begin(false)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the store cannot be read")
	}
	defer tx.Rollback()
	isNew, err := checkFormat(tx, path)
	if isNew || err != nil {
		return nil, err
	}
	snapshot, err := load(tx)
	if err != nil {
		return nil, refuse(path, err)
	}
	return snapshot, nil
}

// openFileChecked makes sure that no page lies beyond the file before bbolt maps it.
func openFileChecked(ctx context.Context, path string, options Options) (*bolt.DB, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, err, "the store cannot be read")
	}
	defer f.Close()
	db, err := openFile(path, options, true)
	if fault.CodeOf(err) == fault.Conflict { // held and growing: what the file looks like says nothing
		return nil, err
	}
	if db != nil {
		defer func() {
			if err != nil {
				db.Close()
			}
		}()
	}
	if found := inspect(ctx, f); found != nil {
		if err = fault.Wrap(fault.Timeout, ctx.Err(), "opening the store was given up"); ctx.Err() == nil {
			err = refuse(path, found)
		}
		return nil, err
	}
	return db, err
}

// checkFormat says whether the file was made but never filled, and refuses what is not ours or newer.
func checkFormat(tx *bolt.Tx, path string) (isNew bool, err error) {
	body, err := mistrust(func() ([]byte, error) {
		main := tx.Bucket(bucketMain)
		if main == nil {
			if k, _ := tx.Cursor().First(); k == nil {
				return nil, nil
			}
			return nil, errForeign
		}
		body, err := unseal(keyFormat, main.Get(keyFormat))
		return bytes.Clone(body), err
	})
	switch {
	case err != nil:
		return false, refuse(path, err)
	case body == nil:
		return true, nil
	}
	if string(body) != format {
		return false, fault.New(fault.Invalid, "the file %s has the format %q and this version reads %q: it was written by a newer version, use that one. The file was left as it is", path, body, format)
	}
	return false, nil
}

// create writes an empty store.
func create(db *bolt.DB) (*memory.Snapshot, error) {
	s := memory.Empty()
	return s, db.Update(func(tx *bolt.Tx) error {
		main, err := tx.CreateBucket(bucketMain)
		if err != nil {
			return err
		}
		for _, name := range allBuckets() {
			if _, err := tx.CreateBucket(name); err != nil {
				return err
			}
		}
		for _, kv := range []struct{ key, value []byte }{
			{keyFormat, sealed(keyFormat, []byte(format))},
			{keyState, sealedJSON(keyState, stateOf(s))},
			{keyLayout, sealedJSON(keyLayout, graph.Layout{})},
		} {
			if err := main.Put(kv.key, kv.value); err != nil {
				return fmt.Errorf("write %s: %w", kv.key, err)
			}
		}
		return nil
	})
}
