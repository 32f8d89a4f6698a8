package gltfdoc

// The shapes of the ratified material and light extensions. Source: the Khronos extension registry of glTF 2.0.

var lightShape = &shape{name: "light", properties: map[string]*property{
	"color": color(3), "intensity": number().atLeast(0), "range": number().moreThan(0),
	"type": text().among("directional", "point", "spot").must(),
	"spot": object(&shape{name: "spot", properties: map[string]*property{
		"innerConeAngle": number().atLeast(0), "outerConeAngle": number().moreThan(0),
	}}),
}}

func material(name string, properties map[string]*property) *shape {
	return &shape{name: name, properties: properties}
}

func texture() *property { return object(textureInfo("textureInfo", nil)) }

var materialExtensions = map[string]*shape{
	"KHR_materials_anisotropy": material("anisotropy", map[string]*property{
		"anisotropyStrength": fraction(), "anisotropyRotation": number(), "anisotropyTexture": texture(),
	}),
	"KHR_materials_clearcoat": material("clearcoat", map[string]*property{
		"clearcoatFactor": fraction(), "clearcoatTexture": texture(), "clearcoatRoughnessFactor": fraction(),
		"clearcoatRoughnessTexture": texture(), "clearcoatNormalTexture": object(normalTexture),
	}),
	"KHR_materials_dispersion":        material("dispersion", map[string]*property{"dispersion": number().atLeast(0)}),
	"KHR_materials_emissive_strength": material("emissiveStrength", map[string]*property{"emissiveStrength": number().atLeast(0)}),
	"KHR_materials_ior":               material("ior", map[string]*property{"ior": number().atLeast(0)}),
	"KHR_materials_iridescence": material("iridescence", map[string]*property{
		"iridescenceFactor": fraction(), "iridescenceTexture": texture(), "iridescenceIor": number().atLeast(1),
		"iridescenceThicknessMinimum": number().atLeast(0), "iridescenceThicknessMaximum": number().atLeast(0),
		"iridescenceThicknessTexture": texture(),
	}),
	"KHR_materials_pbrSpecularGlossiness": material("specularGlossiness", map[string]*property{
		"diffuseFactor": color(4), "diffuseTexture": texture(), "specularFactor": color(3),
		"glossinessFactor": fraction(), "specularGlossinessTexture": texture(),
	}),
	"KHR_materials_sheen": material("sheen", map[string]*property{
		"sheenColorFactor": color(3), "sheenColorTexture": texture(), "sheenRoughnessFactor": fraction(), "sheenRoughnessTexture": texture(),
	}),
	"KHR_materials_specular": material("specular", map[string]*property{
		"specularFactor": fraction(), "specularTexture": texture(),
		"specularColorFactor": {kind: anArray, item: number().atLeast(0), lengths: []int{3}}, "specularColorTexture": texture(),
	}),
	"KHR_materials_transmission": material("transmission", map[string]*property{
		"transmissionFactor": fraction(), "transmissionTexture": texture(),
	}),
	"KHR_materials_unlit": material("unlit", map[string]*property{}),
	"KHR_materials_volume": material("volume", map[string]*property{
		"thicknessFactor": number().atLeast(0), "thicknessTexture": texture(),
		"attenuationDistance": number().moreThan(0), "attenuationColor": color(3),
	}),
}

// knownExtensions are those whose shape is checked, or that need none. Found where its shape is not expected, such an
// extension is an error; one that is not listed is not judged.
var knownExtensions = map[string]bool{
	"KHR_texture_transform": true, "KHR_animation_pointer": true, "KHR_draco_mesh_compression": true,
	"KHR_materials_variants": true, "KHR_lights_punctual": true, "KHR_node_visibility": true, "KHR_mesh_quantization": true,
	"EXT_mesh_gpu_instancing": true, "EXT_texture_webp": true, "KHR_texture_basisu": true,
	"EXT_meshopt_compression": true, "KHR_meshopt_compression": true,
	"KHR_materials_anisotropy": true, "KHR_materials_clearcoat": true, "KHR_materials_dispersion": true,
	"KHR_materials_emissive_strength": true, "KHR_materials_ior": true, "KHR_materials_iridescence": true,
	"KHR_materials_pbrSpecularGlossiness": true, "KHR_materials_sheen": true, "KHR_materials_specular": true,
	"KHR_materials_transmission": true, "KHR_materials_unlit": true, "KHR_materials_volume": true,
}
