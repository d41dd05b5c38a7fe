package judge0

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"borel/server"

	"github.com/labstack/echo/v4"
)

// statisticsAnswer is about the submissions that are kept; Judge0's is about all there ever were, which it keeps.
type statisticsAnswer struct {
	CreatedAt   any             `json:"created_at"`
	CachedUntil any             `json:"cached_until"`
	Submissions submissionCount `json:"submissions"`
	Languages   []languageCount `json:"languages"`
	Statuses    []statusCount   `json:"statuses"`
	Database    databaseSize    `json:"database"`
}

type submissionCount struct {
	Total  int            `json:"total"`
	Today  int            `json:"today"`
	Last30 map[string]int `json:"last_30_days" doc:"by day, without today"`
}

type languageCount struct {
	Language languageName `json:"language"`
	Count    int          `json:"count"`
}

type statusCount struct {
	Status statusName `json:"status"`
	Count  int        `json:"count"`
}

type statusName struct {
	ID   int    `json:"id"`
	Name string `json:"name"`
}

type databaseSize struct {
	Pretty string `json:"size_pretty"`
	Bytes  int64  `json:"size_in_bytes"`
}

func (d *door) statistics(c echo.Context) error {
	now := time.Now().UTC()
	const day = 24 * time.Hour
	byLanguage, byStatus, byAge := map[int]int{}, map[int]int{}, map[int]int{}
	d.book.mu.Lock()
	total, bytes := len(d.book.order), d.book.bytes
	for _, e := range d.book.order {
		byLanguage[e.language]++
		byStatus[e.status]++
		byAge[int(now.Truncate(day).Sub(e.created.Truncate(day))/day)]++
	}
	d.book.mu.Unlock()
	a := statisticsAnswer{
		CreatedAt: moment(&now), CachedUntil: moment(&now), Languages: []languageCount{}, Statuses: []statusCount{},
		Submissions: submissionCount{total, byAge[0], map[string]int{}},
		Database:    databaseSize{fmt.Sprintf("%d kB", bytes>>10), bytes},
	}
	for i := 1; i <= 30; i++ {
		a.Submissions.Last30[now.Add(-time.Duration(i)*day).Format(time.DateOnly)] = byAge[i]
	}
	for _, id := range slices.Sorted(maps.Keys(byLanguage)) {
		a.Languages = append(a.Languages, languageCount{languageName{id, d.languageName()}, byLanguage[id]})
	}
	for _, id := range slices.Sorted(maps.Keys(byStatus)) {
		a.Statuses = append(a.Statuses, statusCount{statusName{id, statuses[id-1]}, byStatus[id]})
	}
	slices.SortStableFunc(a.Languages, func(x, y languageCount) int { return cmp.Compare(y.Count, x.Count) })
	slices.SortStableFunc(a.Statuses, func(x, y statusCount) int { return cmp.Compare(y.Count, x.Count) })
	return server.Answer(c, http.StatusOK, a)
}
