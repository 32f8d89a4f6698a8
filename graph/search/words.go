package search

import (
	"unicode"
	"unicode/utf8"
)

// EachWord calls visit with every word of a text, in order. The bytes are valid only during the call.
func EachWord(text string, visit func(word []byte)) {
	var room [64]byte
	word := room[:0]
	end := func() {
		if len(word) > 0 {
			visit(word)
			word = word[:0]
		}
	}
	for i := 0; i < len(text); {
		c := text[i]
		switch {
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(text[i:])
			i += size
			switch {
			case !ofWord(r):
				end()
			case alone(r):
				end()
				word = appendFolded(word, r)
				end()
			default:
				word = appendFolded(word, r)
			}
			continue
		case 'a' <= c && c <= 'z' || '0' <= c && c <= '9':
			word = append(word, c)
		case 'A' <= c && c <= 'Z':
			word = append(word, c|0x20)
		default:
			end()
		}
		i++
	}
	end()
}

func ofWord(r rune) bool { return unicode.IsLetter(r) || unicode.IsNumber(r) || unicode.IsMark(r) }

// alone says that a letter is a word by itself, since its language does not part words by blanks.
func alone(r rune) bool {
	return r >= 0x3040 && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana)
}

// Words returns the words of a text, in order, with repeats.
func Words(text string) (words []string) {
	EachWord(text, func(word []byte) { words = append(words, string(word)) })
	return words
}
