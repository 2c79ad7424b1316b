// SPDX-License-Identifier: Apache-2.0
#include "client/exec_pipe.hpp"

#include <boost/asio/awaitable.hpp>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"

namespace caravan::client {
namespace {

constexpr std::size_t line_bytes_max = 1024 * 1024;

base::Result<driver::ExecInput> parse(const std::string& line) {
  TRY(const json::Value message, json::parse(line));
  driver::ExecInput input;
  const json::Value& in = message.at("stdin");
  if (const std::string* data = in.at("data").as_string()) {
    TRY(input.bytes, base::base64_decode(*data));
  }
  const bool* closes = in.at("close").as_bool();
  input.closes = closes && *closes;
  input.rows = static_cast<int>(message.at("tty_size").at("height").number());
  input.columns = static_cast<int>(message.at("tty_size").at("width").number());
  return input;
}

}  // namespace

io::Task<base::Result<driver::ExecInput>> StreamPipe::read_input() {
  char buffer[16 * 1024];
  while (heard_.find('\n') == std::string::npos) {
    CO_TRY(const std::size_t n, co_await stream_.read_some(buffer));
    if (n == 0) co_return base::fail(base::Code::io, "the user hung up");
    heard_.append(buffer, n);
    if (heard_.size() > line_bytes_max)
      co_return base::invalid("a line of an exec session is too long");
  }
  const std::size_t end = heard_.find('\n');
  const std::string line = heard_.substr(0, end);
  heard_.erase(0, end + 1);
  if (base::trim(line).empty()) co_return driver::ExecInput();
  co_return parse(line);
}

io::Task<base::Status> StreamPipe::write_line(std::string line) {
  while (writing_)
    co_await written_.wait();
  writing_ = true;
  line += '\n';
  const base::Status sent = co_await stream_.write(line);
  writing_ = false;
  written_.notify();
  co_return sent;
}

io::Task<base::Status> StreamPipe::write_output(bool is_stderr, std::string bytes) {
  const json::Object data = {{"data", base::base64_encode(bytes)}};
  std::string line = json::to_string(json::Object{{is_stderr ? "stderr" : "stdout", data}});
  co_return co_await write_line(std::move(line));
}

io::Task<base::Status> StreamPipe::write_exit(int code) {
  std::string line = json::to_string(
      json::Object{{"exited", true}, {"result", json::Object{{"exit_code", code}}}});
  co_return co_await write_line(std::move(line));
}

}  // namespace caravan::client
