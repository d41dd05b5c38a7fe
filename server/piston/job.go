package piston

import (
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"path"
	"strconv"
	"strings"

	"borel/problem"
	"borel/server"

	"github.com/go-json-experiment/json"
	"github.com/labstack/echo/v4"
)

// job is a request that was understood.
type job struct {
	runtime *runtime
	program string // where it lies, among request.Files
	request problem.RunRequest
	cpu     float64 // seconds of work that it may take, where that is less than request.Limits.Seconds; otherwise 0
}

// thrown is an error of JavaScript's own, which the original answers as an empty object.
type thrown string

func (t thrown) Error() string { return string(t) }

// wrong is a request that is refused with a message.
type wrong string

func (w wrong) Error() string { return string(w) }

// refuse answers what job said.
func refuse(c echo.Context, err error) error {
	var (
		w wrong
		t thrown
		u unread
	)
	switch {
	case errors.As(err, &u):
		return server.Answer(c, http.StatusBadRequest, message{Stack: u.Error()})
	case errors.As(err, &t):
		return c.JSONBlob(http.StatusBadRequest, []byte("{}"))
	case errors.As(err, &w):
		return server.Answer(c, http.StatusBadRequest, message{Message: w.Error()})
	}
	return err
}

// job reads a request as the original does, in its order.
func (a *api) job(f *fields) (*job, error) {
	if kind(f.Language) != '"' || falsy(f.Language) {
		return nil, wrong("language is required as a string")
	}
	if kind(f.Version) != '"' || falsy(f.Version) {
		return nil, wrong("version is required as a string")
	}
	files, err := filesOf(f.Files)
	if err != nil {
		return nil, err
	}
	language, version := text(f.Language), text(f.Version)
	j := &job{runtime: a.find(language, version)}
	if j.runtime == nil {
		return nil, wrong(fmt.Sprintf("%s-%s runtime is unknown", language, version))
	}
	if !hasText(files) {
		return nil, wrong("files must include at least one utf8 encoded file")
	}
	if err := j.limit(f); err != nil {
		return nil, err
	}
	if j.request.Stdin, err = stdinOf(f.Stdin); err != nil {
		return nil, err
	}
	if j.request.Args, err = argsOf(f.Args); err != nil {
		return nil, err
	}
	return j, j.place(files)
}

// file is an entry of the list, as it came.
type file struct {
	Name     value `json:"name"`
	Content  value `json:"content"`
	Encoding value `json:"encoding"`
}

func filesOf(v value) ([]file, error) {
	if kind(v) != '[' {
		return nil, wrong("files is required as an array")
	}
	var list []value
	if err := json.Unmarshal(v, &list, lax); err != nil {
		return nil, err
	}
	if len(list) > problem.MaxLimits.Files {
		return nil, wrong(fmt.Sprintf("files has %d entries, the limit is %d", len(list), problem.MaxLimits.Files))
	}
	files := make([]file, len(list))
	for i, v := range list {
		switch kind(v) {
		case 'n':
			return nil, thrown("Cannot read property 'content' of null")
		case '{':
			if err := json.Unmarshal(v, &files[i], lax); err != nil {
				return nil, err
			}
		}
		if kind(files[i].Content) != '"' {
			return nil, wrong(fmt.Sprintf("files[%d].content is required as a string", i))
		}
	}
	return files, nil
}

func hasText(files []file) bool {
	for _, f := range files {
		if falsy(f.Encoding) || kind(f.Encoding) == '"' && text(f.Encoding) == "utf8" {
			return true
		}
	}
	return false
}

// limit sets the limits of the run. Those of compiling are checked and have nothing to limit.
func (j *job) limit(f *fields) error {
	for _, l := range []struct {
		name  string
		value value
		most  float64 // 0: none, and then less than nothing is no limit either
	}{
		{"compile_memory_limit", f.CompileMemoryLimit, 0},
		{"run_memory_limit", f.RunMemoryLimit, 0},
		{"compile_timeout", f.CompileTimeout, MaxTimeout},
		{"run_timeout", f.RunTimeout, MaxTimeout},
		{"compile_cpu_time", f.CompileCPUTime, MaxTimeout},
		{"run_cpu_time", f.RunCPUTime, MaxTimeout},
	} {
		switch {
		case falsy(l.value):
		case kind(l.value) != '0':
			return wrong(fmt.Sprintf("If specified, %s must be a number", l.name))
		case l.most == 0:
		case number(l.value) > l.most:
			return wrong(fmt.Sprintf("%s cannot exceed the configured limit of %v", l.name, l.most))
		case number(l.value) < 0:
			return wrong(l.name + " must be non-negative")
		}
	}
	memory := 0.0
	if kind(f.RunMemoryLimit) == '0' {
		memory = number(f.RunMemoryLimit) / (1 << 20)
	}
	wall, cpu := seconds(f.RunTimeout), seconds(f.RunCPUTime)
	if missing(f.RunTimeout) {
		wall = max(cpu, DefaultTimeout/1000)
		if j.runtime.Language == codeforces {
			wall = max(cpu, scriptTimeout/1000)
		}
	}
	j.request.Limits = server.ForeignLimits(wall, memory)
	if cpu > 0 && !missing(f.RunCPUTime) && cpu < j.request.Limits.Seconds {
		j.cpu = cpu
	}
	return nil
}

// seconds of a limit in milliseconds; 0 is none.
func seconds(v value) float64 {
	if kind(v) != '0' {
		return 0
	}
	return number(v) / 1000
}

// stdinOf is the input, which ends in a newline.
func stdinOf(v value) (string, error) {
	s := ""
	switch kind(v) {
	case 0, 'n':
	case '"':
		s = text(v)
	default:
		return "", thrown("this.stdin.slice is not a function")
	}
	if !strings.HasSuffix(s, "\n") {
		s += "\n"
	}
	return s, nil
}

// argsOf are the arguments; a string stands for its characters, as where JavaScript spreads it.
func argsOf(v value) (args []string, err error) {
	switch kind(v) {
	case 0, 'n':
		return nil, nil
	case '"':
		return strings.Split(text(v), ""), nil
	case '[':
	default:
		return nil, wrong("args is required as an array")
	}
	var list []value
	if err := json.Unmarshal(v, &list, lax); err != nil {
		return nil, err
	}
	if len(list) > problem.MaxArgs {
		return nil, wrong(fmt.Sprintf("args has %d entries, the limit is %d", len(list), problem.MaxArgs))
	}
	for i, v := range list {
		switch kind(v) {
		case '"':
			args = append(args, text(v))
		case '0', 't', 'f', 'n':
			args = append(args, string(v))
		default:
			return nil, wrong(fmt.Sprintf("args[%d] is required as a string", i))
		}
		if strings.ContainsRune(args[i], 0) {
			return nil, wrong(fmt.Sprintf("args[%d] contains a NUL byte", i))
		}
	}
	return args, nil
}

// place puts the files into the working folder; the first that is text is the program.
func (j *job) place(files []file) error {
	j.request.Files = make(map[string][]byte, len(files))
	for i, f := range files {
		encoding := "utf8"
		if kind(f.Encoding) == '"' && (text(f.Encoding) == "base64" || text(f.Encoding) == "hex") {
			encoding = text(f.Encoding)
		}
		name := "file" + strconv.Itoa(i) + ".code"
		if !falsy(f.Name) {
			if kind(f.Name) != '"' {
				return wrong(fmt.Sprintf("files[%d].name must be a string", i))
			}
			name = text(f.Name)
		}
		name, err := inside(name)
		if err != nil {
			return err
		}
		j.request.Files[name] = decoded(text(f.Content), encoding)
		if encoding == "utf8" && j.program == "" {
			j.program = name
		}
	}
	if j.runtime.Language == codeforces {
		j.request.Source = string(j.request.Files[j.program])
	} else {
		server.ForeignScript(&j.request, j.program)
	}
	return nil
}

// inside is where a name leads in the working folder: also from its root, where that is absolute. Names that begin with two
// dots are refused too, as the original does.
func inside(name string) (string, error) {
	clean := path.Clean("./" + name)
	switch {
	case strings.HasPrefix(clean, ".."):
		return "", wrong(fmt.Sprintf("File path \"%s\" tries to escape parent directory: %s", name, clean))
	case clean == ".", strings.HasSuffix(name, "/"), strings.ContainsRune(name, 0):
		return "", wrong(fmt.Sprintf("File path %q is not the name of a file", name))
	}
	return clean, nil
}

// decoded is the content of a file, read as leniently as Node's Buffer.from does.
func decoded(content, encoding string) []byte {
	switch encoding {
	case "hex":
		n := strings.IndexFunc(content, func(r rune) bool { return !strings.ContainsRune("0123456789abcdefABCDEF", r) })
		if n >= 0 {
			content = content[:n]
		}
		b, _ := hex.DecodeString(content[:len(content)&^1]) // digits, in pairs
		return b
	case "base64":
		digits := strings.Map(base64Digit, content)
		if len(digits)%4 == 1 {
			digits = digits[:len(digits)-1]
		}
		b, _ := base64.RawStdEncoding.DecodeString(digits) // digits, enough for whole bytes
		return b
	}
	return []byte(content)
}

// base64Digit maps both alphabets to the first, and drops what is in neither.
func base64Digit(r rune) rune {
	switch {
	case r == '-':
		return '+'
	case r == '_':
		return '/'
	case r >= 'A' && r <= 'Z', r >= 'a' && r <= 'z', r >= '0' && r <= '9', r == '+', r == '/':
		return r
	}
	return -1
}
