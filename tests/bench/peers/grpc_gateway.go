// The peer grpc-gateway: the HTTP rules of discussions in front of its gRPC
// server, set up as its documentation does. Says in one line of JSON where it
// listens, and serves until it is killed.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"net"
	"net/http"
	"os"

	"github.com/grpc-ecosystem/grpc-gateway/v2/runtime"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	discussions "peer/praxis/discussions/v1"
)

func main() {
	backend := flag.String("discussions", "", "where discussions serves gRPC")
	flag.Parse()
	mux := runtime.NewServeMux()
	options := []grpc.DialOption{grpc.WithTransportCredentials(insecure.NewCredentials())}
	for _, register := range []func(context.Context, *runtime.ServeMux, string, []grpc.DialOption) error{
		discussions.RegisterThreadServiceHandlerFromEndpoint,
		discussions.RegisterPostServiceHandlerFromEndpoint,
		discussions.RegisterEventServiceHandlerFromEndpoint,
	} {
		if err := register(context.Background(), mux, *backend, options); err != nil {
			log.Fatal(err)
		}
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Fprintf(os.Stderr, "{\"port\":%d}\n", listener.Addr().(*net.TCPAddr).Port)
	log.Fatal(http.Serve(listener, mux))
}
