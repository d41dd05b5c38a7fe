package judge0

import (
	"context"
)

type callbacks struct{ list []string }

func newCallbacks(list []string) *callbacks { return &callbacks{list} }

func (c *callbacks) allow(url string) bool { return false }

func (d *door) callBack(ctx context.Context, e *entry) {}
