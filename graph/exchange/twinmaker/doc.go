// Package twinmaker imports AWS IoT TwinMaker workspaces: component types, entities, scenes and recorded telemetry, in the
// forms in which they are found: folders of the tmdt tool and of the sample workspaces, metadata transfer files, and API
// requests and responses. Keys are taken in any case, as CloudFormation writes them in upper case.
//
// Component types become component types; each distinct set of components becomes an asset type; the entity tree becomes
// the hierarchy isChildOf; relationship properties become relationships; scenes become scene documents, rule maps rule
// sets with their expressions translated to CEL, and telemetry a file connector. What the project cannot say is kept
// beside it as it was, under source/, and listed in the report.
//
// Source of the formats: AWS IoT TwinMaker user guide (metadata transfer schema, component types, scenes) and the loader
// of the open-source viewer, awslabs/iot-app-kit scene-composer.
package twinmaker
