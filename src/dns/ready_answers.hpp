// SPDX-License-Identifier: Apache-2.0
// Answers by UDP that are written already. Almost all questions are for the addresses of a service,
// again and again, and what is told changes only with the service. Which of many instances are told
// is chance each time; the rest of the packet stays.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <unordered_map>

#include "dns/record.hpp"
#include "state/tables.hpp"

namespace caravan::dns {

class ReadyAnswers {
 public:
  /// What an answer hangs on besides the question and the configuration.
  struct Basis {
    std::string watched;      // a prefix of the state: of the service
    std::uint64_t index = 0;  // of that prefix
    std::uint64_t access = 0;  // of what strangers may see
  };
  /// How much of the reply is told.
  struct Room {
    std::size_t bytes = 0;    // of the packet
    std::size_t answers = 0;  // records
    bool tells = false;       // whether a reply that was cut says so
  };
  using Below = std::function<std::size_t(std::size_t)>;

  /// The basis on which an answer may be kept; nothing of a question whose answers are not.
  static std::optional<Basis> basis_of(const Question& question, const std::string& prefix,
                                       const state::Tables& tables);
  /// Keeps a reply with all of its answers; says whether it did. One that has anything but
  /// addresses is not kept.
  bool keep(const Question& question, Basis basis, const state::Tables& tables, const Reply& reply,
            Room room);
  /// Nothing when none is kept, or the state has other instances since.
  std::optional<std::string> find(const Question& question, const state::Tables& tables,
                                  const Below& below);

 private:
  struct Ready {
    Basis basis;
    std::uint64_t seen = 0;     // the index of the state that had the same basis last
    std::string head, tail;     // header and question; what follows the answers
    std::string records;        // one after the other, each of the same size
    std::size_t record_bytes = 0, told = 0;
  };
  static std::string key_of(const Question& question);

  std::unordered_map<std::string, Ready> ready_;
  std::size_t bytes_ = 0;
};

}  // namespace caravan::dns
