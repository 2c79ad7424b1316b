// SPDX-License-Identifier: Apache-2.0
// An exec session over a stream: lines of JSON, as users' clients write and read them.
#pragma once

#include "driver/driver.hpp"
#include "io/network.hpp"
#include "io/task.hpp"

namespace caravan::client {

class StreamPipe : public driver::ExecPipe {
 public:
  /// The stream outlives it.
  StreamPipe(io::Stream& stream, boost::asio::any_io_executor lane)
      : stream_(stream), written_(lane) {}

  /// Errors: io (hung up), invalid (not JSON, a line beyond the limit).
  io::Task<base::Result<driver::ExecInput>> read_input() override;
  io::Task<base::Status> write_output(bool is_stderr, std::string bytes) override;
  /// The last line.
  io::Task<base::Status> write_exit(int code);

 private:
  io::Task<base::Status> write_line(std::string line);

  io::Stream& stream_;
  std::string heard_;
  bool writing_ = false;  // output and errors come from two coroutines, and a stream has one writer
  io::Event written_;
};

}  // namespace caravan::client
