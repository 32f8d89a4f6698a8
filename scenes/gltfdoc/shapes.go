package gltfdoc

import "maps"

// The shapes of glTF 2.0, property by property. Source: glTF 2.0 specification, "Properties Reference". Every object also
// has extensions and extras, and named ones a name: the walk adds them.

var assetShape = &shape{name: "asset", properties: map[string]*property{
	"copyright": text(), "generator": text(), "version": text().must(), "minVersion": text(),
}}

var sparseShape = &shape{name: "sparse", properties: map[string]*property{
	"count": integer().atLeast(1).must(),
	"indices": object(&shape{name: "sparseIndices", properties: map[string]*property{
		"bufferView": index("bufferViews").must(), "byteOffset": integer().atLeast(0),
		"componentType": integer().oneOf(5121, 5123, 5125).must(),
	}}).must(),
	"values": object(&shape{name: "sparseValues", properties: map[string]*property{
		"bufferView": index("bufferViews").must(), "byteOffset": integer().atLeast(0),
	}}).must(),
}}

var accessorShape = &shape{name: "accessor", properties: map[string]*property{
	"bufferView":    index("bufferViews"),
	"byteOffset":    integer().atLeast(0).with("bufferView"),
	"componentType": integer().oneOf(5120, 5121, 5122, 5123, 5125, 5126).must(),
	"normalized":    boolean(),
	"count":         integer().atLeast(1).must(),
	"type":          text().among("SCALAR", "VEC2", "VEC3", "VEC4", "MAT2", "MAT3", "MAT4").must(),
	"max":           {kind: anArray, item: number(), lengths: []int{1, 2, 3, 4, 9, 16}},
	"min":           {kind: anArray, item: number(), lengths: []int{1, 2, 3, 4, 9, 16}},
	"sparse":        object(sparseShape),
}}

var animationShape = &shape{name: "animation", properties: map[string]*property{
	"channels": array(object(&shape{name: "channel", properties: map[string]*property{
		"sampler": integer().atLeast(0).must(),
		"target": object(&shape{name: "target", properties: map[string]*property{
			"node": index("nodes"), "path": text().among("translation", "rotation", "scale", "weights", "pointer").must(),
		}, extensions: map[string]*shape{"KHR_animation_pointer": {name: "KHR_animation_pointer", properties: map[string]*property{
			"pointer": text().must(),
		}}}}).must(),
	}})).must(),
	"samplers": array(object(&shape{name: "animationSampler", properties: map[string]*property{
		"input": index("accessors").must(), "output": index("accessors").must(),
		"interpolation": text().among("LINEAR", "STEP", "CUBICSPLINE"),
	}})).must(),
}}

var bufferShape = &shape{name: "buffer", properties: map[string]*property{
	"uri": text(), "byteLength": integer().atLeast(1).must(),
}, extensions: map[string]*shape{
	"EXT_meshopt_compression": {name: "EXT_meshopt_compression", properties: map[string]*property{"fallback": boolean()}},
	"KHR_meshopt_compression": {name: "KHR_meshopt_compression", properties: map[string]*property{"fallback": boolean()}},
}}

var bufferViewShape = &shape{name: "bufferView", properties: map[string]*property{
	"buffer": index("buffers").must(), "byteOffset": integer().atLeast(0), "byteLength": integer().atLeast(1).must(),
	"byteStride": {kind: anInteger, min: ref(4), max: ref(252), multiple: 4}, "target": integer().oneOf(34962, 34963),
}, extensions: map[string]*shape{"EXT_meshopt_compression": meshoptShape, "KHR_meshopt_compression": meshoptShape}}

var meshoptShape = &shape{name: "meshopt", properties: map[string]*property{
	"buffer": index("buffers").must(), "byteOffset": integer().atLeast(0), "byteLength": integer().atLeast(1).must(),
	"byteStride": integer().between(1, 256).must(), "count": integer().atLeast(1).must(),
	"mode": text().must(), "filter": text(),
}}

func ref(f float64) *float64 { return &f }

var cameraShape = &shape{name: "camera", oneOf: []string{"orthographic", "perspective"}, properties: map[string]*property{
	"type": text().among("perspective", "orthographic").must(),
	"orthographic": object(&shape{name: "orthographic", properties: map[string]*property{
		"xmag": number().must(), "ymag": number().must(), "zfar": number().moreThan(0).must(), "znear": number().atLeast(0).must(),
	}}),
	"perspective": object(&shape{name: "perspective", properties: map[string]*property{
		"aspectRatio": number().moreThan(0), "yfov": number().moreThan(0).must(), "zfar": number().moreThan(0), "znear": number().moreThan(0).must(),
	}}),
}}

var imageShape = &shape{name: "image", oneOf: []string{"bufferView", "uri"}, properties: map[string]*property{
	"uri": text(), "mimeType": text(), "bufferView": index("bufferViews").with("mimeType"),
}}

var materialShape = &shape{name: "material", properties: map[string]*property{
	"pbrMetallicRoughness": object(&shape{name: "pbrMetallicRoughness", properties: map[string]*property{
		"baseColorFactor": color(4), "baseColorTexture": object(textureInfo("textureInfo", nil)),
		"metallicFactor": fraction(), "roughnessFactor": fraction(), "metallicRoughnessTexture": object(textureInfo("textureInfo", nil)),
	}}),
	"normalTexture":    object(normalTexture),
	"occlusionTexture": object(textureInfo("textureInfo", map[string]*property{"strength": fraction()})),
	"emissiveTexture":  object(textureInfo("textureInfo", nil)),
	"emissiveFactor":   color(3),
	"alphaMode":        text().among("OPAQUE", "MASK", "BLEND"),
	"alphaCutoff":      number().atLeast(0).with("alphaMode"),
	"doubleSided":      boolean(),
}, extensions: materialExtensions}

var normalTexture = textureInfo("textureInfo", map[string]*property{"scale": number()})

var primitiveShape = &shape{name: "primitive", properties: map[string]*property{
	"attributes": mapOf(index("accessors")).must(), "indices": index("accessors"), "material": index("materials"),
	"mode": integer().oneOf(0, 1, 2, 3, 4, 5, 6), "targets": array(mapOf(index("accessors"))),
}, extensions: map[string]*shape{
	"KHR_draco_mesh_compression": {name: "KHR_draco_mesh_compression", properties: map[string]*property{
		"bufferView": index("bufferViews").must(), "attributes": mapOf(integer().atLeast(0)).must(),
	}},
	"KHR_materials_variants": {name: "KHR_materials_variants", properties: map[string]*property{
		"mappings": array(object(&shape{name: "mapping", properties: map[string]*property{
			"variants": array(index("KHR_materials_variants.variants")).must(), "material": index("materials").must(), "name": text(),
		}})).must(),
	}},
}}

var meshShape = &shape{name: "mesh", properties: map[string]*property{
	"primitives": array(object(primitiveShape)).must(), "weights": array(number()),
}}

var nodeShape = &shape{name: "node", properties: map[string]*property{
	"camera": index("cameras"), "children": array(index("nodes")).distinct(), "skin": index("skins").with("mesh"),
	"matrix": vector(16), "mesh": index("meshes"), "weights": array(number()).with("mesh"),
	"rotation": {kind: anArray, item: number().between(-1, 1), lengths: []int{4}}, "scale": vector(3), "translation": vector(3),
}, extensions: map[string]*shape{
	"KHR_lights_punctual":     {name: "nodeLight", properties: map[string]*property{"light": index("KHR_lights_punctual.lights").must()}},
	"KHR_node_visibility":     {name: "KHR_node_visibility", properties: map[string]*property{"visible": boolean()}},
	"EXT_mesh_gpu_instancing": {name: "EXT_mesh_gpu_instancing", properties: map[string]*property{"attributes": mapOf(index("accessors"))}},
}}

var samplerShape = &shape{name: "sampler", properties: map[string]*property{
	"magFilter": integer().oneOf(9728, 9729), "minFilter": integer().oneOf(9728, 9729, 9984, 9985, 9986, 9987),
	"wrapS": integer().oneOf(33071, 33648, 10497), "wrapT": integer().oneOf(33071, 33648, 10497),
}}

var sceneShape = &shape{name: "scene", properties: map[string]*property{"nodes": array(index("nodes")).distinct()}}

var skinShape = &shape{name: "skin", properties: map[string]*property{
	"inverseBindMatrices": index("accessors"), "skeleton": index("nodes"), "joints": array(index("nodes")).distinct().must(),
}}

var textureSource = &shape{name: "textureSource", properties: map[string]*property{"source": index("images")}}

var textureShape = &shape{name: "texture", properties: map[string]*property{"sampler": index("samplers"), "source": index("images")},
	extensions: map[string]*shape{"EXT_texture_webp": textureSource, "KHR_texture_basisu": textureSource}}

// collections are the arrays of the root that others refer to by index.
var collections = map[string]*shape{
	"accessors": accessorShape, "animations": animationShape, "buffers": bufferShape, "bufferViews": bufferViewShape,
	"cameras": cameraShape, "images": imageShape, "materials": materialShape, "meshes": meshShape, "nodes": nodeShape,
	"samplers": samplerShape, "scenes": sceneShape, "skins": skinShape, "textures": textureShape,
}

var rootShape = &shape{name: "root", properties: rootProperties(), extensions: map[string]*shape{
	"KHR_lights_punctual": {name: "lights", properties: map[string]*property{"lights": array(object(lightShape)).must()}},
	"KHR_materials_variants": {name: "variants", properties: map[string]*property{
		"variants": array(object(&shape{name: "variant", properties: map[string]*property{"name": text().must()}})).must(),
	}},
}}

func rootProperties() map[string]*property {
	properties := map[string]*property{
		"asset": object(assetShape).must(), "scene": index("scenes"),
		"extensionsUsed": array(text()).distinct(), "extensionsRequired": array(text()).distinct(),
	}
	for name := range maps.Keys(collections) {
		properties[name] = array(object(collections[name]))
	}
	return properties
}
