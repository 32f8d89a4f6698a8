package unit

// Parse is replaced below.
func Parse(code string) (string, error) { return code, nil }

func Hint(code string) string { return "" }
