package judge0

import (
	"encoding/base64"
	"strings"
)

// encode64 is Base64.encode64 of Ruby: lines of 60 characters, each ended.
func encode64(b []byte) string {
	s := base64.StdEncoding.EncodeToString(b)
	var out strings.Builder
	out.Grow(len(s) + len(s)/60 + 1)
	for len(s) > 0 {
		n := min(60, len(s))
		out.WriteString(s[:n])
		out.WriteByte('\n')
		s = s[n:]
	}
	return out.String()
}

// decode64 is Base64.decode64 of Ruby, which fails at nothing: characters of no meaning are passed over, and padding is
// the end.
func decode64(s string) []byte {
	out := make([]byte, 0, len(s)/4*3+3)
	bits, n := uint32(0), 0
	for i := range len(s) {
		v := meaning[s[i]]
		if s[i] == '=' && n >= 2 {
			break
		}
		if v < 0 {
			continue
		}
		bits, n = bits<<6|uint32(v), n+1
		if n == 4 {
			out = append(out, byte(bits>>16), byte(bits>>8), byte(bits))
			bits, n = 0, 0
		}
	}
	switch n {
	case 2:
		out = append(out, byte(bits>>4))
	case 3:
		out = append(out, byte(bits>>10), byte(bits>>2))
	}
	return out
}

// meaning is what each character of base64 stands for; -1: nothing.
var meaning = func() (m [256]int8) {
	for i := range m {
		m[i] = -1
	}
	for i, c := range []byte("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/") {
		m[c] = int8(i)
	}
	return m
}()
