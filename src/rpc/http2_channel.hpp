// SPDX-License-Identifier: Apache-2.0
// Calls and streams over an HTTP/2 connection: "POST /call/Node.Register" has a request and an
// answer, "POST /stream/Alloc.Logs" begins with its head and then carries bytes both ways. An error
// is a status of 500 with its code in a header and its message as the body.
#pragma once

#include <memory>

#include "rpc/http2.hpp"
#include "rpc/rpc.hpp"
#include "rpc/served.hpp"

namespace caravan::rpc {

/// The asking side. May be used from any lane; whoever asks on the connection's own lane can be
/// cancelled while it waits. Somebody runs the connection.
std::unique_ptr<Channel> make_http2_channel(std::shared_ptr<Http2> connection);

/// The answering side: runs the connection to its end. `service` lives on `lane`, where what is
/// still served is cancelled when the connection ends; it outlives `served`, which is of that lane.
io::Task<base::Error> answer(std::shared_ptr<Http2> connection, Service& service,
                             boost::asio::any_io_executor lane, std::shared_ptr<Served> served,
                             Caller caller);

}  // namespace caravan::rpc
