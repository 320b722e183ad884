package catalog

import (
	"sync"

	"strongroom/base/id"
)

// maxKept bounds the items in memory.
const maxKept = 20_000

// keptItems are items as they stood at one version of the catalogue: a checkout asks for the same few several times.
// They are as fresh as the pages of the shop: see versionEvery.
type keptItems struct {
	mu      sync.RWMutex
	version int64
	items   map[itemKey]Item
}

type itemKey struct {
	lang    string
	variant id.ID
}

// find moves what is known at the version into out and returns what is not.
func (k *keptItems) find(version int64, lang string, variants []id.ID, out map[id.ID]Item) (missing []id.ID) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if k.version != version {
		return variants
	}
	for _, v := range variants {
		if it, ok := k.items[itemKey{lang, v}]; ok {
			out[v] = it
		} else {
			missing = append(missing, v)
		}
	}
	return missing
}

// keep notes items that were read when the catalogue had that version or a newer one.
func (k *keptItems) keep(version int64, lang string, variants []id.ID, read map[id.ID]Item) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if version < k.version {
		return
	}
	if version > k.version || len(k.items) >= maxKept {
		k.version, k.items = version, map[itemKey]Item{}
	}
	for _, v := range variants {
		if it, ok := read[v]; ok {
			k.items[itemKey{lang, v}] = it
		}
	}
}
