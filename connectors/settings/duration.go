package settings

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/sosodev/duration"
	"go.yaml.in/yaml/v3"
)

var daysFirst = regexp.MustCompile(`^(\d+(?:\.\d+)?)d(.*)$`)

// Duration parses 250ms, 5s, 1h30m, 1d, 1d12h or PT5S. It is never negative.
func Duration(s string) (time.Duration, error) {
	wrong := fmt.Errorf("%q is not a duration; write it as 250ms, 5s, 1h30m, 1d or PT5S", s)
	if strings.HasPrefix(s, "P") {
		iso, err := duration.Parse(s)
		if err != nil || iso.Negative || iso.Years != 0 || iso.Months != 0 {
			return 0, wrong
		}
		seconds := iso.Weeks*7*86400 + iso.Days*86400 + iso.Hours*3600 + iso.Minutes*60 + iso.Seconds
		return ofSeconds(seconds, wrong)
	}
	days, rest := 0.0, s
	if m := daysFirst.FindStringSubmatch(s); m != nil {
		days, _ = strconv.ParseFloat(m[1], 64)
		rest = m[2]
	}
	if rest == "" && rest != s {
		return ofSeconds(days*86400, wrong)
	}
	d, err := time.ParseDuration(rest)
	if err != nil || d < 0 {
		return 0, wrong
	}
	whole, err := ofSeconds(days*86400, wrong)
	if err != nil || whole+d < 0 {
		return 0, wrong
	}
	return whole + d, nil
}

func ofSeconds(s float64, wrong error) (time.Duration, error) {
	if s < 0 || s*1e9 >= math.MaxInt64 {
		return 0, wrong
	}
	return time.Duration(math.Round(s * 1e9)), nil
}

func (d *Decoder) duration(n *yaml.Node, v reflect.Value) {
	if n.Kind != yaml.ScalarNode {
		d.Wrong(n, "", "this must be a duration such as 5s, not %s", kindOf(n))
		return
	}
	t, err := Duration(n.Value)
	if err != nil {
		d.Wrong(n, "", "%s", err)
		return
	}
	v.SetInt(int64(t))
}
