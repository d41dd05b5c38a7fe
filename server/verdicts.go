package server

import (
	"borel/problem"

	"github.com/labstack/echo/v4"
)

// lookup answers a verdict by its key.
func (s *Server) lookup(c echo.Context, _ []byte) error {
	v, err := s.cfg.Verifier.Lookup(c.Request().Context(), c.Param("key"))
	if err != nil {
		return inPath(err)
	}
	return answer(c, v)
}

// replayBody holds nothing: everything is in the path.
type replayBody struct{}

// replay runs a verdict again. The body may be empty.
func (s *Server) replay(c echo.Context, body []byte) error {
	if len(body) > 0 {
		if err := decode(body, &replayBody{}); err != nil {
			return err
		}
	}
	r, err := s.cfg.Verifier.Replay(c.Request().Context(), c.Param("key"))
	if err != nil {
		return inPath(err)
	}
	return answer(c, r)
}

// pathError is a malformed part of the path.
type pathError struct{ *problem.Invalid }

// inPath tells a fault in the path from one in the body.
func inPath(err error) error {
	if e, ok := err.(*problem.Invalid); ok {
		return pathError{e}
	}
	return err
}
