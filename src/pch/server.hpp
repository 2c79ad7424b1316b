// SPDX-License-Identifier: Apache-2.0
// The precompiled header of what runs a cluster: coroutines, the state, and what servers are asked.
#pragma once
#include "pch/io.hpp"
#include "pch/state.hpp"

#include "cluster/cluster.hpp"
#include "consensus/replica.hpp"
#include "http/client.hpp"
#include "http/server.hpp"
#include "io/world.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "rpc/rpc.hpp"
#include "server/server.hpp"
