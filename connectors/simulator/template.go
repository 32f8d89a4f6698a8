package simulator

import (
	"fmt"
	"net/url"
	"regexp"
	"strings"
)

// template is a reference with places for names, such as pumps/{pump}/flow.
type template struct {
	source  string
	names   []string
	pattern *regexp.Regexp
	literal int // characters outside of names
	general *definition
	keys    map[string]*definition
}

var placeholder = regexp.MustCompile(`\{([^{}]*)\}`)

func newTemplate(source string) (*template, error) {
	t := &template{source: source, keys: map[string]*definition{}}
	pattern, rest := "^", source
	for {
		at := placeholder.FindStringSubmatchIndex(rest)
		if at == nil {
			break
		}
		name := rest[at[2]:at[3]]
		if !identifier.MatchString(name) {
			return nil, fmt.Errorf("{%s} must be a name of letters and digits", name)
		}
		t.names = append(t.names, name)
		pattern += regexp.QuoteMeta(rest[:at[0]]) + "([^/]+)"
		t.literal += at[0]
		rest = rest[at[1]:]
	}
	if strings.ContainsAny(rest, "{}") || source == "" {
		return nil, fmt.Errorf("the reference %q must be text with {name} in places", source)
	}
	t.literal += len(rest)
	t.pattern = regexp.MustCompile(pattern + regexp.QuoteMeta(rest) + "$")
	return t, nil
}

var identifier = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// match returns the values of the names in ref, as written there.
func (t *template) match(ref string) ([]string, bool) {
	if len(t.names) == 0 {
		return nil, ref == t.source
	}
	m := t.pattern.FindStringSubmatch(ref)
	if m == nil {
		return nil, false
	}
	return m[1:], true
}

// insert puts the values of the names into another reference.
func (t *template) insert(ref string, values []string) string {
	return placeholder.ReplaceAllStringFunc(ref, func(place string) string {
		for i, name := range t.names {
			if place == "{"+name+"}" {
				return values[i]
			}
		}
		return place
	})
}

// joined is the key of values in keys: unescaped, joined by a slash.
func joined(values []string) string {
	plain := make([]string, len(values))
	for i, v := range values {
		plain[i] = v
		if u, err := url.PathUnescape(v); err == nil {
			plain[i] = u
		}
	}
	return strings.Join(plain, "/")
}
