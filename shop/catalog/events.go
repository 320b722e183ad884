package catalog

import "strongroom/base/id"

// Changed says that the catalogue has a new version.
type Changed struct{ Version int64 }

// EventName is the event's name.
func (Changed) EventName() string { return "catalog.changed" }

// PriceChanged says that a variant costs something else now.
type PriceChanged struct {
	Product id.ID
	Variant id.ID
	Price   int64 // minor units
}

// EventName is the event's name.
func (PriceChanged) EventName() string { return "catalog.price_changed" }

// ImageReady says that a picture can be served.
type ImageReady struct{ Image string } // first 32 digits of its name

// EventName is the event's name.
func (ImageReady) EventName() string { return "catalog.image_ready" }

// ImageRefused says that an upload was no picture that the store takes.
type ImageRefused struct{ Image, Reason string }

// EventName is the event's name.
func (ImageRefused) EventName() string { return "catalog.image_refused" }
