package judge0

import (
	"net/http"
	"runtime"
	"strconv"

	"borel/server"

	"github.com/labstack/echo/v4"
)

func text(s string) func(echo.Context, []byte) error {
	return func(c echo.Context, _ []byte) error { return c.String(http.StatusOK, s) }
}

// config is what Judge0 tells of its settings, as they are here. Bounds and defaults are those of a Judge0 that is configured
// as it comes.
func (d *door) config(c echo.Context) error {
	info := map[string]any{
		"maintenance_mode":                                 false,
		"enable_wait_result":                               true,
		"enable_compiler_options":                          true, // for compiled languages, of which there is none
		"allowed_languages_for_compile_options":            []string{},
		"enable_command_line_arguments":                    true,
		"enable_submission_delete":                         false,
		"enable_callbacks":                                 len(d.callbacks.hosts) > 0,
		"callbacks_max_tries":                              callTries,
		"callbacks_timeout":                                callTime.Seconds(),
		"enable_additional_files":                          true,
		"max_queue_size":                                   MaxQueue,
		"enable_per_process_and_thread_time_limit":         false,
		"allow_enable_per_process_and_thread_time_limit":   true,
		"enable_per_process_and_thread_memory_limit":       false,
		"allow_enable_per_process_and_thread_memory_limit": true,
		"redirect_stderr_to_stdout":                        false,
		"max_extract_size":                                 maxExtractKB,
		"enable_batched_submissions":                       true,
		"max_submission_batch_size":                        MaxBatch,
		"submission_cache_duration":                        0,
		"use_docs_as_homepage":                             false,
		"allow_enable_network":                             false,
		"enable_network":                                   false,
		"disable_implicit_base64_encoding":                 true,
	}
	for _, n := range numbers {
		info[n.name], info["max_"+n.name] = n.def, n.most
	}
	return server.Answer(c, http.StatusOK, info)
}

type aboutAnswer struct {
	Version    string  `json:"version"`
	Homepage   *string `json:"homepage"`
	SourceCode *string `json:"source_code"`
	Maintainer *string `json:"maintainer"`
}

func (d *door) about(c echo.Context) error {
	return server.Answer(c, http.StatusOK, aboutAnswer{Version: Version})
}

func (d *door) system(c echo.Context) error {
	return server.Answer(c, http.StatusOK, map[string]string{"Architecture": runtime.GOARCH, "CPU(s)": strconv.Itoa(runtime.NumCPU())})
}

type workersAnswer struct {
	Queue     string `json:"queue"`
	Size      int    `json:"size" doc:"submissions that wait"`
	Available int    `json:"available"`
	Idle      int    `json:"idle"`
	Working   int    `json:"working"`
	Paused    int    `json:"paused"`
}

func (d *door) workers(c echo.Context) error {
	d.book.mu.Lock()
	waiting, working := len(d.book.queue), d.book.working
	d.book.mu.Unlock()
	all := runtime.GOMAXPROCS(0)
	return server.Answer(c, http.StatusOK, []workersAnswer{{Queue: Version, Size: waiting, Available: all, Idle: all - working, Working: working}})
}
