// SPDX-License-Identifier: Apache-2.0
// The channel between the client and the server of one agent: the same calls, without a socket.
// They hop to the lane of the service and back.
#pragma once

#include "io/executor.hpp"
#include "rpc/rpc.hpp"

namespace caravan::rpc {

/// `service` lives on `lane` and outlives the channel and every call that was made through it.
std::unique_ptr<Channel> make_local_channel(Service& service, boost::asio::any_io_executor lane,
                                            Caller caller);

}  // namespace caravan::rpc
