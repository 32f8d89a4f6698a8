package gltfdoc

import (
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Options say what a check may reach beyond the file itself.
type Options struct {
	// Resources holds the files a document refers to by relative URI: the folder it lies in. Nil means they cannot be
	// had: then they are reported as not checked, and the rest is checked without them.
	Resources fs.FS
}

// checker holds what the checks of one document share.
type checker struct {
	*issues
	walk      *walk
	root      *value
	parts     container
	options   Options
	buffers   []buffer
	views     []view
	accessors []accessor
	// budget is how many bytes of content may still be looked at: accessors may overlap, so that a small file can ask
	// for an endless check.
	budget int64
}

// check runs every check on the JSON of a document. The order is that of dependence: what a later check reads was
// checked by an earlier one.
func (c *checker) check() {
	c.walk.object(c.root, rootShape, "")
	c.version()
	c.declaredExtensions()
	c.checkBuffers()
	c.checkViews()
	c.checkAccessors()
	c.checkNodes()
	c.checkSkins()
	c.checkMeshes()
	c.checkAnimations()
	c.checkCameras()
	c.checkMaterials()
	c.checkLights()
	c.checkImages()
	if !c.refused {
		c.checkContent()
	}
	c.unused()
}

// version checks asset.version and asset.minVersion.
func (c *checker) version() {
	asset := c.root.get("asset")
	major, minor, ok := c.versionOf(asset, "version")
	if !ok {
		return
	}
	switch {
	case major != 2:
		c.fail("UNKNOWN_ASSET_MAJOR_VERSION", "/asset/version", "unknown glTF major asset version: %d; export the model as glTF 2.0", major)
	case minor > 0:
		c.warn("UNKNOWN_ASSET_MINOR_VERSION", "/asset/version", "unknown glTF minor asset version: %d", minor)
	}
	minMajor, minMinor, ok := c.versionOf(asset, "minVersion")
	if ok && (minMajor > major || minMajor == major && minMinor > minor) {
		c.fail("ASSET_MIN_VERSION_GREATER_THAN_VERSION", "/asset/minVersion", "asset minVersion is greater than version")
	}
}

func (c *checker) versionOf(asset *value, key string) (major, minor int, ok bool) {
	text := asset.string(key)
	if text == "" {
		return 0, 0, false
	}
	a, b, _ := strings.Cut(text, ".")
	major, err1 := strconv.Atoi(a)
	minor, err2 := strconv.Atoi(b)
	if err1 != nil || err2 != nil || major < 0 || minor < 0 {
		c.fail("PATTERN_MISMATCH", "/asset/"+key, "value '%.40s' is no version such as 2.0", text)
		return 0, 0, false
	}
	return major, minor, true
}

// viewerExtensions are the extensions the viewer can draw when a document requires them.
var viewerExtensions = map[string]bool{
	"KHR_draco_mesh_compression": true, "EXT_meshopt_compression": true, "KHR_texture_basisu": true, "KHR_mesh_quantization": true,
	"EXT_texture_webp": true, "KHR_texture_transform": true, "EXT_mesh_gpu_instancing": true, "KHR_materials_unlit": true,
	"KHR_lights_punctual": true, "KHR_materials_variants": true, "KHR_node_visibility": true,
}

// declaredExtensions compares the extensions found with those declared.
func (c *checker) declaredExtensions() {
	declared := map[string]bool{}
	for i, e := range c.root.get("extensionsUsed").list() {
		declared[e.text] = true
		if !knownExtensions[e.text] {
			c.note("UNSUPPORTED_EXTENSION", at("/extensionsUsed", i), "this extension is not checked: '%.80s'", e.text)
		}
	}
	for i, e := range c.root.get("extensionsRequired").list() {
		if !declared[e.text] {
			c.fail("UNUSED_EXTENSION_REQUIRED", at("/extensionsRequired", i), "unused extension '%.80s' cannot be required", e.text)
		}
		if !viewerExtensions[e.text] && !strings.HasPrefix(e.text, "KHR_materials_") {
			c.warn("UNSUPPORTED_EXTENSION", at("/extensionsRequired", i), "the viewer does not know the required extension '%.80s'; parts may be missing", e.text)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.walk.used)) {
		if !declared[name] {
			c.fail("UNDECLARED_EXTENSION", "/extensionsUsed", "extension '%.80s' is used and not declared in extensionsUsed", name)
		}
	}
}

// uses says whether the document declares an extension.
func (c *checker) uses(extension string) bool {
	return slices.ContainsFunc(c.root.get("extensionsUsed").list(), func(e value) bool { return e.text == extension })
}

// unused notes objects nothing refers to.
func (c *checker) unused() {
	for _, name := range slices.Sorted(maps.Keys(collections)) {
		if name == "scenes" || name == "animations" || name == "nodes" {
			continue
		}
		for i := range c.root.get(name).list() {
			if !c.walk.refs[name][i] {
				c.note("UNUSED_OBJECT", fmt.Sprintf("/%s/%d", name, i), "this object may be unused")
			}
		}
	}
}

// element returns element i of a collection of the root, or nil.
func (c *checker) element(collection string, i int) *value {
	list := c.root.get(collection).list()
	if i < 0 || i >= len(list) || list[i].kind != jsonObject {
		return nil
	}
	return &list[i]
}
