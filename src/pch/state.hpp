// SPDX-License-Identifier: Apache-2.0
// The precompiled header of chapters that decide about the cluster's state: the pure one, the
// commands, and the tables with the model in them.
#pragma once
#include "pch/pure.hpp"

#include "json/value.hpp"
#include "state/store.hpp"
#include "state/tables.hpp"
#include "wire/binary.hpp"
#include "wire/command.hpp"
