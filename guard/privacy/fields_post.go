package privacy

import "strongroom/guard/vault"

// What is kept of mails that came back.
var (
	PostDetail = &Declaration{
		Field: vault.Field{Number: 240, Purpose: vault.Fulfilment, Mask: vault.MaskAll}, Name: "post.detail",
		What:  Text{EN: "What a mail server said when it refused a mail", DE: "Was ein Mailserver sagte, als er eine Mail abwies"},
		Why:   Text{EN: "To find out why a mail did not arrive", DE: "Um herauszufinden, warum eine Mail nicht ankam"},
		Basis: Contract, Keep: halfAYear,
	}
	PostAddress = &Declaration{
		Field: vault.Field{Number: 241, Purpose: vault.Fulfilment, Mask: vault.MaskEmail}, Name: "post.address",
		What:  Text{EN: "E-mail address at which nobody is", DE: "E-Mail-Adresse, unter der niemand zu erreichen ist"},
		Why:   Text{EN: "To send nothing more there", DE: "Um nichts mehr dorthin zu senden"},
		Basis: Contract, Keep: untilReturns,
	}

	halfAYear = Term{Key: "bounces", Days: 180, Text: Text{
		EN: "half a year after the mail came back, and not longer than the order's delivery details",
		DE: "ein halbes Jahr, nachdem die Mail zurückkam, und nicht länger als die Lieferdaten der Bestellung"}}
)

func postFields() []*Declaration { return []*Declaration{PostDetail, PostAddress} }
