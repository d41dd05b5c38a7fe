package server

import (
	"fmt"
	"path"
	"strconv"

	"borel/problem"
)

// ForeignScript makes r run the program that lies under name among its files as Python runs a script. The sandbox calls every
// program main.py: another file of that name, or a program that lies in a folder, from which it imports, needs help.
func ForeignScript(r *problem.RunRequest, name string) {
	const main = "main.py"
	r.Source = string(r.Files[name])
	folder := path.Dir(name)
	other, taken := r.Files[main]
	if taken = taken && name != main; !taken && folder == "." {
		return
	}
	s := "import os, sys\n"
	if taken {
		kept := "." + main
		for _, used := r.Files[kept]; used; _, used = r.Files[kept] {
			kept = "." + kept
		}
		r.Files[kept] = other
		s += fmt.Sprintf("os.replace(%q, %q)\n", kept, main)
	}
	if folder != "." {
		s += fmt.Sprintf("sys.path[0] = %s\n", strconv.QuoteToASCII(WorkingFolder+"/"+folder))
	}
	r.Source = s + fmt.Sprintf("sys.argv[0] = %s\n__file__ = %s\ndel os, sys\nexec(compile(open(__file__, 'rb').read(), __file__, 'exec'))\n",
		strconv.QuoteToASCII(name), strconv.QuoteToASCII(WorkingFolder+"/"+name))
}
