package account

import "strongroom/front/storefront"

// safeRoutes are the addresses of everything that keeps an account safe: ways of signing in, devices, activity.
func (a *Pages) safeRoutes() []storefront.Route {
	return []storefront.Route{
		{Method: "GET", Path: "/account/check", Handle: a.full((*visit).checkShow)},
		{Method: "GET", Path: "/account/passkeys", Handle: a.proven((*visit).passkeysShow)},
		{Method: "POST", Path: "/account/passkeys/remove", Handle: a.proven((*visit).passkeyRemove)},
		{Method: "GET", Path: "/account/password", Handle: a.proven((*visit).passwordShow)},
		{Method: "POST", Path: "/account/password", Handle: a.proven((*visit).passwordSet)},
		{Method: "POST", Path: "/account/password/remove", Handle: a.proven((*visit).passwordRemove)},
		{Method: "GET", Path: "/account/app", Handle: a.proven((*visit).appShow)},
		{Method: "POST", Path: "/account/app", Handle: a.proven((*visit).appBegin)},
		{Method: "POST", Path: "/account/app/confirm", Handle: a.proven((*visit).appConfirm)},
		{Method: "POST", Path: "/account/app/remove", Handle: a.proven((*visit).appRemove)},
		{Method: "GET", Path: "/account/codes", Handle: a.proven((*visit).codesShow)},
		{Method: "POST", Path: "/account/codes", Handle: a.proven((*visit).codesMake)},
		{Method: "GET", Path: "/account/devices", Handle: a.proven((*visit).devicesShow)},
		{Method: "POST", Path: "/account/devices/out", Handle: a.proven((*visit).deviceOut)},
		{Method: "POST", Path: "/account/devices/everywhere", Handle: a.full((*visit).outEverywhere)},
		{Method: "GET", Path: "/account/words", Handle: a.proven((*visit).wordsShow)},
		{Method: "POST", Path: "/account/words", Handle: a.proven((*visit).wordsSet)},
		{Method: "GET", Path: "/account/email", Handle: a.proven((*visit).emailShow)},
		{Method: "POST", Path: "/account/email", Handle: a.proven((*visit).emailSet)},
		{Method: "POST", Path: "/account/email/cancel", Handle: a.full((*visit).emailCancel)},
		{Method: "GET", Path: "/account/methods", Handle: a.full((*visit).methodsShow)},
		{Method: "POST", Path: "/account/passkeys/rename", Handle: a.proven((*visit).passkeyRename)},
		{Method: "POST", Path: "/account/password/advice", Handle: a.own((*visit).passwordAdvice)},
		{Method: "GET", Path: "/account/phone", Handle: a.proven((*visit).phoneShow)},
		{Method: "POST", Path: "/account/phone", Handle: a.proven((*visit).phoneBegin)},
		{Method: "POST", Path: "/account/phone/again", Handle: a.proven((*visit).phoneAgain)},
		{Method: "POST", Path: "/account/phone/confirm", Handle: a.proven((*visit).phoneConfirm)},
		{Method: "POST", Path: "/account/phone/remove", Handle: a.proven((*visit).phoneRemove)},
		{Method: "GET", Path: "/account/recovery", Handle: a.full((*visit).recoveryShow)},
		{Method: "POST", Path: "/account/recovery/cancel", Handle: a.proven((*visit).recoveryCancel)},
		{Method: "GET", Path: "/account/activity", Handle: a.full((*visit).activityShow)},
	}
}
