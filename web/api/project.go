package api

import (
	"context"
	"io/fs"
	"time"

	"mereon/connectors"
	"mereon/graph"
	"mereon/graph/exchange/project"
	"mereon/schema"
)

// Project is what the control plane shows and changes. The service implements it; each snapshot has one of its own model.
type Project interface {
	Status() Status
	Store() graph.Store
	Model() *schema.Model
	Connectors() []connectors.Health
	RuleSets() []RuleSet
	Scenes(ctx context.Context) ([]Scene, error)
	Examples() []schema.File
	// Plan says what applying the files would change; with apply it does. Of options it takes Overwrite and AcceptLosses. Mistakes
	// of the files are a fault.List.
	Plan(ctx context.Context, files fs.FS, options project.Options, apply bool) (*project.Plan, error)
}

// Status is how the service does.
type Status struct {
	Version   string
	Project   string
	StartedAt time.Time
	Notice    string // what to do about the project folder, "" for nothing
}

// RuleSet is a rule set as people see it.
type RuleSet struct {
	Name   string
	On     schema.TypeName
	States []string
	Alarm  bool
	Text   string
}

// Scene is a scene as people see it.
type Scene struct {
	ID, Title  string
	Parameters []SceneParameter
	Views      []string
	Entities   []graph.EntityID
	Problems   []string
}

// SceneParameter is one parameter of a scene.
type SceneParameter struct {
	Name    string
	Type    schema.TypeName
	Default string
}
