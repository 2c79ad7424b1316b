// SPDX-License-Identifier: Apache-2.0
// Questions and replies as they travel. ldns reads and writes the packets.
#pragma once

#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "dns/record.hpp"

namespace caravan::dns {

/// Errors: invalid (no message, or none with exactly one question of class IN); unsupported (an
/// operation other than a query).
base::Result<Question> read_question(std::string_view packet);
/// The same of a question as almost all are: one name of letters, digits, - and _, with or without
/// EDNS. Nothing of any other packet. read_question() tries this first.
std::optional<Question> plain_question(std::string_view packet);
/// The same by ldns, of any packet.
base::Result<Question> unusual_question(std::string_view packet);
/// The number of a message that could not be read otherwise; nothing of less than a header.
std::optional<std::uint16_t> number_of(std::string_view packet);

std::string write_question(const Question& question);
/// Names point at earlier ones.
std::string write_reply(const Question& question, const Reply& reply);
/// The reply in at most `limit` bytes: first the additional records go, from the end, then answers.
/// `tells`: whether the reply then says that it was cut.
std::string write_within(const Question& question, Reply reply, std::size_t limit, bool tells);

}  // namespace caravan::dns
