package api

import (
	"github.com/vektah/gqlparser/v2/ast"
	"github.com/vektah/gqlparser/v2/gqlerror"
	"github.com/vektah/gqlparser/v2/validator"
	"github.com/vektah/gqlparser/v2/validator/core"
	"github.com/vektah/gqlparser/v2/validator/rules"
)

// validate checks a document against the schema. Names that are unknown come with suggestions while there are few: comparing
// each with all names of the schema is what costs most in a document made to be wrong.
func (s *Snapshot) validate(doc *ast.QueryDocument) gqlerror.List {
	list := validator.ValidateWithRules(s.schema, doc, plainRules())
	if len(list) == 0 || len(list) > maxShownErrors {
		return list
	}
	return validator.ValidateWithRules(s.schema, doc, helpfulRules())
}

// helpfulRules are the specification's, with our own linear check of overlapping fields.
func helpfulRules() *rules.Rules {
	r := rules.NewDefaultRules()
	r.ReplaceRule(rules.OverlappingFieldsCanBeMergedRule.Name, overlapRule)
	return r
}

// plainRules are the same without suggestions.
func plainRules() *rules.Rules {
	r := helpfulRules()
	for helpful, plain := range map[string]core.Rule{
		rules.FieldsOnCorrectTypeRule.Name: rules.FieldsOnCorrectTypeRuleWithoutSuggestions,
		rules.KnownArgumentNamesRule.Name:  rules.KnownArgumentNamesRuleWithoutSuggestions,
		rules.KnownTypeNamesRule.Name:      rules.KnownTypeNamesRuleWithoutSuggestions,
		rules.ScalarLeafsRule.Name:         rules.ScalarLeafsRuleWithoutSuggestions,
		rules.ValuesOfCorrectTypeRule.Name: rules.ValuesOfCorrectTypeRuleWithoutSuggestions,
	} {
		r.ReplaceRule(helpful, plain.RuleFunc)
	}
	return r
}
