package query

import (
	"context"
	"iter"
	"slices"

	"github.com/vektah/gqlparser/v2/ast"

	"mereon/schema/access"
	"mereon/schema/fault"
)

// Part is one piece of an answer that is delivered in parts.
type Part struct {
	Result  *Result   // the first part, with everything that is not deferred; nil later
	Pending []Pending // what is announced with this part
	Items   []Item
	Done    []Done
	More    bool // another part follows
}

// Pending announces a deferred fragment at one place of the answer.
type Pending struct {
	ID    int
	Label string   // "" for none
	Path  ast.Path // of the object whose fields follow
}

// Item is data of a deferred fragment: an object, whose fields belong to the object at Path.
type Item struct {
	ID     int // of the Pending
	Label  string
	Path   ast.Path // from the root
	Sub    ast.Path // from the path of the Pending
	Data   []byte   // nil: null reached the fragment
	Errors []*Error
}

// Done tells that everything of a Pending was delivered; with errors, that null reached the fragment.
type Done struct {
	ID     int
	Errors []*Error
}

// ExecuteInParts runs a query and delivers first what is not deferred, then each deferred fragment when it is known: those
// of a slow connector hold up nobody else's. All parts are of one revision. Without deferred fragments there is one part.
// Who stops early ends what still runs.
func (p *Plan) ExecuteInParts(ctx context.Context, r Request) iter.Seq[Part] {
	return func(yield func(Part) bool) {
		if p.mutations != nil || !p.Defers() {
			result := p.Execute(ctx, r)
			yield(Part{Result: &result})
			return
		}
		if !access.FromContext(ctx).MayRead() {
			result := failed(fault.New(fault.Forbidden, "reading needs a token with the role viewer or operator"))
			yield(Part{Result: &result})
			return
		}
		ctx, cancel := context.WithCancel(ctx)
		x, err := p.start(ctx, r)
		if err != nil {
			cancel()
			result := failed(err)
			yield(Part{Result: &result})
			return
		}
		defer cancel()
		defer x.release()
		x.inParts(cancel, yield)
	}
}

// delivery is an answer being delivered in parts.
type delivery struct {
	x      *execution
	first  uint64 // guard bits of the first part
	late   uint64 // bits of all deferrals that are wanted
	given  uint64 // bits of what was delivered
	ready  chan *reading
	active []*reading // being read
	got    []*reading // of them, read and not written yet
	queue  []*deferral
}

// reading is what one deferral has asked for.
type reading struct {
	of    *deferral
	tasks crew
}

func (x *execution) inParts(cancel func(), yield func(Part) bool) {
	first, late := x.plan.late(x.variables, x.guards)
	x.guards = first | late
	if err := x.afford(); err != nil {
		result := failed(err)
		yield(Part{Result: &result})
		return
	}
	x.guards = first
	x.w.parts = &parts{late: late}
	defer func() { x.w.parts = nil }()
	d := &delivery{x: x, first: first, late: late, given: first, ready: make(chan *reading, maxDeferrals)}
	defer func() { cancel(); d.wait() }()
	x.fetch()
	x.w.parts.later = true
	x.turn.Lock() // but while it waits or the reader takes a part
	defer x.turn.Unlock()
	result := x.answer()
	x.takeErrors()
	if string(result.Data) == "null" {
		x.w.parts.fresh = nil
	}
	part := Part{Result: &result, Pending: x.w.parts.announced()}
	for d.announce(part.Pending); ; part = d.next() {
		part.More = len(x.w.parts.places) > 0
		if !d.hand(part, yield) || !part.More {
			return
		}
	}
}

// hand gives a part to the reader, who may take long.
func (d *delivery) hand(part Part, yield func(Part) bool) bool {
	d.x.turn.Unlock()
	defer d.x.turn.Lock()
	return yield(part)
}

// announce queues the deferrals of what was announced.
func (d *delivery) announce(list []Pending) {
	for _, one := range list {
		of := d.x.w.parts.places[one.ID].of
		if d.given&of.late == 0 && !d.known(of) {
			d.queue = append(d.queue, of)
		}
	}
	d.begin()
}

func (d *delivery) known(of *deferral) bool {
	for _, r := range d.active {
		if r.of == of {
			return true
		}
	}
	for _, q := range d.queue {
		if q == of {
			return true
		}
	}
	return false
}

// begin starts to read what is queued, except what shares something with what is being read: that would ask twice.
func (d *delivery) begin() {
	var waiting []*deferral
	for _, of := range d.queue {
		if d.sharesWithActive(of) {
			waiting = append(waiting, of)
			continue
		}
		r := &reading{of: of}
		d.active = append(d.active, r)
		d.x.guards, d.x.tasks = d.given|of.enclosing|of.late, &r.tasks
		d.x.read()
		go func() {
			r.tasks.running.Wait()
			d.ready <- r
		}()
	}
	d.queue = waiting
}

func (d *delivery) sharesWithActive(of *deferral) bool {
	linked := d.x.plan.linked(of)
	for _, r := range d.active {
		if linked&r.of.late != 0 {
			return true
		}
	}
	return false
}

// next waits for a deferral to be read and writes its fragments at all their places.
func (d *delivery) next() Part {
	r := d.earliest()
	for i, a := range d.active {
		if a == r {
			d.active = append(d.active[:i], d.active[i+1:]...)
			break
		}
	}
	r.tasks.Wait() // it has ended, but maybe by a panic
	d.x.guards = d.given | r.of.late
	part := d.x.writeLate(r.of, d.given)
	d.given |= r.of.late
	d.announce(part.Pending)
	return part
}

// earliest waits for a deferral; of several that are read it takes the first in the document.
func (d *delivery) earliest() *reading {
	if len(d.got) == 0 {
		d.x.turn.Unlock()
		d.got = append(d.got, <-d.ready)
		d.x.turn.Lock()
	}
	for len(d.ready) > 0 {
		d.got = append(d.got, <-d.ready)
	}
	best := slices.MinFunc(d.got, func(a, b *reading) int { return a.of.number - b.of.number })
	d.got = slices.DeleteFunc(d.got, func(r *reading) bool { return r == best })
	return best
}

// wait ends what is being read.
func (d *delivery) wait() {
	for range len(d.active) - len(d.got) {
		<-d.ready
	}
	d.x.tasks = &d.x.own
}

// takeErrors returns the errors since the last time.
func (x *execution) takeErrors() []*Error {
	r := &x.tally
	r.mu.Lock()
	defer r.mu.Unlock()
	errors := r.errors
	r.errors = nil
	return errors
}

// takeTurn lets a task make frames for the part that its guards stand for, while no other part is read or written. The
// result gives the turn back.
func (x *execution) takeTurn(guards uint64) (done func()) {
	if x.w.parts == nil {
		return func() {}
	}
	x.turn.Lock()
	before := x.guards
	if before != guards {
		x.guards = guards
	}
	return func() {
		if before != guards {
			x.guards = before
		}
		x.turn.Unlock()
	}
}

// wait waits for the tasks of what is being read.
func (x *execution) wait() {
	if p := x.w.parts; p != nil && p.later { // tasks need their turn
		x.turn.Unlock()
		defer x.turn.Lock()
	}
	x.tasks.Wait()
}

// soonOrLate are the guard bits of everything that will be delivered: groups are folded while their connection is read.
func (x *execution) soonOrLate() uint64 {
	if x.w.parts == nil {
		return x.guards
	}
	return x.guards | x.w.parts.late
}
