package gltfdoc

func (c *checker) checkCameras() {
	for i := range c.root.get("cameras").list() {
		v, pointer := c.element("cameras", i), at("/cameras", i)
		for _, key := range []string{"xmag", "ymag"} {
			switch m := v.get("orthographic").get(key); {
			case m == nil:
			case m.number() == 0:
				c.fail("CAMERA_XMAG_YMAG_ZERO", pointer+"/orthographic/"+key, "xmag and ymag must not be zero")
			case m.number() < 0:
				c.warn("CAMERA_XMAG_YMAG_NEGATIVE", pointer+"/orthographic/"+key, "xmag and ymag should not be negative")
			}
		}
		for _, kind := range []string{"orthographic", "perspective"} {
			if lens := v.get(kind); lens.get("zfar").number() <= lens.get("znear").number() {
				c.fail("CAMERA_ZFAR_LEQUAL_ZNEAR", pointer+"/"+kind, "zfar must be greater than znear")
			}
		}
	}
}

func (c *checker) checkMaterials() {
	for i := range c.root.get("materials").list() {
		v, pointer := c.element("materials", i), at("/materials", i)
		extensions := v.get("extensions")
		if ior := extensions.get("KHR_materials_ior").get("ior"); ior != nil && ior.number() > 0 && ior.number() < 1 {
			c.fail("VALUE_NOT_IN_RANGE", pointer+"/extensions/KHR_materials_ior/ior", "value %s is out of range", ior.text)
		}
		if extensions.get("KHR_materials_emissive_strength") != nil && length(v.get("emissiveFactor").numbers()) == 0 {
			c.warn("KHR_MATERIALS_EMISSIVE_STRENGTH_ZERO_FACTOR", pointer+"/extensions/KHR_materials_emissive_strength", "emissive strength has no effect when the emissive factor is zero or undefined")
		}
		c.checkVolume(v, extensions, pointer+"/extensions/KHR_materials_volume")
	}
}

func (c *checker) checkVolume(material, extensions *value, pointer string) {
	volume := extensions.get("KHR_materials_volume")
	if volume == nil {
		return
	}
	if extensions.get("KHR_materials_transmission") == nil && len(extensions.members()) == 1 {
		c.warn("KHR_MATERIALS_VOLUME_NO_TRANSMISSION", pointer, "the volume extension needs to be combined with an extension that allows light to transmit through the surface")
	}
	if material.isTrue("doubleSided") && volume.get("thicknessFactor").number() > 0 {
		c.warn("KHR_MATERIALS_VOLUME_DOUBLE_SIDED", pointer, "the volume extension should not be used with double-sided materials")
	}
}

func (c *checker) checkLights() {
	for i, light := range c.walk.collection("KHR_lights_punctual.lights") {
		pointer := at("/extensions/KHR_lights_punctual/lights", i)
		kind := light.string("type")
		if kind == "spot" && light.get("spot") == nil {
			c.fail("UNDEFINED_PROPERTY", pointer, "property 'spot' must be defined")
		}
		if kind == "directional" && light.get("range") != nil {
			c.note("EXTRA_PROPERTY", pointer+"/range", "this property should not be defined as it will not be used")
		}
	}
}
