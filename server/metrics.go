package server

import (
	"context"
	"errors"

	"borel/problem"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
)

// metrics is what /metrics shows, in a registry of its own: two servers in a process do not meet.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	verdicts *prometheus.CounterVec
	runs     *prometheus.CounterVec
	hits     *prometheus.CounterVec
}

func newMetrics(q, proxied *queue, more []prometheus.Collector) *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "borel_http_requests_total", Help: "Requests answered, by route and status.",
		}, []string{"route", "status"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "borel_http_request_seconds", Help: "Time to answer, waiting for a slot included.",
			Buckets: prometheus.ExponentialBuckets(0.00025, 2.5, 14),
		}, []string{"route"}),
		verdicts: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "borel_verdicts_total", Help: "Verdicts given, by status; unknown ones are faults of the service.",
		}, []string{"status"}),
		runs: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "borel_runs_total", Help: "Programs run without a check, by reason; error is a fault of the service.",
		}, []string{"reason"}),
		hits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "borel_cache_hits_total", Help: "Answers for which nothing was run, of runs and of verdicts.",
		}, []string{"of"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.verdicts, m.runs, m.hits,
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "borel_queue_depth", Help: "Requests that wait for a slot."},
			func() float64 { return float64(q.waiting.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "borel_held_requests", Help: "Requests that are held until a slot is free, or their time is over."},
			func() float64 { return float64(q.holding.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "borel_requests_running", Help: "Requests that have a slot."},
			func() float64 { return float64(len(q.slots)) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "borel_queue_refusals_total", Help: "Requests refused because the queue was full, or the hold over."},
			func() float64 { return float64(q.refused.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "borel_proxy_queue_depth", Help: "Requests that wait for a slot to ask an endpoint."},
			func() float64 { return float64(proxied.waiting.Load()) }),
		prometheus.NewGaugeFunc(prometheus.GaugeOpts{Name: "borel_proxy_requests_running", Help: "Requests that have such a slot."},
			func() float64 { return float64(len(proxied.slots)) }),
		prometheus.NewCounterFunc(prometheus.CounterOpts{Name: "borel_proxy_queue_refusals_total", Help: "Requests refused because that queue was full."},
			func() float64 { return float64(proxied.refused.Load()) }),
		collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.registry.MustRegister(more...)
	return m
}

func (m *metrics) judged(v problem.Verdict) {
	m.verdicts.WithLabelValues(string(v.Status)).Inc()
	if v.Cached {
		m.hits.WithLabelValues("verdicts").Inc()
	}
}

// counted is a Verifier whose runs are counted, whichever API asks for them.
type counted struct {
	Verifier
	m *metrics
}

func (v *counted) Run(ctx context.Context, r problem.RunRequest) (problem.Run, error) {
	run, err := v.Verifier.Run(ctx, r)
	switch _, invalid := errors.AsType[*problem.Invalid](err); {
	case err == nil:
		v.m.runs.WithLabelValues(run.Reason).Inc()
		if run.Cached {
			v.m.hits.WithLabelValues("runs").Inc()
		}
	case !invalid && ctx.Err() == nil:
		v.m.runs.WithLabelValues("error").Inc()
	}
	return run, err
}
