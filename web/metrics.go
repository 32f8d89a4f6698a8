package web

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
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
	watchedMetric  = prometheus.NewDesc("mereon_connector_watched", "References kept current.", []string{"connector", "kind"}, nil)
)

// Describe implements prometheus.Collector.
func (c *collector) Describe(out chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{revisionMetric, entitiesMetric, callsMetric, errorsMetric, latencyMetric, watchedMetric} {
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
	for _, h := range c.service.source.Health() {
		out <- prometheus.MustNewConstMetric(callsMetric, prometheus.CounterValue, float64(h.Calls), h.Name, h.Kind)
		out <- prometheus.MustNewConstMetric(errorsMetric, prometheus.CounterValue, float64(h.Errors), h.Name, h.Kind)
		out <- prometheus.MustNewConstMetric(latencyMetric, prometheus.GaugeValue, h.LatencyP50.Seconds(), h.Name, h.Kind, "0.5")
		out <- prometheus.MustNewConstMetric(latencyMetric, prometheus.GaugeValue, h.LatencyP95.Seconds(), h.Name, h.Kind, "0.95")
		out <- prometheus.MustNewConstMetric(watchedMetric, prometheus.GaugeValue, float64(h.Watched), h.Name, h.Kind)
	}
}
