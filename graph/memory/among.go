package memory

import "mereon/schema"

// manyValues is from how many texts on a list is looked up rather than walked: keys that another system gave are thousands.
const manyValues = 16

// among are the texts of a long In or NotIn; nil when it is short or holds anything else.
func among(c *schema.Condition) map[string]struct{} {
	if c.Op != schema.In && c.Op != schema.NotIn || len(c.Value.List()) < manyValues {
		return nil
	}
	texts := make(map[string]struct{}, len(c.Value.List()))
	for _, v := range c.Value.List() {
		if v.Kind() != schema.StringValue {
			return nil
		}
		texts[v.Text()] = struct{}{}
	}
	return texts
}

// compare tests a value by a comparison.
func (f *filter) compare(v schema.Value) schema.Truth {
	if f.among == nil || v.Kind() != schema.StringValue {
		return f.cond.Test(v)
	}
	if _, found := f.among[v.Text()]; found == (f.op == schema.In) {
		return schema.True
	}
	return schema.False
}
