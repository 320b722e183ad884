package rules

// declare lists the arrows between siblings. The test fails for one that is missing here and for one that is not used.
func declare() {
	arrow("guard/vault", "guard/access", "a look names who looks")
	arrow("guard/audit", "guard/access", "an entry names who acted")
	arrow("guard/audit", "guard/vault", "the origin of an act is sealed")
	arrow("guard/privacy", "guard/vault", "a declaration is a vault field with its reasons")
}
