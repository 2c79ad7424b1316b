// SPDX-License-Identifier: Apache-2.0

// The official Go client of the registry, used in the manner of a storage backend: values up to
// half a mebibyte, transactions, lists with a separator, and a leader's lock that is handed over.
package main

import (
	"bytes"
	"fmt"
	"os"
	"reflect"
	"time"

	"github.com/hashicorp/consul/api"
)

func check(err error, what string) {
	if err != nil {
		fmt.Fprintf(os.Stderr, "%s: %v\n", what, err)
		os.Exit(1)
	}
}

func expect(is bool, what string) {
	if !is {
		fmt.Fprintln(os.Stderr, "not so:", what)
		os.Exit(1)
	}
}

func storage(client *api.Client) {
	kv := client.KV()
	large := bytes.Repeat([]byte{0xff}, 512*1024)
	_, err := kv.Put(&api.KVPair{Key: "vault/core/large", Value: large, Flags: 1<<64 - 1}, nil)
	check(err, "put")
	_, err = kv.Put(&api.KVPair{Key: "vault/core/larger", Value: append(large, 0)}, nil)
	expect(err != nil && bytes.Contains([]byte(err.Error()), []byte("413")), "a larger value is refused with 413")
	ok, response, _, err := kv.Txn(api.KVTxnOps{
		{Verb: api.KVSet, Key: "vault/logical/a", Value: []byte("1")},
		{Verb: api.KVSet, Key: "vault/logical/b/c", Value: []byte("2")},
		{Verb: api.KVGet, Key: "vault/core/large"},
	}, nil)
	check(err, "transaction")
	expect(ok && len(response.Results) == 3, "a transaction is done")
	expect(bytes.Equal(response.Results[2].Value, large), "a value comes back")
	expect(response.Results[2].Flags == 1<<64-1, "flags come back")
	ok, response, _, err = kv.Txn(api.KVTxnOps{
		{Verb: api.KVDelete, Key: "vault/logical/a"},
		{Verb: api.KVCheckIndex, Key: "vault/logical/b/c", Index: 1},
	}, nil)
	check(err, "failing transaction")
	expect(!ok && len(response.Errors) == 1 && response.Errors[0].OpIndex == 1, "a transaction that fails says where")
	keys, _, err := kv.Keys("vault/logical/", "/", nil)
	check(err, "keys")
	expect(reflect.DeepEqual(keys, []string{"vault/logical/a", "vault/logical/b/"}), "a list is folded")
	pair, meta, err := kv.Get("vault/none", nil)
	check(err, "get of nothing")
	expect(pair == nil && meta.LastIndex > 0, "nothing is nothing")
	_, err = kv.DeleteTree("vault/logical", nil)
	check(err, "delete-tree")
}

func leadership(client *api.Client) {
	lockOf := func(name string) *api.Lock {
		lock, err := client.LockOpts(&api.LockOptions{
			Key: "vault/core/lock", Value: []byte(name), SessionName: "Vault Lock", SessionTTL: "15s",
			MonitorRetries: 5, LockWaitTime: 2 * time.Second, LockDelay: time.Second,
		})
		check(err, "lock options")
		return lock
	}
	one, two := lockOf("one"), lockOf("two")
	lost, err := one.Lock(nil)
	check(err, "lock")
	taken := make(chan error)
	go func() {
		_, err := two.Lock(nil)
		taken <- err
	}()
	select {
	case <-taken:
		expect(false, "two holders")
	case <-lost:
		expect(false, "the lock is lost without a reason")
	case <-time.After(1500 * time.Millisecond):
	}
	check(one.Unlock(), "unlock")
	check(<-taken, "handover")
	pair, _, err := client.KV().Get("vault/core/lock", nil)
	check(err, "get of the lock")
	expect(string(pair.Value) == "two" && pair.LockIndex == 2, "the other one holds it")

	// Who loses its session is told so.
	sessions, _, err := client.Session().List(nil)
	check(err, "sessions")
	for _, session := range sessions {
		_, err = client.Session().Destroy(session.ID, nil)
		check(err, "destroy")
	}
	third := lockOf("three")
	began := time.Now()
	_, err = third.Lock(nil)
	check(err, "lock after the delay")
	expect(time.Since(began) > 500*time.Millisecond, "nobody has it before its delay is over")
	check(third.Unlock(), "unlock")
	check(third.Destroy(), "destroy of the lock")
}

// A semaphore that the command line holds a place of as well: see test_kv.py.
func semaphore(client *api.Client) {
	placeOf := func() *api.Semaphore {
		place, err := client.SemaphoreOpts(&api.SemaphoreOptions{
			Prefix: "shared", Limit: 2, SemaphoreTryOnce: true, SemaphoreWaitTime: time.Second,
		})
		check(err, "semaphore options")
		return place
	}
	second, third := placeOf(), placeOf()
	lost, err := second.Acquire(nil)
	check(err, "acquire")
	expect(lost != nil, "the second place is free")
	lost, err = third.Acquire(nil)
	check(err, "acquire of a third place")
	expect(lost == nil, "there is no third place")
	check(second.Release(), "release")
}

func main() {
	client, err := api.NewClient(api.DefaultConfig())
	check(err, "client")
	semaphore(client)
	storage(client)
	leadership(client)
	fmt.Println("done")
}
