package judge0

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"borel/server"

	"github.com/labstack/echo/v4"
)

var (
	queryBase64 = server.Query{Name: "base64_encoded", Text: "true: source_code, stdin and expected_output come, and texts go, in base64; default false"}
	queryWait   = server.Query{Name: "wait", Text: "true: the answer is the end of the run"}
	queryFields = server.Query{Name: "fields", Text: "what is told, with commas between; *: all there is"}
)

const (
	conversion      = "some attributes for this submission cannot be converted to UTF-8, use base64_encoded=true query parameter"
	conversionBatch = "some attributes for one or more submissions cannot be converted to UTF-8, use base64_encoded=true query parameter"
	maxWait         = 600 * time.Second
	maxShown        = 96 << 20 // bytes of the submissions of a batch, with their output, as they are kept
)

// viewOf reads the parameters about how a submission is shown.
func viewOf(c echo.Context) (view, error) {
	fields, err := fieldsOf(c.QueryParam("fields"))
	return view{base64Of(c), fields}, err
}

// base64Of says whether texts are in base64. Where nothing is said, they are not: see the package comment.
func base64Of(c echo.Context) bool { return c.QueryParam("base64_encoded") == "true" }

// decode reads an object; no body is an empty one, as anything else in JSON is.
func decode(body []byte, v any) error {
	if trimmed := bytes.TrimSpace(body); len(trimmed) == 0 {
		return nil
	}
	return server.DecodeLoose(body, v)
}

func (d *door) create(c echo.Context, body []byte) error {
	if err := d.book.reserve(1); err != nil {
		return err
	}
	taken := false
	defer func() {
		if !taken {
			d.book.release(1)
		}
	}()
	v, err := viewOf(c)
	if err != nil {
		return err
	}
	var a attributes
	if err := decode(body, &a); err != nil {
		return err
	}
	s, bad := d.check(&a, v.base64)
	if len(bad) > 0 {
		return server.Answer(c, http.StatusUnprocessableEntity, bad)
	}
	taken = true
	kept, err := d.book.keep([]*submission{s})
	if err != nil {
		return err
	}
	if c.QueryParam("wait") != "true" {
		return server.Answer(c, http.StatusCreated, tokenAnswer{kept[0].token})
	}
	return d.await(c, kept[0], v)
}

// await answers with the end of a submission.
func (d *door) await(c echo.Context, e *entry, v view) error {
	late := time.NewTimer(maxWait)
	defer late.Stop()
	select {
	case <-e.ended:
	case <-late.C: // it is told as it is
	case <-c.Request().Context().Done():
		return c.Request().Context().Err()
	}
	_, st, err := d.book.find(e.token)
	if err != nil {
		return err
	}
	shown, err := d.tell(e, &st, v)
	switch {
	case errors.Is(err, errText):
		return server.Answer(c, http.StatusCreated, conversionAnswer{conversion, e.token})
	case err != nil:
		return err
	}
	return server.Answer(c, http.StatusCreated, shown)
}

func (d *door) createBatch(c echo.Context, body []byte) error {
	var b struct {
		Submissions batch `json:"submissions"`
	}
	if err := decode(body, &b); err != nil {
		return err
	}
	n := len(b.Submissions.list)
	if err := d.book.reserve(n); err != nil {
		return err
	}
	taken := 0
	defer func() { d.book.release(n - taken) }()
	if err := batchSize(b.Submissions.size); err != nil {
		return err
	}
	answers := make([]any, n)
	var good []*submission
	var places []int
	for i := range b.Submissions.list {
		s, bad := d.check(&b.Submissions.list[i], base64Of(c))
		if len(bad) > 0 {
			answers[i] = bad
			continue
		}
		good, places = append(good, s), append(places, i)
	}
	if len(good) == 0 {
		return server.Answer(c, http.StatusUnprocessableEntity, answers)
	}
	taken = len(good)
	kept, err := d.book.keep(good)
	if err != nil {
		return err
	}
	for i, e := range kept {
		answers[places[i]] = tokenAnswer{e.token}
	}
	return server.Answer(c, http.StatusCreated, answers)
}

func batchSize(n int) error {
	switch {
	case n > MaxBatch:
		return refused(http.StatusBadRequest, fmt.Sprintf("number of submissions in a batch should be less than or equal to %d", MaxBatch))
	case n == 0:
		return refused(http.StatusBadRequest, "there should be at least one submission in a batch")
	}
	return nil
}

func (d *door) show(c echo.Context, _ []byte) error {
	v, err := viewOf(c)
	if err != nil {
		return err
	}
	e, st, err := d.book.find(c.Param("token"))
	if err != nil {
		return err
	}
	shown, err := d.tell(e, &st, v)
	switch {
	case errors.Is(err, errText):
		return refused(http.StatusBadRequest, conversion)
	case err != nil:
		return err
	}
	return server.Answer(c, http.StatusOK, shown)
}

func (d *door) showBatch(c echo.Context, _ []byte) error {
	v, err := viewOf(c)
	if err != nil {
		return err
	}
	tokens := c.Request().Header.Get("Tokens")
	if tokens == "" {
		tokens = c.QueryParam("tokens")
	}
	list := strings.Split(strings.TrimRight(strings.TrimSpace(tokens), ","), ",")
	if list[0] == "" && len(list) == 1 {
		list = nil
	}
	if err := batchSize(len(list)); err != nil {
		return err
	}
	shown := make([]any, len(list)) // null where there is none
	size := int64(0)
	for i, token := range list {
		e, st, err := d.book.find(token)
		if err == nil {
			if size += st.Bytes; size > maxShown && i > 0 && v.long() {
				return refused(http.StatusBadRequest, fmt.Sprintf("the submissions of this batch hold more than %d bytes: ask for fewer of them at once", maxShown))
			}
			shown[i], err = d.tell(e, &st, v)
		}
		switch {
		case errors.Is(err, errAbsent):
		case errors.Is(err, errText):
			return refused(http.StatusBadRequest, conversionBatch)
		case err != nil:
			return err
		}
	}
	return server.Answer(c, http.StatusOK, submissionBatchAnswer{shown})
}
