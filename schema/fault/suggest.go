package fault

import (
	"slices"

	"github.com/agnivade/levenshtein"
)

// Suggest returns the name nearest to given among names, or "" when none is near enough to be what was meant.
func Suggest(given string, names []string) string {
	far := max(2, len(given)/3) // two letters exchanged are two edits
	if len(given) < 4 {
		far = 1
	}
	best, bestDistance := "", far+1
	for _, name := range names {
		if d := distance(given, name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}

// distance counts edits; two letters swapped are the commonest slip and count as one.
func distance(a, b string) int {
	d := levenshtein.ComputeDistance(a, b)
	if d == 2 && sameLetters(a, b) {
		return 1
	}
	return d
}

func sameLetters(a, b string) bool {
	x, y := []rune(a), []rune(b)
	slices.Sort(x)
	slices.Sort(y)
	return slices.Equal(x, y)
}
