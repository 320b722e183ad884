package privacy

import "slices"

// Columns classifies every column of both schemas. Each domain keeps its own list.
func Columns() []Column {
	return slices.Concat(
		jobColumns(), auditColumns(), vaultColumns(), catalogColumns(), stockColumns(), priceColumns(),
		deliveryColumns(), cartColumns(), paymentColumns(), providerColumns(), orderColumns(), postColumns(), settingsColumns(), certificateColumns(), safetyColumns(),
		identityColumns(), identityFactorColumns(), staffColumns(), shopperColumns(), exportColumns(), fraudColumns(),
	)
}

// declarations are all declared fields.
func declarations() []*Declaration {
	return slices.Concat(auditFields(), orderFields(), withdrawalFields(), postFields(), identityFields(), identityFactorFields(), staffFields(), shopperFields(), exportFields())
}
