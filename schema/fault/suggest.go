package fault

import "github.com/agnivade/levenshtein"

// Suggest returns the name nearest to given among names, or "" when none is near enough to be what was meant.
func Suggest(given string, names []string) string {
	far := max(2, len(given)/3) // two letters exchanged are two edits
	if len(given) < 4 {
		far = 1
	}
	best, bestDistance := "", far+1
	for _, name := range names {
		if d := levenshtein.ComputeDistance(given, name); d < bestDistance {
			best, bestDistance = name, d
		}
	}
	return best
}
