package search

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// foldings says, a line each, what letters and digits are written as in a word: without accents, ligatures apart. Only lower
// case is listed. Source: the Unicode character database, compatibility decompositions of Latin, Greek, Cyrillic and full-width
// letters without their nonspacing marks; letters with a stroke and the Nordic ones as they are commonly transcribed.
const foldings = `
0 ０
1 ¹１
2 ²２
3 ³３
4 ４
5 ５
6 ６
7 ７
8 ８
9 ９
a ªàáâãäåāăąǎǟǡǻȁȃȧḁạảấầẩẫậắằẳẵặａ
ae æǣǽ
b ḃḅḇｂ
c çćĉċčḉｃ
d ðďđḋḍḏḑḓｄ
dz ǆǳ
e èéêëēĕėęěȅȇȩḕḗḙḛḝẹẻẽếềểễệｅ
f ḟｆ
ff ﬀ
fi ﬁ
fl ﬂ
ffi ﬃ
ffl ﬄ
g ĝğġģǧǵḡｇ
h ĥħȟʰḣḥḧḩḫẖｈ
i ìíîïĩīĭįıǐȉȋḭḯỉịｉ
ij ĳ
j ĵǰʲｊ
k ķĸǩḱḳḵｋ
l ĺļľłˡḷḹḻḽｌ
lj ǉ
m ḿṁṃｍ
n ñńņňŋǹṅṇṉṋｎ
nj ǌ
o ºòóôõöøōŏőơǒǫǭǿȍȏȫȭȯȱṍṏṑṓọỏốồổỗộớờởỡợｏ
oe œ
p ṕṗｐ
q ｑ
r ŕŗřȑȓʳṙṛṝṟｒ
s śŝşšſșˢṡṣṥṧṩẛｓ
ss ßẞ
st ﬅﬆ
t ţťŧțṫṭṯṱẗｔ
th þ
u ùúûüũūŭůűųưǔǖǘǚǜȕȗṳṵṷṹṻụủứừửữựｕ
v ṽṿｖ
w ŵʷẁẃẅẇẉẘｗ
x ˣẋẍｘ
y ýÿŷȳʸẏẙỳỵỷỹｙ
z źżžẑẓẕｚ
α άἀἁἂἃἄἅἆἇὰάᾀᾁᾂᾃᾄᾅᾆᾇᾰᾱᾲᾳᾴᾶᾷ
β ϐ
ε έϵἐἑἒἓἔἕὲέ
η ήἠἡἢἣἤἥἦἧὴήᾐᾑᾒᾓᾔᾕᾖᾗῂῃῄῆῇ
θ ϑ
ι ΐίϊἰἱἲἳἴἵἶἷὶίιῐῑῒΐῖῗ
κ ϰ
μ µ
ο όὀὁὂὃὄὅὸό
π ϖ
ρ ϱῤῥ
σ ςϲ
υ ΰϋύϒϓϔὐὑὒὓὔὕὖὗὺύῠῡῢΰῦῧ
φ ϕ
ω ώὠὡὢὣὤὥὦὧὼώᾠᾡᾢᾣᾤᾥᾦᾧῲῳῴῶῷ
а ӑӓ
г ѓ
е ѐёӗ
ж ӂӝ
з ӟ
и йѝӣӥ
к ќ
о ӧ
у ўӯӱӳ
ч ӵ
ы ӹ
э ӭ
і ї
ѵ ѷ
ә ӛ
ө ӫ
`

// folds is foldings by letter.
var folds = func() map[rune]string {
	table := map[rune]string{}
	for line := range strings.Lines(foldings) {
		plain, letters, _ := strings.Cut(strings.TrimSpace(line), " ")
		for _, r := range letters {
			table[r] = plain
		}
	}
	return table
}()

// appendFolded appends a letter, digit or mark as it is written in a word; nothing for accents that stand alone.
func appendFolded(dst []byte, r rune) []byte {
	if unicode.Is(unicode.Mn, r) {
		return dst
	}
	r = unicode.ToLower(r)
	if plain, ok := folds[r]; ok {
		return append(dst, plain...)
	}
	return utf8.AppendRune(dst, r)
}
