// SPDX-License-Identifier: Apache-2.0

// The service discovery of Prometheus, as it is in its own program: prints the first target that it
// finds with a label that is wanted.
package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/go-kit/log"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/common/config"
	"github.com/prometheus/common/model"
	"github.com/prometheus/prometheus/discovery"
	"github.com/prometheus/prometheus/discovery/consul"
	"github.com/prometheus/prometheus/discovery/nomad"
	"github.com/prometheus/prometheus/discovery/targetgroup"
)

func main() {
	kind, server, wanted := os.Args[1], os.Args[2], os.Args[3]
	var settings discovery.Config
	if kind == "consul" {
		c := consul.DefaultSDConfig
		c.Server, c.RefreshInterval = server, model.Duration(time.Second)
		c.HTTPClientConfig = config.DefaultHTTPClientConfig
		settings = &c
	} else {
		c := nomad.DefaultSDConfig
		c.Server, c.RefreshInterval = server, model.Duration(time.Second)
		c.HTTPClientConfig = config.DefaultHTTPClientConfig
		settings = &c
	}
	registry := prometheus.NewRegistry()
	refresh := discovery.NewRefreshMetrics(registry)
	metrics := settings.NewDiscovererMetrics(registry, refresh)
	discoverer, err := settings.NewDiscoverer(discovery.DiscovererOptions{
		Logger: log.NewLogfmtLogger(os.Stderr), Metrics: metrics})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	updates := make(chan []*targetgroup.Group)
	go discoverer.Run(ctx, updates)
	for {
		select {
		case groups := <-updates:
			for _, group := range groups {
				for _, target := range group.Targets {
					labels := target.Merge(group.Labels).String()
					if strings.Contains(labels, wanted) {
						fmt.Println(labels)
						return
					}
				}
			}
		case <-ctx.Done():
			fmt.Fprintln(os.Stderr, "not found in time:", wanted)
			os.Exit(1)
		}
	}
}
