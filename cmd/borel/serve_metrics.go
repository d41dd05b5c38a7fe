package main

import (
	"borel/sandbox"
	"borel/worker"

	"github.com/prometheus/client_golang/prometheus"
)

// engineMetrics tells /metrics how programs are run, and how the workers fare that run them.
type engineMetrics struct{ runtime executor }

var (
	engineInfo    = prometheus.NewDesc("borel_engine_info", "How programs are compiled: 1 for the mode and the patches of wazero that this process has.", []string{"mode", "patches"}, nil)
	workersUp     = prometheus.NewDesc("borel_workers_ready", "Worker processes that are up.", nil, nil)
	workersCheck  = prometheus.NewDesc("borel_workers_checked", "Worker processes of those that check addresses for a while, after many faults.", nil, nil)
	workersEnded  = prometheus.NewDesc("borel_workers_ended_total", "Worker processes that were up, ended and were replaced.", nil, nil)
	workersFaults = prometheus.NewDesc("borel_faults_total", "Runs that ended a worker with guarded memory and were run again with checks.", nil, nil)
)

func (engineMetrics) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{engineInfo, workersUp, workersCheck, workersEnded, workersFaults} {
		ch <- d
	}
}

func (m engineMetrics) Collect(ch chan<- prometheus.Metric) {
	if mode := modeOf(m.runtime); mode != "" {
		ch <- prometheus.MustNewConstMetric(engineInfo, prometheus.GaugeValue, 1, string(mode), sandbox.Patches())
	}
	p, ok := m.runtime.(*worker.Pool)
	if !ok {
		return
	}
	s := p.Status()
	ch <- prometheus.MustNewConstMetric(workersUp, prometheus.GaugeValue, float64(s.Ready))
	ch <- prometheus.MustNewConstMetric(workersCheck, prometheus.GaugeValue, float64(s.Checked))
	ch <- prometheus.MustNewConstMetric(workersEnded, prometheus.CounterValue, float64(s.Ended))
	ch <- prometheus.MustNewConstMetric(workersFaults, prometheus.CounterValue, float64(s.Faults))
}
