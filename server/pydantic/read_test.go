package pydantic_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"

	"borel/server"
	"borel/server/pydantic"
)

// all reads a model with a field of every kind.
func all(body []byte) (got []any, err error) {
	m, err := pydantic.Read(body)
	if err != nil {
		return nil, err
	}
	pairs := []string{}
	for _, v := range m.Given("pairs").List(3) {
		pair := v.Tuple(2)
		pairs = append(pairs, pair[0].Text()+pair[1].Text())
	}
	members := []string{}
	for _, e := range m.Given("members").Members(3) {
		members = append(members, e.Name+"="+e.Text())
	}
	in := m.Optional("object").Object()
	got = []any{
		m.Optional("text").Short(5), m.Given("float").Float(1.5), m.Given("int").Int(7), m.Given("truth").Truth(), m.Given("literal").Literal([]string{"a", "b"}),
		string(m.Given("id").IntOrText()), pairs, members, in.Optional("text").Text(),
	}
	return got, m.Err()
}

// What is right is converted, and a field that is not there is its default.
func TestRead(t *testing.T) {
	for _, c := range []struct {
		body string
		want []any
	}{
		{`{}`, []any{"", 1.5, 7.0, false, "", "", []string{}, []string{}, ""}},
		{`{"text":null,"object":null,"more":[1]}`, []any{"", 1.5, 7.0, false, "", "", []string{}, []string{}, ""}},
		{`{"text":"é\n","float":" 1_0.5 ","int":"2","truth":"YES","literal":"b","id":3.0,"pairs":[["a","b"]],"members":{"z":"1","a":"2","z":"3"},"object":{"text":"in"}}`,
			[]any{"é\n", 10.5, 2.0, true, "b", "3", []string{"ab"}, []string{"z=3", "a=2"}, "in"}},
		{"\ufeff" + `{"text":"a","text":"b","float":true,"int":3.0,"truth":0,"id":"x"}`, []any{"b", 1.0, 3.0, false, "", `"x"`, []string{}, []string{}, ""}},
	} {
		if got, err := all([]byte(c.body)); err != nil || !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s\ngot  %q, %v\nwant %q", c.body, got, err, c.want)
		}
	}
}

// What is wrong is told in the order of the model, and where the body has an order in that.
func TestWrong(t *testing.T) {
	const pair = `"msg":"Input should be a valid string","input":`
	for _, c := range []struct{ body, want string }{
		{`{"text":"123456","float":"nan"}`, `{"type":"string_too_long","loc":["body","text"],"msg":"String should have at most 5 characters","input":"123456","ctx":{"max_length":5}},` +
			`{"type":"finite_number","loc":["body","float"],"msg":"Input should be a finite number","input":"nan"}`},
		{`{"members":{"z":1,"b":2,"a":3}}`, `{"type":"string_type","loc":["body","members","z"],` + pair + `1},{"type":"string_type","loc":["body","members","b"],` + pair + `2},{"type":"string_type","loc":["body","members","a"],` + pair + `3}`},
		{`{"pairs":[["a"],3,["a","b","c"],[]]}`, `{"type":"too_long","loc":["body","pairs"],"msg":"List should have at most 3 items after validation, not 4","input":[["a"],3,["a","b","c"],[]],"ctx":{"actual_length":4,"field_type":"List","max_length":3}}`},
		{`{"pairs":[["a"],3,["a","b","c"]]}`, `{"type":"missing","loc":["body","pairs",0,1],"msg":"Field required","input":["a"]},{"type":"tuple_type","loc":["body","pairs",1],"msg":"Input should be a valid tuple","input":3},` +
			`{"type":"too_long","loc":["body","pairs",2],"msg":"Tuple should have at most 2 items after validation, not 3","input":["a","b","c"],"ctx":{"actual_length":3,"field_type":"Tuple","max_length":2}}`},
		{`{"object":[]}`, `{"type":"model_attributes_type","loc":["body","object"],"msg":"Input should be a valid dictionary or object to extract fields from","input":[]}`},
		{`{"text":` + strings.Repeat("1", 5000) + `}`, `{"type":"string_type","loc":["body","text"],` + pair + `"(5000 bytes)"}`},
	} {
		_, err := all([]byte(c.body))
		wrong, ok := errors.AsType[*pydantic.Invalid](err)
		if !ok {
			t.Errorf("%.100s: got %v", c.body, err)
			continue
		}
		if got, err := json.Marshal(wrong.Details); err != nil || string(got) != "["+c.want+"]" {
			t.Errorf("%.100s\ngot  %s, %v\nwant [%s]", c.body, got, err, c.want)
		}
	}
}

// Whatever the bytes, reading them ends: with what encoding/json has in the same fields, or with details that are JSON, not
// many, and each with its place.
func FuzzRead(f *testing.F) {
	for _, s := range []string{``, `{}`, `[]`, `{"text":"1","text":2}`, `{"pairs":[["1","2"],[]],"int":"1e999","members":{"a":null}}`, `{"pairs":[[`, "\xff", `{"int":true,"id":null,"members":"\ud800"}`, "\ufeff[1", `{"object":{"text":"a"}} x`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, body []byte) {
		got, err := all(body)
		if err == nil {
			var want map[string]any
			if json.Unmarshal([]byte(strings.TrimPrefix(string(body), "\ufeff")), &want) != nil {
				t.Fatalf("read %q", body)
			}
			if text, ok := want["text"]; ok && text != nil && text != got[0] {
				t.Fatalf("got %q, want %q", got[0], text)
			}
			return
		}
		wrong, bad := errors.AsType[*pydantic.Invalid](err)
		if _, failed := errors.AsType[*server.Failure](err); failed {
			return
		}
		if !bad || len(wrong.Details) == 0 || len(wrong.Details) > 100 {
			t.Fatal(err)
		}
		for _, d := range wrong.Details {
			if d.Type == "" || d.Msg == "" || d.Loc[0] != "body" || len(d.Input) > 5000 {
				t.Fatalf("%+v", d)
			}
		}
		if _, err := json.Marshal(wrong.Details); err != nil {
			t.Fatal(err)
		}
	})
}
