package dataset

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"io"
)

// field is a field of a record, and where in the record it begins.
type field struct {
	raw json.RawMessage
	at  int64
}

func (f field) is(begin byte) bool { return len(f.raw) > 0 && f.raw[0] == begin }

// elements calls do with each element of a list, and where in the list it begins.
func (f field) elements(do func(i int, e field) error) error {
	d := json.NewDecoder(bytes.NewReader(f.raw))
	if _, err := d.Token(); err != nil {
		return JSONError(err)
	}
	for i := 0; d.More(); i++ {
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return JSONError(err)
		}
		if err := do(i, field{raw, d.InputOffset() - int64(len(raw))}); err != nil {
			return err
		}
	}
	if _, err := d.Token(); err != nil {
		return JSONError(err)
	}
	return nil
}

// fieldsOf finds the fields of a record.
func fieldsOf(line []byte) (map[string]field, error) {
	fault := func(err error) error {
		var whole map[string]json.RawMessage // whose error says more
		return JSONError(cmp.Or(json.Unmarshal(line, &whole), err))
	}
	d := json.NewDecoder(bytes.NewReader(line))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, fault(err)
	}
	fields := map[string]field{}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, fault(err)
		}
		var raw json.RawMessage
		if err := d.Decode(&raw); err != nil {
			return nil, fault(err)
		}
		fields[name.(string)] = field{raw, d.InputOffset() - int64(len(raw))}
	}
	if _, err := d.Token(); err != nil {
		return nil, fault(err)
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, fault(errors.New("is not JSON"))
	}
	return fields, nil
}
