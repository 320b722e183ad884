package app_test
import ("testing";"os";"context";"fmt";"sync";"sync/atomic";"time";"runtime/pprof";"math/rand/v2"
 "strongroom/base/db";"strongroom/base/config";"strongroom/cmd/strongroom/app";"strongroom/tools/shopper";"strongroom/tools/rig")
func TestProf(t *testing.T){
 r:=rig.New(t,db.SQLite,"STRONGROOM_LIMITS_SCALE=1000")
 r.Import("handle,category,title:en,title:de,tax_class,sku,price,weight_g,stock\nbowl,tableware,Bowl,Schale,standard,BOWL-1,34.00,500,1000000\n")
 c,err:=config.Load(r.Config,r.Environ()); if err!=nil{t.Fatal(err)}
 ac,err:=app.FromFile(c,nil); if err!=nil{t.Fatal(err)}
 ctx,stop:=context.WithCancel(context.Background()); ready:=make(chan app.Addresses,1); done:=make(chan error,1)
 ac.Ready=func(a app.Addresses){ready<-a}
 go func(){done<-app.Run(ctx,ac)}()
 <-ready
 n:=r.Network
 f,_:=os.Create("/tmp/cpu.prof")
 var cnt atomic.Int64; var wg sync.WaitGroup
 buy:=func(w,i int){ s:=n.New(fmt.Sprintf("198.%d.%d.%d",18+rand.IntN(2),rand.IntN(256),rand.IntN(250)+1)); o,err:=s.Buy(ctx,r.Shop,"/en/p/bowl",shopper.Somebody(fmt.Sprintf("a%d.%d@b.example",w,i)),shopper.Paid); if err!=nil{ if cnt.Load()<3 {fmt.Println(err)}; return}; if cnt.Add(1)==1 {os.WriteFile("/tmp/last.html",o.Last.Body,0600)}}
 buy(99,99)
 pprof.StartCPUProfile(f)
 end:=time.Now().Add(8*time.Second)
 for w:=range 16{ wg.Go(func(){ for i:=0;time.Now().Before(end);i++{buy(w,i)}})}
 wg.Wait(); pprof.StopCPUProfile(); f.Close()
 fmt.Println("orders",cnt.Load())
 stop(); <-done
}
