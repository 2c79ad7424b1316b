// SPDX-License-Identifier: Apache-2.0
// Packets on streams, framed by their length, and the few bits of one that a relay looks at.
#pragma once

#include <string>

#include "dns/record.hpp"
#include "io/network.hpp"
#include "io/task_fwd.hpp"

namespace caravan::dns {

inline constexpr std::size_t tcp_bytes_max = 65'535;

/// The next packet; "" when there is none.
io::Task<std::string> read_packet(io::Stream& stream);
io::Task<base::Status> write_packet(io::Stream& stream, std::string packet);

/// A packet with another number.
std::string with_id(std::string packet, std::uint16_t id);
/// "SRV"; "TYPE64" for what has no name here.
std::string type_name(Type type);
/// What a relay logs of a reply: its code, and its flags as dig shows them.
int code_of(const std::string& packet);
std::string flags_of(const std::string& packet);

}  // namespace caravan::dns
