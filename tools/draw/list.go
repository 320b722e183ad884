package main

import "slices"

// pictures is the whole list, in the order of the shop's categories.
func pictures() []picture {
	return slices.Concat(tablewarePictures(), linenPictures(), pantryPictures(),
		gardenPictures(), lightPictures(), paperPictures(), shopPictures())
}

// glazes are the four stoneware colours in the order the shop shows them.
func glazes() []RGB { return []RGB{chalk, moss, clay, ink} }
