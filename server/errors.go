package server

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"borel/coverage"
	"borel/eval"
	"borel/problem"
	"borel/verify"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/labstack/echo/v4"
)

// ProblemDocument is every error that this server answers, as RFC 9457 has it.
type ProblemDocument struct {
	Title    string        `json:"title" doc:"the status in words"`
	Status   int           `json:"status"`
	Detail   string        `json:"detail" doc:"what is wrong here, for people"`
	Instance string        `json:"instance" doc:"names the request, as X-Request-Id and the log do"`
	Errors   []FieldDetail `json:"errors,omitempty" doc:"which field is wrong"`

	code string // of a Failure
}

// FieldDetail is what is wrong with one field.
type FieldDetail struct {
	Location string `json:"location" doc:"such as body.samples[3].program"`
	Message  string `json:"message"`
}

// fault is an error of the server's own, with the status it answers.
type fault struct {
	status int
	detail string
	retry  int // seconds after which trying again makes sense; 0: it does not
}

func (f *fault) Error() string { return f.detail }

var (
	errFull         = &fault{429, "every slot is taken and the queue is full; try again later", 1}
	errHeld         = &fault{504, "every slot was taken for as long as a request may wait; try again", 1}
	errStopping     = &fault{503, "the server is shutting down", 5}
	errUnauthorised = &fault{401, "a bearer token that this server knows is needed: Authorization: Bearer TOKEN", 0}
	errOrigin       = &fault{403, "requests from pages of other sites are refused (Origin)", 0}
	errNoEndpoint   = &fault{503, "no endpoint is configured: start the server with --endpoint URL", 0}
	errNoEvals      = &fault{503, "this server keeps no evaluation jobs", 0}
	errMediaType    = &fault{415, "the body must be JSON: Content-Type: application/json", 0}
	errBodyTime     = &fault{408, "the body did not arrive in time", 0}
	errEmptyBody    = &fault{400, "the body is empty; a JSON object is wanted", 0}
	errInside       = &fault{500, "a fault of this server; its log has the details under the request id", 0}
)

// statusClientGone is nginx's: the client left before the answer. Nobody reads it but logs and metrics.
const statusClientGone = 499

// problemOf is the one place where errors become HTTP: the problem document (RFC 9457) that tells err, and the seconds
// after which trying again makes sense, or 0. It returns nil of an error that it does not know: that is a fault inside.
func problemOf(err error) (*ProblemDocument, int) {
	doc := func(status int, detail string, at ...FieldDetail) *ProblemDocument {
		return &ProblemDocument{Status: status, Title: http.StatusText(status), Detail: detail, Errors: at}
	}
	field := func(name, message string) *ProblemDocument {
		at := strings.Trim("body."+name, ".")
		return doc(422, at+": "+message, FieldDetail{at, message})
	}
	var (
		own     *fault
		invalid *problem.Invalid
		range_  *coverage.Invalid
		wrong   *fieldError
		syntax  *jsontext.SyntacticError
		large   *http.MaxBytesError
		route   *echo.HTTPError
		draw    *endpointError
		path    pathError
		told    *Failure
	)
	switch {
	case errors.As(err, &told):
		d := doc(told.Status, told.Detail)
		if d.code = told.Code; told.Field != "" {
			d.Errors = []FieldDetail{{"body." + told.Field, strings.TrimPrefix(told.Detail, told.Field+": ")}}
		}
		return d, told.RetryAfter
	case errors.As(err, &own):
		return doc(own.status, own.detail), own.retry
	case errors.As(err, &path): // before the Invalid inside it
		at := "path." + path.Field
		return doc(400, at+": "+path.Message, FieldDetail{at, path.Message}), 0
	case errors.Is(err, eval.ErrNotFound):
		return doc(404, err.Error()), 0
	case errors.Is(err, eval.ErrFull):
		return doc(http.StatusInsufficientStorage, "nothing can be kept, since the disk is nearly full"), 60
	case errors.Is(err, verify.ErrNoVerdict):
		return doc(404, verify.ErrNoVerdict.Error()), 0
	case errors.Is(err, verify.ErrNoOrigin):
		return doc(409, verify.ErrNoOrigin.Error()), 0
	case errors.As(err, &invalid):
		return field(invalid.Field, invalid.Message), 0
	case errors.As(err, &range_):
		return field(range_.Field, range_.Message), 0
	case errors.As(err, &wrong):
		return field(wrong.field, wrong.message), 0
	case errors.As(err, &syntax):
		return doc(400, fmt.Sprintf("the body is not JSON: %v at byte %d", syntax.Err, syntax.ByteOffset)), 0
	case errors.As(err, &large):
		return doc(413, fmt.Sprintf("the body has more than %d bytes, the limit", large.Limit)), 0
	case errors.As(err, &draw):
		return doc(502, "the endpoint gave no sample: "+draw.Error()), 0
	case errors.Is(err, os.ErrDeadlineExceeded):
		return doc(errBodyTime.status, errBodyTime.detail), 0
	case errors.Is(err, context.Canceled):
		return doc(statusClientGone, "the request was cancelled"), 0
	case errors.As(err, &route):
		return doc(route.Code, fmt.Sprint(route.Message)), 0
	}
	return nil, 0
}

// fail answers err in the shape of the API that the route belongs to, of the server's own as a problem document. Where
// an answer has begun, only an API that streams has something to add.
func (s *Server) fail(err error, c echo.Context) {
	doc, retry := s.document(err, c)
	api := s.spoken[c.Path()]
	if c.Response().Committed && api == nil {
		return
	}
	if !c.Response().Committed {
		s.failing(c, doc.Status, retry)
	}
	if api != nil {
		err = api.Fail(c, doc.failure(retry, requestID(c)))
	} else {
		c.Response().Header().Set("Content-Type", "application/problem+json")
		c.Response().WriteHeader(doc.Status)
		err = json.NewEncoder(c.Response()).Encode(doc)
	}
	if err != nil {
		s.log.Debug("answer not written", "request", requestID(c), "err", err)
	}
}

// failing sets the headers of an error in every shape.
func (s *Server) failing(c echo.Context, status, retry int) {
	h := c.Response().Header()
	if retry > 0 {
		h.Set("Retry-After", strconv.Itoa(retry))
	}
	if status == http.StatusUnauthorized {
		h.Set("WWW-Authenticate", `Bearer realm="borel"`)
	}
	// What is left of the body is read before the connection serves again: not much of it, and not for long.
	if n := c.Request().ContentLength; n < 0 || n > 16<<10 || status == http.StatusRequestTimeout {
		h.Set("Connection", "close")
	} else if err := http.NewResponseController(c.Response().Writer).SetReadDeadline(time.Now().Add(s.cfg.BodyTime)); err != nil && !errors.Is(err, http.ErrNotSupported) {
		s.log.Debug("read deadline not set", "request", requestID(c), "err", err)
	}
}

// document is err's problem document; what is not known is logged, and told as a fault inside.
func (s *Server) document(err error, c echo.Context) (*ProblemDocument, int) {
	if errors.Is(err, context.Canceled) && context.Cause(c.Request().Context()) == errStopping {
		err = errStopping
	}
	doc, retry := problemOf(err)
	if doc == nil {
		s.log.Error("request failed", "request", requestID(c), "route", c.Path(), "err", err)
		doc, retry = problemOf(errInside)
	}
	if doc.Status == http.StatusNotFound && c.Path() == "" {
		doc.Detail = "no such route: " + c.Request().URL.Path + "; GET /openapi.json lists them"
	}
	doc.Instance = "urn:borel:request:" + requestID(c)
	return doc, retry
}
