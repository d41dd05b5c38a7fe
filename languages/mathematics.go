package languages

// Equal is a program that reads two answers of mathematics as trees, [op, text, arguments…] in JSON, and writes whether they
// are equal: see python/equal.py.
func (l *Language) Equal() string { return `__import__("_borel_equal").main()` }
