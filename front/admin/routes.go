package admin

import (
	"net/http"
	"slices"
	"strings"

	"strongroom/base/fault"
	"strongroom/base/web"
	"strongroom/front/look"
)

// door says who may pass to an address.
type door uint8

const (
	street  door = iota // anybody
	hall                // who has a session, even one that is locked or may only enrol
	enrol               // who has an unlocked session
	theDesk             // members with a full session; what they may do there the services say
)

// route is one address and what answers it.
type route struct {
	method, path string
	door         door
	act          func(*call) error
}

// routes are all addresses of the desk: one flat list.
func (a *Admin) routes() []route {
	return slices.Concat(a.goodsRoutes(), a.dataRoutes(), a.providerRoutes(), a.moneyRoutes(), a.safetyRoutes(), a.transferRoutes(), a.reviewRoutes(), []route{
		{"GET", "/{$}", theDesk, a.home},

		{"GET", "/sign-in", street, a.signInShow},
		{"POST", "/sign-in/passkey", street, a.signInPasskey},
		{"POST", "/sign-in/password", street, a.signInPassword},
		{"POST", "/sign-in/factor", street, a.signInFactor},
		{"GET", "/enter/{token}", street, a.enterShow},
		{"POST", "/enter", street, a.enter},
		{"GET", "/stop/{token}", street, a.stopShow},
		{"POST", "/stop", street, a.stop},
		{"GET", "/link/{token}", street, a.linkShow},
		{"POST", "/link", street, a.link},

		{"GET", "/confirm", hall, a.confirmShow},
		{"POST", "/confirm", hall, a.confirm},
		{"POST", "/sign-out", hall, a.signOut},

		{"GET", "/ways", enrol, a.waysShow},
		{"GET", "/ways/passkey", enrol, a.passkeyShow},
		{"POST", "/ways/passkey", enrol, a.passkeyAdd},
		{"POST", "/ways/passkey/remove", enrol, a.passkeyRemove},
		{"GET", "/ways/app", enrol, a.appShow},
		{"POST", "/ways/app", enrol, a.appAdd},
		{"GET", "/ways/password", enrol, a.passwordShow},
		{"POST", "/ways/password", enrol, a.passwordSet},
		{"POST", "/ways/codes", enrol, a.codesMake},

		{"GET", "/find", theDesk, a.findShow},
		{"GET", "/find/list", theDesk, a.findList},
		{"GET", "/orders", theDesk, a.ordersShow},
		{"POST", "/look-up", theDesk, a.ordersFind},
		{"POST", "/packing/take", theDesk, a.orderTake},
		{"POST", "/packing/slips", theDesk, a.slips},
		{"GET", "/orders/{number}", theDesk, a.orderShow},
		{"POST", "/orders/{number}/reveal", theDesk, a.orderReveal},
		{"POST", "/orders/{number}/ship", theDesk, a.orderShip},
		{"POST", "/orders/{number}/deliver", theDesk, a.orderDeliver},
		{"POST", "/orders/{number}/hand-over", theDesk, a.orderHandOver},
		{"POST", "/orders/{number}/cancel", theDesk, a.orderCancel},
		{"POST", "/orders/{number}/refund", theDesk, a.orderRefund},
		{"POST", "/orders/{number}/capture", theDesk, a.orderCapture},
		{"POST", "/orders/{number}/let-go", theDesk, a.orderLetGo},
		{"POST", "/orders/{number}/assign", theDesk, a.orderAssign},
		{"POST", "/orders/{number}/give-up", theDesk, a.orderGiveUp},

		{"GET", "/approvals", theDesk, a.approvalsShow},
		{"POST", "/approvals/decide", theDesk, a.approvalDecide},
		{"POST", "/approvals/reason", theDesk, a.approvalReason},

		{"GET", "/staff", theDesk, a.peopleShow},
		{"POST", "/staff", theDesk, a.invite},
		{"GET", "/staff/{member}", theDesk, a.personShow},
		{"POST", "/staff/{member}/role", theDesk, a.personRole},
		{"POST", "/staff/{member}/leave", theDesk, a.personLeave},
		{"POST", "/staff/{member}/again", theDesk, a.personAgain},
		{"POST", "/staff/{member}/end-glass", theDesk, a.personEndGlass},
		{"GET", "/roles", theDesk, a.rolesShow},
		{"POST", "/roles", theDesk, a.rolePut},
		{"GET", "/roles/{role}", theDesk, a.roleShow},
		{"POST", "/roles/{role}", theDesk, a.rolePut},
		{"POST", "/roles/{role}/drop", theDesk, a.roleDrop},
		{"GET", "/glass", theDesk, a.glassShow},
		{"POST", "/glass", theDesk, a.glassBreak},
		{"POST", "/glass/end", theDesk, a.glassEnd},

		{"GET", "/log", theDesk, a.logShow},
		{"GET", "/log/tree", theDesk, a.treeShow},
		{"POST", "/log/export", theDesk, a.logExport},
		{"GET", "/log/entries/{entry}", theDesk, a.entryShow},
		{"POST", "/log/entries/{entry}/reveal", theDesk, a.entryReveal},
	})
}

// goodsRoutes are the addresses of products.
func (a *Admin) goodsRoutes() []route {
	return []route{
		{"GET", "/products", theDesk, a.productsShow},
		{"GET", "/new-product", theDesk, a.productNewShow},
		{"POST", "/new-product", theDesk, a.productNew},
		{"GET", "/products/{handle}", theDesk, a.productShow},
		{"POST", "/products/{handle}", theDesk, a.productSave},
		{"POST", "/products/{handle}/state", theDesk, a.productState},
		{"GET", "/products/{handle}/options", theDesk, a.optionsShow},
		{"POST", "/products/{handle}/options", theDesk, a.optionsSave},
		{"GET", "/products/{handle}/add", theDesk, a.variantNewShow},
		{"POST", "/products/{handle}/add", theDesk, a.variantNew},
		{"GET", "/products/{handle}/variants/{sku}", theDesk, a.variantShow},
		{"POST", "/products/{handle}/variants/{sku}", theDesk, a.variantSave},
		{"POST", "/products/{handle}/variants/{sku}/price", theDesk, a.variantPrice},
		{"POST", "/products/{handle}/variants/{sku}/stock", theDesk, a.variantStock},
		{"POST", "/products/{handle}/variants/{sku}/withdraw", theDesk, a.variantWithdraw},
		{"GET", "/products/{handle}/pictures", theDesk, a.picturesShow},
		{"POST", "/products/{handle}/pictures", theDesk, a.pictureAdd},
		{"POST", "/products/{handle}/arrange", theDesk, a.picturesArrange},
		{"GET", "/media/{file}", theDesk, a.media},
	}
}

// Address is where the desk answers.
type Address struct{ Method, Path string }

// Addresses lists all routes, for whoever walks past all of them: the table of rights and the attacks.
func Addresses() (out []Address) {
	for _, rt := range (&Admin{}).routes() {
		out = append(out, Address{rt.method, strings.TrimSuffix(rt.path, "{$}")})
	}
	return out
}

// register puts all routes into the mux. What is left over is not found; a path of ours with another method is refused.
func (a *Admin) register() {
	allowed := map[string][]string{}
	for _, rt := range a.routes() {
		a.mux.Handle(rt.method+" "+rt.path, a.face.Handle(a.handle(rt)))
		allowed[rt.path] = append(allowed[rt.path], rt.method)
	}
	a.mux.Handle("GET "+look.Prefix, a.Assets)
	a.mux.Handle("GET /robots.txt", a.face.Handle(robots))
	a.mux.Handle("GET /favicon.ico", a.face.Handle(func(w http.ResponseWriter, _ *http.Request) error { // asked for by pages without a head, see bounce
		return web.Redirect(w, a.Assets.Path("strongroom.svg"))
	}))
	for path, methods := range allowed {
		a.mux.Handle(path, a.face.Handle(wrongMethod(methods)))
	}
	a.mux.Handle("/", a.face.Handle(func(http.ResponseWriter, *http.Request) error { return fault.New(fault.NotFound, "web.not_found") }))
}

func wrongMethod(methods []string) web.Handler {
	allow := strings.ReplaceAll(strings.Join(methods, ", "), "GET", "GET, HEAD")
	return func(w http.ResponseWriter, _ *http.Request) error {
		w.Header().Set("Allow", allow)
		return fault.New(fault.Method, "web.method")
	}
}

// robots keeps every machine away that asks.
func robots(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	_, err := w.Write([]byte("User-agent: *\nDisallow: /\n"))
	return err
}
