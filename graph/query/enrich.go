package query

// enrich asks every connector once for what the levels of one wave want of it, each in a task of its own: live values,
// ranges, and the rows of record levels below. The states of rules are asked the same way.
func (x *execution) enrich(wave []*level) {
	var live liveAsks
	var history historyAsks
	var records recordAsks
	var states []*level
	for _, lv := range wave {
		if lv.record != nil {
			continue
		}
		f := x.frames[lv.id]
		if f.err == nil && f.n > 0 {
			x.collectLevel(lv, f, &live, &history)
			if lv.states.hold(x.guards) && !f.statesAsked {
				f.statesAsked = true
				states = append(states, lv)
			}
		}
	}
	x.collectRecords(wave, &records)
	for _, ask := range live.list {
		x.tasks.Go(func() { x.askLatest(ask) })
	}
	for _, ask := range history.list {
		x.tasks.Go(func() { x.askHistory(ask) })
	}
	for _, ask := range records.list {
		guards := x.guards
		x.tasks.Go(func() { x.askRecords(ask, guards) })
	}
	if len(states) > 0 {
		x.tasks.Go(func() { x.askStates(states) })
	}
}

func (x *execution) collectLevel(lv *level, f *frame, live *liveAsks, history *historyAsks) {
	if f.rows == nil {
		return
	}
	for _, need := range lv.live {
		if need.guards.hold(x.guards) {
			x.collectLive(live, f, need.path, need.types)
		}
	}
	if q := x.questions[lv.id]; q != nil && len(lv.dynamic) > 0 {
		for _, path := range q.extra {
			x.collectLive(live, f, path, nil)
		}
	}
	for k, need := range lv.history {
		if need.guards.hold(x.guards) && (f.ranges == nil || f.ranges[k] == nil) {
			x.collectHistory(history, f, k, need)
		}
	}
}

// collectRecords adds the record levels whose parents are in the wave. Rows of parents that are records themselves are
// waited for.
func (x *execution) collectRecords(wave []*level, asks *recordAsks) {
	for _, lv := range wave {
		for _, child := range lv.children {
			if child.record != nil && !x.comesWith(lv, child) {
				if lv.record != nil && x.due(child) {
					x.wait()
				}
				x.collectRecordLevel(asks, child)
			}
		}
	}
}
