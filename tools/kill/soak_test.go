//go:build soak

package kill

const soak = true
