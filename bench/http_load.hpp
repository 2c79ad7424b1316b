// SPDX-License-Identifier: Apache-2.0
// A client that asks over HTTP/1.1 as fast as it is answered: many connections, one thread, no
// library, so that what is measured is the server.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "bench/report.hpp"

namespace caravan::bench {

class HttpLoad {
 public:
  /// To an agent on this machine.
  explicit HttpLoad(std::uint16_t port) : port_(port) {}

  struct Answer {
    int status = 0;
    std::uint64_t index = 0;  // X-Nomad-Index
    std::string body;
  };
  /// One request on a connection of its own. Status 0: nobody answers.
  Answer ask(const std::string& method, const std::string& target, const std::string& body = "");

  /// Asks on so many connections, on each again as soon as it is answered. Ends the process when an
  /// answer is not 200.
  Samples load(const std::function<std::string()>& next_request, int connections, double seconds);
  static std::string request_for(const std::string& method, const std::string& target,
                                 const std::string& body = "");

  /// So many connections ask and wait. `change` is called when all are sent, and returns when what
  /// they wait for was asked for; the samples are the times from its call to each answer.
  template <class Change>
  Samples wake(const std::string& target, int watchers, Change change) {
    const std::vector<int> parked = park(target, watchers);
    const double begin = now();
    change();
    return collect(parked, begin);
  }

 private:
  int connect() const;
  std::vector<int> park(const std::string& target, int watchers);
  Samples collect(const std::vector<int>& parked, double begin);

  std::uint16_t port_;
};

}  // namespace caravan::bench
