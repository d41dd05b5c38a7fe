package verify

import "testing"

func TestCompareLiveCodeBench(t *testing.T) {
	compareTable(t, "livecodebench", [][3]string{
		{"", "", ""},
		{"\n 1 2 \n3\n", "1 2\n3", ""},
		{"1  2\n", "1 2\n", ""}, // two numbers
		{"a  b\n", "a b\n", `line 1: got "a  b", want "a b"`},
		{"1\n2", "1 2", "got lines: 2, want: 1"},
		{"1\n\n2", "1\n2", "got lines: 3, want: 2"},
		{"1.0", "1", ""},
		{"0.1e1 -0 +5 1_0", "1 0 5.00 10", ""},
		{".5 5.", "0.5 5", ""},
		{"0.30000000000000004", "0.3", differs},
		{"9007199254740993", "9007199254740992", differs},
		{"50000000000000000.0", "5e16", ""},
		{"inf -Infinity", "Infinity -inf", ""},
		{"inf", "-inf", differs},
		{"nan", "nan", ""}, // the same text
		{"nan 1", "nan  1", differs},
		{"1 a", "1.0 a", differs},
		{"1 2", "1", differs},
		{"1", "1 2", differs},
		{"0x10", "16", differs},
		{"1e1000000000000", "10e999999999999", ""},
		{"1e99999999999999999999", "1e99999999999999999999 ", ""},
		{"1e99999999999999999999", "10e99999999999999999998", differs},
		{"1e", "1", differs},
		{".", "0", differs},
		{"e5", "0", differs},
		{"1e+-5", "1e-5", differs},
		{"YES", "yes", differs},
		{"", "1", differs},
		{"1", "", differs},
		{"\xff", "\xff", differs},
		{"1\u00a02", "1 2", ""},
		{"1\r\n2\r\n", "1\n2\n", ""},
	})
}
