package simulator

import (
	"sync"
	"time"

	"mereon/schema/fault"
)

// total is a counter: the sum of a rate since the last reset.
type total struct {
	Expr  string        `yaml:"expr,required"`
	Per   time.Duration `yaml:"per"`
	Reset time.Duration `yaml:"reset"`
	Start float64       `yaml:"start"`
	At    fault.Position

	program *program
	step    int64
}

const (
	blockSteps = 64      // a running sum is kept every so many steps
	maxSteps   = 700_000 // between two resets; longer ones take larger steps
	maxRuns    = 3       // resets whose sums are kept
)

// sums keeps running sums of a counter since its resets, so that a value costs a few steps. They are computed in order, so
// they are the same whoever asks first.
type sums struct {
	mu   sync.Mutex
	runs map[int64]*run
}

type run struct {
	blocks  []float64 // the sum before each block
	at      int64     // the last step that was asked for
	partial float64   // and the sum before it
}

func (f *total) length() time.Duration { return 0 }

func (f *total) at(s *series, t, _ int64) float64 {
	reset := floor(t, int64(f.Reset))
	begin := reset * int64(f.Reset)
	s.sums.mu.Lock()
	defer s.sums.mu.Unlock()
	r := s.sums.runs[reset]
	if r == nil {
		r = s.sums.begin(reset)
	}
	n := (t - begin) / f.step
	for int64(len(r.blocks))*blockSteps <= n {
		last := len(r.blocks) - 1
		r.blocks = append(r.blocks, f.add(s, begin, int64(last)*blockSteps, int64(last+1)*blockSteps, r.blocks[last]))
	}
	from, sum := n/blockSteps*blockSteps, r.blocks[n/blockSteps]
	if r.at >= from && r.at <= n {
		from, sum = r.at, r.partial
	}
	sum = f.add(s, begin, from, n, sum)
	r.at, r.partial = n, sum
	return f.Start + sum
}

func (s *sums) begin(reset int64) *run {
	if s.runs == nil {
		s.runs = map[int64]*run{}
	}
	for len(s.runs) >= maxRuns {
		oldest := reset
		for have := range s.runs {
			if have < oldest || oldest == reset {
				oldest = have
			}
		}
		delete(s.runs, oldest)
	}
	s.runs[reset] = &run{blocks: []float64{0}, at: -1}
	return s.runs[reset]
}

// add adds the steps [from, to) to a sum.
func (f *total) add(s *series, begin, from, to int64, sum float64) float64 {
	share := float64(f.step) / float64(f.Per)
	for i := from; i < to; i++ {
		if v := f.program.run(s, begin+i*f.step); v-v == 0 {
			sum += v * share
		}
	}
	return sum
}
