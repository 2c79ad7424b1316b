// SPDX-License-Identifier: Apache-2.0
// The precompiled header of what talks to servers: coroutines, the commands with the model in them,
// and HTTP.
#pragma once
#include "pch/io.hpp"

#include "http/client.hpp"
#include "io/world.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "rpc/rpc.hpp"
#include "wire/binary.hpp"
#include "wire/command.hpp"
