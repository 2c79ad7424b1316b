// SPDX-License-Identifier: Apache-2.0
// What streams from a node to whoever asked: as it is, or in frames.
#pragma once

#include "api/route.hpp"
#include "io/clock.hpp"
#include "rpc/rpc.hpp"

namespace caravan::api::nomad {

/// What the node said after "ok" in the first line of a stream; `rest` gets what came behind it.
/// Errors: what the node said after "error"; unavailable (it hung up).
io::Task<base::Result<std::string>> read_first_line(io::Stream& stream, std::string& rest);

/// Where the bytes of a stream come from: waits for some; "" is the end.
using MoreBytes = std::function<io::Task<std::string>()>;

struct Framing {
  bool plain = false;       // the bytes as they are, else in JSON objects
  std::string file;         // that frames name, "" for none
  std::int64_t offset = 0;  // of the first byte
};
/// Answers the call with all that comes, until it ends or nobody listens any more.
io::Task<base::Result<Answer>> stream_out(Call& call, io::Clock& clock, Framing framing,
                                          MoreBytes more);

/// The rest of a node's stream, after its first line.
MoreBytes bytes_of(std::shared_ptr<io::Stream> stream, std::string heard);

}  // namespace caravan::api::nomad
