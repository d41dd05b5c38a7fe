package harness

import (
	"io"
	"path/filepath"
	"strings"
)

// bigCode is BigCode's evaluation harness: generations_TASK.json, a list of programs for each problem in the order of the dataset. Its
// results are pass@k alone, under the name of the task, beside the arguments of the command.
var bigCode = &Format{
	Name:   "bigcode",
	Output: func(samples string) string { return filepath.Join(filepath.Dir(samples), "evaluation_results.json") },
	Stream: true,
	Write: func(to string, r *Results) error {
		return r.save(to, func(w io.Writer) error {
			var all []tally
			most := 0
			for _, p := range r.Recording.Problems {
				if t := tallyOf(r.Outcomes[p]); t.n > 0 {
					all = append(all, t)
				}
				most = max(most, p.Len())
			}
			pass, err := passAtK(all, r.ks(1, 10, 100))
			if err != nil {
				return err
			}
			task := bigCodeTask(r.Samples)
			config := objectOf(member{"tasks", text(task)}, member{"n_samples", whole(most)}, member{"load_generations_path", text(r.Samples)})
			_, err = w.Write(indented(objectOf(member{task, objectOf(pass...)}, member{"config", config}), 2))
			return err
		})
	},
}

// bigCodeTask is the task that a file of generations is of, by its name.
func bigCodeTask(samples string) string {
	name := strings.TrimSuffix(strings.TrimSuffix(filepath.Base(samples), ".gz"), ".json")
	if i := strings.LastIndex(name, "generations_"); i >= 0 {
		name = name[i+len("generations_"):]
	}
	return name
}
