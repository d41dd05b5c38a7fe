package sandboxfusion

import (
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
)

var errPadding = errors.New("incorrect padding")

// decodeBase64 decodes s as Python's base64.b64decode does: what is not of the alphabet is passed over, and what stands
// after the padding too.
func decodeBase64(s string) ([]byte, error) {
	if b, err := base64.StdEncoding.DecodeString(s); err == nil {
		return b, nil
	}
	kept := make([]byte, 0, len(s))
	pads := 0
	for _, c := range []byte(s) {
		if c == '=' {
			if n := len(kept) % 4; n >= 2 {
				if pads++; n+pads >= 4 {
					break
				}
			}
			continue
		}
		if strings.IndexByte(alphabet, c) >= 0 {
			kept, pads = append(kept, c), 0
		}
	}
	switch n := len(kept); {
	case n%4 == 1:
		return nil, fmt.Errorf("invalid base64: the number of data characters (%d) cannot be 1 more than a multiple of 4", n)
	case n%4 != 0 && n%4+pads < 4:
		return nil, errPadding
	}
	return base64.RawStdEncoding.DecodeString(string(kept))
}

const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
