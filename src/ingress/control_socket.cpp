// SPDX-License-Identifier: Apache-2.0
#include "ingress/control_socket.hpp"

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "io/task.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration answer_timeout = 3s;
constexpr std::size_t answer_bytes_max = 16 << 20;
constexpr std::size_t line_bytes_max = 8192;  // half of HAProxy's buffer

/// "no need to change …" and "IP changed …" are no complaints.
bool is_complaint(std::string_view line) {
  for (const char* word : {"No such", "Unknown", "Invalid", "Require", "Can't", "error", "denied"})
    if (line.find(word) != std::string_view::npos) return true;
  return false;
}

}  // namespace

io::Task<base::Result<std::string>> ControlSocket::converse(std::string line) {
  CO_TRY(const std::unique_ptr<io::Stream> stream,
         co_await network_.connect(io::Address::unix_socket(path_), answer_timeout));
  line += '\n';
  CO_TRY_VOID(co_await stream->write(line));
  std::string answer;
  char buffer[16'384];
  while (answer.size() < answer_bytes_max) {
    CO_TRY(const std::size_t n, co_await stream->read_some(buffer));
    if (n == 0) co_return answer;
    answer.append(buffer, n);
  }
  co_return base::fail(base::Code::too_large, "the data plane says too much");
}

io::Task<base::Result<std::string>> ControlSocket::ask(std::string line) {
  auto said = co_await (converse(std::move(line)) || clock_.sleep(answer_timeout));
  if (said.index() == 1)
    co_return base::fail(base::Code::timeout, fmt::format("{}: no answer within {}", path_,
                                                          base::format_duration(answer_timeout)));
  co_return std::move(std::get<0>(said));
}

io::Task<base::Result<std::string>> ControlSocket::ask_each(const std::vector<std::string>& lines) {
  std::string answers;
  std::size_t next = 0;
  while (next < lines.size()) {
    std::string line;
    while (next < lines.size() && line.size() + lines[next].size() < line_bytes_max)
      line += (line.empty() ? "" : ";") + lines[next++];
    CO_TRY(const std::string answer, co_await ask(line));
    answers += answer;
  }
  co_return answers;
}

io::Task<base::Status> ControlSocket::carry_out(const std::vector<std::string>& commands) {
  CO_TRY(const std::string answers, co_await ask_each(commands));
  for (const std::string& said : base::split(answers, '\n'))
    if (is_complaint(said)) co_return base::invalid(base::printable(said, 200));
  co_return base::Status();
}

io::Task<std::string> ControlSocket::generation() {
  const base::Result<std::string> info = co_await ask("show info");
  if (!info) co_return "";
  for (const std::string& line : base::split(*info, '\n'))
    if (line.starts_with("description: ")) co_return line.substr(line.find(' ') + 1);
  co_return "";
}

}  // namespace caravan::ingress
