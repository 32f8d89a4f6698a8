package gltfdoc

func (c *checker) checkSkins() {
	nodes := c.root.get("nodes").list()
	quiet := &checker{issues: &issues{}, root: c.root} // a second parent was reported with the nodes
	parents := quiet.parents(len(nodes))
	for i := range c.root.get("skins").list() {
		v, pointer := c.element("skins", i), at("/skins", i)
		joints := v.get("joints").list()
		if len(joints) > 0 && !commonRoot(joints, parents) {
			c.fail("SKIN_NO_COMMON_ROOT", pointer+"/joints", "joints do not have a common root")
		}
		c.checkBindMatrices(v, len(joints), pointer+"/inverseBindMatrices")
	}
}

func commonRoot(joints []value, parents []int) bool {
	first := -1
	for _, j := range joints {
		node, ok := j.integer()
		if !ok || node < 0 || node >= len(parents) {
			return false
		}
		root := node
		for steps := 0; parents[root] >= 0; steps++ {
			if steps > maxNodeDepth {
				return true // a loop or too deep: reported with the nodes
			}
			root = parents[root]
		}
		if first >= 0 && root != first {
			return false
		}
		first = root
	}
	return true
}

func (c *checker) checkBindMatrices(v *value, joints int, pointer string) {
	a := c.accessor(v.intOr("inverseBindMatrices", -1))
	if a == nil {
		return
	}
	if a.kind != "MAT4" || a.component != floatComponent {
		c.fail("SKIN_IBM_INVALID_FORMAT", pointer, "invalid IBM accessor format %s, must be MAT4 FLOAT", a.format())
	}
	if w := c.view(a.view); w != nil && w.stride > 0 {
		c.fail("SKIN_IBM_ACCESSOR_WITH_BYTESTRIDE", pointer, "bufferView.byteStride must not be defined for buffer views used by inverse bind matrices accessors")
	}
	c.use(a.view, "IBM", pointer)
	if a.count < joints {
		c.fail("INVALID_IBM_ACCESSOR_COUNT", pointer, "IBM accessor must have at least %d elements, found %d", joints, a.count)
	}
}
