package embedded_test

import (
	"context"
	"encoding/binary"
	"math/rand/v2"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	bolt "go.etcd.io/bbolt"

	"mereon/graph"
	"mereon/graph/embedded"
	"mereon/graph/graphtest"
	"mereon/schema"
)

const benchWriters = 10

// BenchmarkDurableUpdates compares single durable updates of 10 writers with what bare bbolt does when 10 writers share
// commits, with as many keys, in turns of one run. x-bare is the ratio.
func BenchmarkDurableUpdates(b *testing.B) {
	const entities = 100_000
	world := graphtest.World{Entities: entities, Seed: 1}
	s, err := embedded.Open(context.Background(), embedded.Options{Dir: b.TempDir()})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.Apply(context.Background(), world.All()); err != nil {
		b.Fatal(err)
	}
	bare := newBareBolt(b, entities)
	defer bare.close()
	var ours, theirs float64
	const turn = 2 * time.Second
	rounds := 0
	for b.Loop() {
		theirs += perSecond(turn, func(r *rand.Rand) { bare.put(r.IntN(entities)) })
		ours += perSecond(turn, func(r *rand.Rand) {
			set := graph.ChangeSet{By: "bench", Entities: []graph.EntityChange{{Op: graph.Update, ID: world.ID(r.IntN(entities)),
				Values: []graph.PathValue{{Path: "number", Value: schema.FloatOf(r.Float64())}}}}}
			if _, err := s.Apply(context.Background(), set); err != nil {
				b.Error(err)
			}
		})
		rounds++
	}
	b.ReportMetric(ours/float64(rounds), "updates/s")
	b.ReportMetric(theirs/float64(rounds), "bare/s")
	b.ReportMetric(ours/theirs, "x-bare")
}

// perSecond runs f in 10 goroutines for a while.
func perSecond(d time.Duration, f func(r *rand.Rand)) float64 {
	var done atomic.Int64
	var running sync.WaitGroup
	start := time.Now()
	for w := range benchWriters {
		running.Go(func() {
			r := rand.New(rand.NewPCG(uint64(w), 3))
			for time.Since(start) < d {
				f(r)
				done.Add(1)
			}
		})
	}
	running.Wait()
	return float64(done.Load()) / time.Since(start).Seconds()
}

// bareBolt is the least that can be done with bbolt: one bucket, one value a write, waiting writers share a commit.
type bareBolt struct {
	db      *bolt.DB
	puts    chan barePut
	stopped sync.WaitGroup
}

type barePut struct {
	key  [8]byte
	done chan struct{}
}

func newBareBolt(b *testing.B, keys int) *bareBolt {
	db, err := bolt.Open(filepath.Join(b.TempDir(), "bare.db"), 0o600, &bolt.Options{NoFreelistSync: true, FreelistType: bolt.FreelistMapType, NoStatistics: true})
	if err != nil {
		b.Fatal(err)
	}
	err = db.Update(func(tx *bolt.Tx) error {
		bucket, err := tx.CreateBucket([]byte("b"))
		for i := 0; i < keys && err == nil; i++ {
			err = bucket.Put(binary.BigEndian.AppendUint64(nil, uint64(i)), make([]byte, 100))
		}
		return err
	})
	if err != nil {
		b.Fatal(err)
	}
	s := &bareBolt{db: db, puts: make(chan barePut, 256)}
	s.stopped.Go(s.write)
	return s
}

func (s *bareBolt) close() {
	close(s.puts)
	s.stopped.Wait()
	s.db.Close()
}

func (s *bareBolt) put(key int) {
	p := barePut{done: make(chan struct{})}
	binary.BigEndian.PutUint64(p.key[:], uint64(key))
	s.puts <- p
	<-p.done
}

func (s *bareBolt) write() {
	for first := range s.puts {
		runtime.Gosched()
		group := []barePut{first}
		for more := true; more; {
			select {
			case p, ok := <-s.puts:
				if more = ok; ok {
					group = append(group, p)
				}
			default:
				more = false
			}
		}
		s.db.Update(func(tx *bolt.Tx) error {
			for _, p := range group {
				if err := tx.Bucket([]byte("b")).Put(p.key[:], make([]byte, 100)); err != nil {
					return err
				}
			}
			return nil
		})
		for _, p := range group {
			close(p.done)
		}
	}
}
