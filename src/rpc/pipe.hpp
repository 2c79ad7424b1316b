// SPDX-License-Identifier: Apache-2.0
// A stream between two lanes of one agent: what one end writes the other one reads, each on its own
// lane, and both may be cancelled there.
#pragma once

#include <memory>
#include <utility>

#include <boost/asio/any_io_executor.hpp>

#include "io/network.hpp"

namespace caravan::rpc {

/// The first end is used on `here`, the second one on `there`. Closing either ends both.
std::pair<std::unique_ptr<io::Stream>, std::unique_ptr<io::Stream>> make_pipe(
    boost::asio::any_io_executor here, boost::asio::any_io_executor there);

}  // namespace caravan::rpc
