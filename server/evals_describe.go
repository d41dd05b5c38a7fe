package server

import (
	"borel/coverage"
	"borel/eval"

	"github.com/danielgtaylor/huma/v2"
)

// evalCalls describes the calls on evaluation jobs.
func evalCalls(of func(any) *huma.Schema) []call {
	const at = "/v1/evals/{id}"
	query := func(name, kind, text string) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: text, Schema: &huma.Schema{Type: kind}}
	}
	choice := func(name, text string, values ...any) *huma.Param {
		return &huma.Param{Name: name, In: "query", Description: text, Schema: &huma.Schema{Type: huma.TypeString, Enum: values}}
	}
	after := query("after", huma.TypeString, "what the page before gave as next")
	least, most := 1.0, float64(eval.MaxPage)
	limit := &huma.Param{Name: "limit", In: "query", Description: "entries of a page; default 100", Schema: &huma.Schema{Type: huma.TypeInteger, Minimum: &least, Maximum: &most}}
	job := of(eval.Job{})
	change := func(name, summary, text string, body *huma.Schema, example string) call {
		return call{
			path: at + "/" + name, id: "eval-" + name, summary: summary, text: text, request: body, optional: example == "", response: job,
			example: example, errors: []int{404, 507},
		}
	}
	return []call{
		{
			path: "/v1/evals", id: "eval-create", summary: "Make an evaluation job", status: 202,
			text:    "Problems × n samples of a model, drawn, judged and kept as they come. It is carried out in the order of creation, survives the death of the server, and draws no sample that an earlier job with equal sampling has drawn.",
			request: of(eval.Spec{}), response: job, errors: []int{507},
			example: `{"problems":[{"id":"add","prompt":"Write add(a, b).","check":{"kind":"unit","tests":"assert add(2, 3) == 5\n"}}],"model":"m","n":100}`,
		},
		{
			method: "GET", path: "/v1/evals", id: "eval-list", summary: "List evaluation jobs", text: "The newest first.", response: of(jobsAnswer{}),
			params: []*huma.Param{after, limit, query("digest", huma.TypeString, "the newest job alone that evaluates this; 404 where there is none")}, errors: []int{404},
		},
		{method: "GET", path: at, id: "eval-get", summary: "How a job stands", response: job, errors: []int{404}},
		{
			method: "DELETE", path: at, id: "eval-delete", summary: "Delete a job", status: 204, errors: []int{404},
			text: "With its rows, and with its samples where no other job refers to them.",
		},
		{
			method: "GET", path: at + "/samples", id: "eval-samples", summary: "The samples of a job with their verdicts", response: of(rowsAnswer{}), errors: []int{404},
			text: "In the order of problems and samples. A page can be short although there is a next one.",
			params: []*huma.Param{
				query("problem", huma.TypeString, "of this problem alone"), query("status", huma.TypeString, "with this status alone; failed: those that no endpoint gave"),
				query("text", huma.TypeString, "1: with the text of the samples"), after, limit,
			},
		},
		{
			method: "GET", path: at + "/problems", id: "eval-problems", summary: "What a job has of each problem", response: of(talliesAnswer{}), errors: []int{404},
			params: []*huma.Param{after, limit},
		},
		{
			method: "GET", path: at + "/coverage", id: "eval-coverage", summary: "pass@k of a job", response: of(evalCoverage{}), errors: []int{404},
			text: "Over what is decided so far. A k beyond the fewest decided samples of a problem is left out. The query asks what the body of POST /v1/coverage does.",
			params: []*huma.Param{
				query("k", huma.TypeString, "values of k with commas between them; default 1, 10, 100, …"),
				query("level", huma.TypeNumber, "chance that an interval holds; default 0.95"),
				choice("over", "what an interval is about", coverage.Samples, coverage.Problems),
				choice("method", "how an interval is made", coverage.Analytic, coverage.Bootstrap, coverage.Bayes),
				query("resamples", huma.TypeInteger, "of the bootstrap"), query("seed", huma.TypeInteger, "of what is drawn at random"),
				choice("estimate", "of pass@k; inverse_sampling also answers for a job that stops at the first accepted sample", coverage.Unbiased, coverage.InverseSampling),
				query("pass_hat", huma.TypeBoolean, "also pass^k"), query("fit", huma.TypeBoolean, "the power law that fits the curve"),
				query("fit_interval", huma.TypeBoolean, "the same with intervals of its parameters"),
				query("select", huma.TypeBoolean, "ways of picking one of k samples: by votes on answers, by scores"),
				query("posteriors", huma.TypeBoolean, "what is believed of the rate of each problem"),
				query("forecast", huma.TypeString, "k to forecast pass@k at, with commas between them"),
				query("difficulty", huma.TypeBoolean, "how the success rates of the problems are spread"),
				query("against", huma.TypeString, "another job, to tell the difference from, on the problems that both have"),
				query("reach", huma.TypeNumber, "a coverage: how many samples reach it"), query("budget", huma.TypeNumber, "what it buys, spent on all problems together"),
				query("cost", huma.TypeNumber, "what a sample costs; default 1"),
				query("against_cost", huma.TypeNumber, "what one of the other job costs: which of the two is the better buy"),
				query("axis", huma.TypeString, "the unit of cost and budget; default samples, or units where cost is not 1"),
			},
		},
		{
			method: "GET", path: at + "/events", id: "eval-events", summary: "What happens to a job", response: of(eval.Event{}), lines: of(eval.Event{}), errors: []int{404},
			text: "Always a stream: JSON lines, or with Accept: text/event-stream server-sent events. It begins with how the job stands and ends when the job has. Who reads slowly misses rows, and gets the latest progress.",
		},
		change("cancel", "Cancel a job", "What it has stays.", nil, ""),
		change("resume", "Take a job up again", "After it was cancelled, or for what failed.", of(resumeBody{}), ""),
		change("extend", "Raise n of a job", "What there is stays.", of(extendBody{}), `{"n":1000}`),
		change("regrade", "Judge a job again", "Under changed checks, or by today's checkers; nothing is drawn, and only programs whose runs were forgotten run.", of(regradeJobBody{}), ""),
	}
}
