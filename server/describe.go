package server

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"regexp"
	"slices"
	"strings"

	"borel/coverage"
	"borel/problem"
	"borel/solver"

	"github.com/danielgtaylor/huma/v2"
)

// call is one route of the API as its description tells it.
type call struct {
	method                  string // empty: POST
	path, id, summary, text string
	request, response       *huma.Schema // request is nil where there is no body
	optional                bool         // the body may be left out
	lines                   *huma.Schema // of the NDJSON answer; nil: there is none
	example                 string
	errors                  []int
	status                  int    // of the answer; 0: 200
	kind                    string // of the answer; empty: JSON
	params                  []*huma.Param
	api                     *API // whose call it is; nil: the server's own
}

// describe returns the OpenAPI 3.1 document and a page for people. The schemas are read off the types that the
// handlers use. It panics where they cannot be described: a fault in the code, seen by every test.
func describe(version string, apis []API, off []string) (doc, page []byte) {
	names := schemaNames{}
	schemas := huma.NewMapRegistry("#/components/schemas/", names.name)
	seen := shapes{}
	of := func(v any) *huma.Schema {
		seen.add(reflect.TypeOf(v))
		return schemas.Schema(reflect.TypeOf(v), true, "")
	}
	oneOf := func(vs ...any) *huma.Schema {
		s := &huma.Schema{}
		for _, v := range vs {
			s.OneOf = append(s.OneOf, of(v))
		}
		return s
	}
	calls := []call{
		{
			path: "/v1/runs", id: "run", summary: "Run programs",
			text:    "One program or many, without any check. Each starts from a fresh interpreter; what it did depends on the request alone.",
			request: oneOf(problem.RunRequest{}, runsList{}), response: oneOf(problem.Run{}, runsAnswer{}),
			example: `{"language":"python","source":"print(input())","stdin":"hi\n"}`,
			errors:  []int{503},
		},
		{
			path: "/v1/verify", id: "verify", summary: "Judge samples",
			text:    "A problem with samples, or items that each carry their own problem. With Accept: application/x-ndjson each verdict is a line as soon as it is known, and the report is the last.",
			request: oneOf(verifySamples{}, verifyItems{}), response: of(verifyAnswer{}),
			lines:   oneOf(verdictLine{}, verifyReportLine{}, errorLine{}),
			example: `{"problem":{"id":"add","check":{"kind":"unit","tests":"assert add(2, 3) == 5\n"}},"samples":[{"program":"def add(a, b): return a + b\n"}],"k":[1]}`,
			errors:  []int{503},
		},
		{
			path: "/v1/solve", id: "solve", summary: "Draw samples and pick the best",
			text:    "Samples are drawn from the configured endpoint, judged while the next are still being drawn, and one is selected. With Accept: application/x-ndjson each attempt is a line, and the report is the last.",
			request: of(solveBody{}), response: of(solver.Report{}),
			lines:   oneOf(attemptLine{}, solveReportLine{}, errorLine{}),
			example: `{"problem":{"id":"add","prompt":"def add(a, b):\n","check":{"kind":"unit","tests":"assert add(2, 3) == 5\n"}},"model":"m","mode":"completion","n":16,"until":"all"}`,
			errors:  []int{502, 503},
		},
		{
			path: "/v1/regrade", id: "regrade", summary: "Decide kept verdicts again",
			text:    "Verdicts that are kept are decided once more, from the runs that are kept, under a changed check or by newer checkers. Nothing is run. With Accept: application/x-ndjson each verdict that came out otherwise is a line, and the report is the last.",
			request: of(problem.Regrade{}), response: of(regradeAnswer{}),
			lines:   oneOf(changeLine{}, regradeReportLine{}, errorLine{}),
			example: `{"kind":"stdio","change":{"compare":"float:1e-4"}}`,
		},
		{
			path: "/v1/coverage", id: "coverage", summary: "Turn counts into pass@k",
			text:    "The unbiased estimator with intervals, and on request the power law that fits the curve.",
			request: of(coverageBody{}), response: of(coverageAnswer{}),
			example: `{"counts":[{"problem":"a","n":100,"c":3}],"k":[1,10,100]}`,
		},
		{
			method: "GET", path: "/v1/verdicts/{key}", id: "lookup", summary: "Look a verdict up",
			text:     "The verdict that is kept under a key, with the program that it is about.",
			response: of(problem.Verdict{}), errors: []int{404},
		},
		{
			path: "/v1/verdicts/{key}/replay", id: "replay", summary: "Make a verdict again",
			text:    "Everything that the verdict was made of runs again, whatever is cached, and is compared with what came out then. Nothing is stored.",
			request: of(replayBody{}), optional: true, response: of(problem.Replay{}), errors: []int{404, 409, 503},
		},
	}
	calls = append(calls, evalCalls(of)...)
	for i := range apis {
		calls = append(calls, apis[i].calls(of)...)
	}
	api := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: "borel", Version: version,
			Description: "Samples of language models, decided by running them. Errors are RFC 9457 problem documents.",
		},
		Components: &huma.Components{
			Schemas:         schemas,
			SecuritySchemes: map[string]*huma.SecurityScheme{"bearer": {Type: "http", Scheme: "bearer", Description: "where the server was started with --token"}},
		},
	}
	failure := of(ProblemDocument{})
	for _, c := range calls {
		shape, kind := failure, "application/problem+json"
		if c.api != nil {
			shape, kind = of(c.api.Error), "application/json"
		}
		api.AddOperation(c.operation(shape, kind))
	}
	addPlain(api, of(state{}), of(readiness{}), failure)
	refine(schemas, seen, names)
	doc, err := json.Marshal(api)
	if err != nil {
		panic(err)
	}
	return doc, docsPage(version, apis, off, calls, schemas)
}

// calls describes the routes of an API.
func (api *API) calls(of func(any) *huma.Schema) (calls []call) {
	schema := func(v any) *huma.Schema {
		if v == nil {
			return &huma.Schema{Type: huma.TypeObject}
		}
		return of(v)
	}
	for _, r := range api.Routes {
		if r.Summary == "" {
			continue
		}
		c := call{method: r.Method, status: r.Status, kind: r.Kind, path: described(r.Path), id: strings.ToLower(api.Name+"-"+r.Method) + strings.NewReplacer("/", "-", ":", "", "*", "id").Replace(r.Path),
			summary: r.Summary, text: r.Text, response: schema(r.Answer), example: r.Example, errors: []int{404, 502, 503, 504}, api: api}
		for _, q := range r.Query {
			c.params = append(c.params, &huma.Param{Name: q.Name, In: "query", Description: q.Text, Schema: &huma.Schema{Type: cmp.Or(q.Type, huma.TypeString)}})
		}
		if r.Method != "GET" && r.Method != "DELETE" {
			c.request = schema(r.Request)
		}
		if r.Lines != nil {
			c.lines = of(r.Lines)
			if r.Answer == nil {
				c.response = nil
			}
		}
		calls = append(calls, c)
	}
	return calls
}

// described writes an echo path as the description has it; what a star matches is called id.
func described(path string) string {
	return param.ReplaceAllString(strings.Replace(path, "*", ":id", 1), "{$1}")
}

var param = regexp.MustCompile(`:([a-z]+)`)

func (c call) operation(failure *huma.Schema, kind string) *huma.Operation {
	good := map[string]*huma.MediaType{}
	if c.response != nil {
		good[cmp.Or(c.kind, "application/json")] = &huma.MediaType{Schema: c.response}
	}
	if c.lines != nil {
		good[ndjson] = &huma.MediaType{Schema: c.lines}
	}
	o := &huma.Operation{
		OperationID: c.id, Method: cmp.Or(c.method, "POST"), Path: c.path, Summary: c.summary, Description: c.text,
		Responses: map[string]*huma.Response{fmt.Sprint(cmp.Or(c.status, 200)): {Description: "done", Content: good}}, Parameters: c.params,
		Security: []map[string][]string{{}, {"bearer": {}}},
	}
	if c.api != nil {
		o.Tags = []string{c.api.Name}
		for _, m := range param.FindAllStringSubmatch(strings.ReplaceAll(c.path, "{", ":"), -1) {
			o.Parameters = append(o.Parameters, &huma.Param{Name: m[1], In: "path", Required: true, Schema: &huma.Schema{Type: huma.TypeString}})
		}
	}
	if strings.Contains(c.path, "{key}") {
		o.Parameters = []*huma.Param{{Name: "key", In: "path", Required: true, Description: "a verdict's key", Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[0-9a-fA-F]{64}$"}}}
	}
	if c.api == nil && strings.Contains(c.path, "{id}") {
		o.Parameters = append([]*huma.Param{{Name: "id", In: "path", Required: true, Description: "a job's", Schema: &huma.Schema{Type: huma.TypeString}}}, o.Parameters...)
	}
	if c.request != nil {
		body := &huma.MediaType{Schema: c.request}
		if c.example != "" {
			if err := json.Unmarshal([]byte(c.example), &body.Example); err != nil {
				panic(fmt.Sprintf("example of %s: %v", c.path, err))
			}
		}
		o.RequestBody = &huma.RequestBody{Required: !c.optional, Content: map[string]*huma.MediaType{"application/json": body}}
	}
	for _, status := range append([]int{400, 401, 403, 408, 413, 415, 422, 429, 500, 503}, c.errors...) {
		r := &huma.Response{Description: statusText[status]}
		if c.api == nil || !slices.Contains(c.api.Bare, status) {
			r.Content = map[string]*huma.MediaType{kind: {Schema: failure}}
		}
		if c.api != nil && slices.Contains(c.api.Plain, status) {
			r.Content["text/plain"] = &huma.MediaType{Schema: &huma.Schema{Type: huma.TypeString}}
		}
		o.Responses[fmt.Sprint(status)] = r
	}
	return o
}

// statusText says what each status means here.
var statusText = map[int]string{
	400: "the body is not JSON, or the key in the path is none",
	401: "a bearer token is needed",
	403: "the Host is not a name of this server, or the request comes from a page of another site",
	404: "no verdict is kept under this key, there is no such job, or no model has this name",
	408: "the body did not arrive in time",
	409: "what it takes to make the verdict again was forgotten",
	413: "the body is larger than the limit, which the answer names",
	415: "the body is not announced as JSON",
	422: "a field is unknown, missing, of the wrong type or out of range; the answer names it",
	429: "every slot is taken and the queue is full; Retry-After says when to come back",
	500: "a fault of the server",
	507: "nothing can be kept, since the disk is nearly full",
	502: "the endpoint gave no sample",
	504: "the endpoint gave no answer in time",
	503: "not ready, no endpoint configured, or shutting down",
}

// addPlain adds the routes that take no body.
func addPlain(api *huma.OpenAPI, status, ready, failure *huma.Schema) {
	text := &huma.Schema{Type: huma.TypeString}
	for _, r := range []struct {
		path, id, summary, kind string
		schema                  *huma.Schema
	}{
		{"/healthz", "health", "200 while the process serves", "application/json", status},
		{"/readyz", "ready", "200 once programs can be run, else 503 saying what is waited for", "application/json", ready},
		{"/metrics", "metrics", "Counters and times, for Prometheus", "text/plain", text},
		{"/openapi.json", "description", "This document", "application/json", &huma.Schema{Type: huma.TypeObject}},
		{"/docs", "docs", "The same for people", "text/html", text},
	} {
		o := &huma.Operation{OperationID: r.id, Method: "GET", Path: r.path, Summary: r.summary, Responses: map[string]*huma.Response{
			"200": {Description: "as it says", Content: map[string]*huma.MediaType{r.kind: {Schema: r.schema}}},
			"403": {Description: statusText[403], Content: map[string]*huma.MediaType{"application/problem+json": {Schema: failure}}},
		}}
		switch r.id {
		case "ready":
			o.Responses["503"] = &huma.Response{Description: statusText[503], Content: map[string]*huma.MediaType{"application/problem+json": {Schema: failure}}}
		case "metrics":
			o.Security = []map[string][]string{{}, {"bearer": {}}}
			o.Responses["401"] = &huma.Response{Description: statusText[401], Content: map[string]*huma.MediaType{"application/problem+json": {Schema: failure}}}
		}
		api.AddOperation(o)
	}
}

// refine makes the schemas say what the types cannot: ranges, that a sample has one of three forms, that a problem needs no id,
// that null in an optional field is the same as leaving it out, which answers are null, and that a time has two forms.
func refine(schemas huma.Registry, seen shapes, names schemaNames) {
	all := schemas.Map()
	seen.refine(all, names)
	p := all["Problem"]
	p.Required = slices.DeleteFunc(p.Required, func(name string) bool { return name == "id" })
	// They count for one kind of check, and are read only there.
	for _, name := range []string{"isolation", "fallback", "equal", "system", "select"} {
		all["Check"].Properties[name].Enum = nil
	}
	all["Code"].Required = nil
	between := func(schema, field string, low, high float64) {
		f := all[schema].Properties[field]
		f.Minimum, f.Maximum = &low, &high
	}
	between("Limits", "seconds", 0, problem.MaxLimits.Seconds)
	between("Limits", "output_kb", 0, float64(problem.MaxLimits.OutputKB))
	between("Limits", "files", 0, float64(problem.MaxLimits.Files))
	between("Limits", "file_kb", 0, float64(problem.MaxLimits.FileKB))
	least, most := float64(problem.MinMemoryMB), float64(problem.MaxLimits.MemoryMB)
	all["Limits"].Properties["memory_mb"].AnyOf = []*huma.Schema{{Enum: []any{0, nil}}, {Minimum: &least, Maximum: &most}}
	between("Spec", "seed", -1<<42, 1<<42-1)
	between("SolveBody", "seed", -1<<42, 1<<42-1)
	between("Count", "n", 1, coverage.MaxSamples)
	between("Count", "c", 0, coverage.MaxSamples)
	between("Count", "unknown", 0, coverage.MaxSamples)
	all["Count"].Properties["stopped"].Enum = []any{coverage.All, coverage.FirstAccepted, coverage.Adaptive}
	one := 1.0
	for _, name := range []string{"CoverageBody", "VerifySamples", "VerifyItems"} {
		all[name].Properties["k"].Items.Minimum = &one
	}
	all["RunRequest"].Required = nil
	for _, form := range []string{"source", "cells"} {
		all["RunRequest"].AnyOf = append(all["RunRequest"].AnyOf, &huma.Schema{Required: []string{form}})
	}
	sample := all["Sample"]
	for _, form := range []string{"completion", "text", "program"} {
		sample.OneOf = append(sample.OneOf, &huma.Schema{
			Required: []string{form}, Properties: map[string]*huma.Schema{form: {Type: huma.TypeString}},
		})
	}

	null := seen.nulls(names)
	for name, s := range all {
		for field, f := range s.Properties {
			// The formats are of numbers with a sign.
			if f.Type == huma.TypeInteger && f.Minimum != nil && *f.Minimum == 0 && f.Maximum == nil {
				if f.Format == "int32" {
					most := float64(math.MaxUint32)
					f.Maximum = &most
				}
				f.Format = ""
			}
			if slices.Contains(s.Required, field) && !slices.Contains(null[name], field) {
				continue
			}
			if f.Ref != "" {
				s.Properties[field] = &huma.Schema{Description: f.Description, AnyOf: []*huma.Schema{f, {Type: "null"}}}
				continue
			}
			if f.Type == "" {
				continue // any value, null among them
			}
			if f.Type == "" && f.AnyOf == nil {
				continue // any value, null too
			}
			f.Nullable = true
			if len(f.Enum) > 0 {
				f.Enum = append(f.Enum, "", nil)
			}
		}
	}

	want := all["Case"].Properties["want"] // null is a value
	all["Case"].Properties["want"] = &huma.Schema{Description: want.Description}

	// A time has two forms.
	for _, name := range []string{"Problem", "RunRequest", "VerifySamples", "VerifyItems"} {
		f := all[name].Properties["start"]
		first, last := float64(problem.MinStart.Unix()), float64(problem.MaxStart.Unix())
		all[name].Properties["start"] = &huma.Schema{Description: f.Description, AnyOf: []*huma.Schema{
			{Type: huma.TypeString, Format: "date-time"}, {Type: huma.TypeInteger, Minimum: &first, Maximum: &last}, {Type: "null"},
		}}
	}
}
