package web

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"mereon/graph/mirror"
)

// metrics serves Prometheus metrics: those of the process, the graph and every connector.
func (s *Service) metrics() http.Handler {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}), &collector{service: s})
	return promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
}

type collector struct{ service *Service }

var (
	revisionMetric = prometheus.NewDesc("mereon_graph_revision", "Revision of the graph.", nil, nil)
	entitiesMetric = prometheus.NewDesc("mereon_graph_entities", "Entities by asset type.", []string{"type"}, nil)
	callsMetric    = prometheus.NewDesc("mereon_connector_calls_total", "Requests to the outside system.", []string{"connector", "kind"}, nil)
	errorsMetric   = prometheus.NewDesc("mereon_connector_errors_total", "Requests that failed.", []string{"connector", "kind"}, nil)
	latencyMetric  = prometheus.NewDesc("mereon_connector_latency_seconds", "Recent latency of requests.", []string{"connector", "kind", "quantile"}, nil)
	lagMetric      = prometheus.NewDesc("mereon_mirror_lag_seconds", "For how long the copy of the graph may have missed what was committed.", nil, nil)
	behindMetric   = prometheus.NewDesc("mereon_mirror_behind_revisions", "Revisions that the copy of the graph is known to miss.", nil, nil)
	stateMetric    = prometheus.NewDesc("mereon_mirror_state", "1 for where reads run: mirrored, filling or direct.", []string{"state"}, nil)
	memoryMetric   = prometheus.NewDesc("mereon_mirror_bytes", "Estimated memory of the copy of the graph.", nil, nil)
	streamsMetric  = prometheus.NewDesc("mereon_streams_open", "Sockets and event streams of GraphQL.", nil, nil)
	bufferedMetric = prometheus.NewDesc("mereon_streams_buffered_bytes", "Answers made for streams that have not taken them yet.", nil, nil)
	watchedMetric  = prometheus.NewDesc("mereon_connector_watched", "References kept current.", []string{"connector", "kind"}, nil)
)

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{revisionMetric, entitiesMetric, callsMetric, errorsMetric, latencyMetric, watchedMetric, lagMetric, behindMetric, stateMetric, memoryMetric, streamsMetric, bufferedMetric} {
		out <- d
	}
}

// Collect implements prometheus.Collector.
func (c *collector) Collect(out chan<- prometheus.Metric) {
	ctx := context.Background()
	if view, err := c.service.store.View(ctx); err == nil {
		defer view.Close()
		out <- prometheus.MustNewConstMetric(revisionMetric, prometheus.GaugeValue, float64(view.Revision()))
		if counts, err := view.Counts(ctx); err == nil {
			for t, n := range counts {
				out <- prometheus.MustNewConstMetric(entitiesMetric, prometheus.GaugeValue, float64(n), string(t))
			}
		}
	}
	if m, ok := c.service.mirrored(); ok {
		collectMirror(out, m.Status())
	}
	out <- prometheus.MustNewConstMetric(streamsMetric, prometheus.GaugeValue, float64(c.service.api.Streams()))
	out <- prometheus.MustNewConstMetric(bufferedMetric, prometheus.GaugeValue, float64(c.service.api.Buffered()))
	for _, h := range c.service.source.Health() {
		out <- prometheus.MustNewConstMetric(callsMetric, prometheus.CounterValue, float64(h.Calls), h.Name, h.Kind)
		out <- prometheus.MustNewConstMetric(errorsMetric, prometheus.CounterValue, float64(h.Errors), h.Name, h.Kind)
		out <- prometheus.MustNewConstMetric(latencyMetric, prometheus.GaugeValue, h.LatencyP50.Seconds(), h.Name, h.Kind, "0.5")
		out <- prometheus.MustNewConstMetric(latencyMetric, prometheus.GaugeValue, h.LatencyP95.Seconds(), h.Name, h.Kind, "0.95")
		out <- prometheus.MustNewConstMetric(watchedMetric, prometheus.GaugeValue, float64(h.Watched), h.Name, h.Kind)
	}
}

func collectMirror(out chan<- prometheus.Metric, status mirror.Status) {
	for _, state := range []mirror.State{mirror.Mirrored, mirror.Filling, mirror.Direct} {
		is := 0.0
		if status.State == state {
			is = 1
		}
		out <- prometheus.MustNewConstMetric(stateMetric, prometheus.GaugeValue, is, string(state))
	}
	if status.State != mirror.Mirrored {
		return
	}
	out <- prometheus.MustNewConstMetric(lagMetric, prometheus.GaugeValue, status.Lag.Seconds())
	out <- prometheus.MustNewConstMetric(behindMetric, prometheus.GaugeValue, float64(max(0, int64(status.Upstream)-int64(status.Revision))))
	out <- prometheus.MustNewConstMetric(memoryMetric, prometheus.GaugeValue, float64(status.Bytes))
}
