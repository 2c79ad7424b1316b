// SPDX-License-Identifier: Apache-2.0
#include "ingress/data_plane.hpp"

#include <algorithm>
#include <csignal>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/core.h>

#include "base/text.hpp"
#include "json/reader.hpp"
#include "json/writer.hpp"
#include "ingress/silent_servers.hpp"

namespace caravan::ingress {
namespace {

using namespace std::chrono_literals;
using boost::asio::experimental::awaitable_operators::operator||;

constexpr base::Duration look_interval = 500ms;           // at the process
constexpr base::Duration reload_interval_min = 1s;
constexpr base::Duration reload_interval_busy = 10s;      // while many old workers still end
constexpr std::size_t workers_busy = 8;
constexpr base::Duration reload_held_max = 3s;            // for servers that fell silent
constexpr base::Duration start_pause_min = 500ms, start_pause_max = 30s;
constexpr base::Duration arrival_timeout = 10s, arrival_look = 20ms;
constexpr base::Duration refused_pause = 10s;
constexpr base::Duration end_patience = 3s;
constexpr std::size_t socket_path_max = 90;               // the kernel's 107, less what is added
constexpr std::uint64_t log_bytes_max = 64 << 20, log_bytes_kept = 4 << 20;

constexpr const char* programs[] = {"/usr/sbin/haproxy", "/usr/local/sbin/haproxy",
                                    "/usr/bin/haproxy", "/usr/local/bin/haproxy"};

}  // namespace

std::vector<std::string> program_environment() { return {"PATH=/usr/sbin:/usr/bin:/sbin:/bin"}; }

std::string find_program(io::Disk& disk, const std::string& wanted) {
  if (!wanted.empty()) return disk.exists(wanted) ? wanted : "";
  for (const char* path : programs)
    if (disk.exists(path)) return path;
  return "";
}

DataPlane::DataPlane(io::World& world, Settings settings, std::string folder, std::string program,
                     io::Logger log)
    : world_(world),
      settings_(std::move(settings)),
      folder_(std::move(folder)),
      program_(std::move(program)),
      log_(std::move(log)),
      paths_{"", folder_ + "/control.sock", folder_ + "/metrics.sock", folder_,
             folder_ + "/certificates"},
      control_(world.network, world.clock, paths_.control),
      changed_(world.executor.lane(io::Lane::client)) {}

base::Status DataPlane::open() {
  if (folder_.size() > socket_path_max)
    return base::invalid(fmt::format("ingress: {} is longer than {} characters, too long for the "
                                     "sockets in it; choose a shorter data_dir",
                                     folder_, socket_path_max));
  TRY_VOID(world_.disk.make_dirs(folder_, 0711));  // a lesser user passes through to its sockets
  TRY_VOID(world_.disk.make_dirs(paths_.certificates + "/named", 0700));
  find_again();
  return {};
}

void DataPlane::want(RoutingTable table) {
  if (wanted_ && *wanted_ == table) return;
  wanted_ = std::move(table);
  retry_at_ = base::Duration(0);
  changed_.notify();
}

void DataPlane::read_again() {
  reads_again_ = true;
  changed_.notify();
}

/// One that another life of this agent has started; what it has read is not known.
void DataPlane::find_again() {
  const base::Result<std::string> text = world_.disk.read_file(folder_ + "/state.json");
  const base::Result<json::Value> state = text ? json::parse(*text) : base::Result<json::Value>();
  if (!text || !state) return;
  io::ProcessId known;
  known.pid = static_cast<int>(state->at("pid").number());
  known.start_ticks = state->at("start_ticks").as_unsigned().value_or(0);
  generation_ = state->at("generation").as_unsigned().value_or(0);
  if (!world_.processes.is_alive(known)) return;
  process_ = known;
  is_up_ = true;
  if (const json::Array* ports = state->at("bound").as_array())
    for (const json::Value& port : *ports)
      if (port.as_string()) bound_.insert(*port.as_string());
  log_.info("the data plane is found again", {{"pid", std::to_string(known.pid)}});
}

io::Task<void> DataPlane::remember() {
  json::Array bound;
  for (const std::string& port : bound_)
    bound.push_back(port);
  const json::Object state{{"pid", process_.pid},
                           {"start_ticks", process_.start_ticks},
                           {"generation", generation_},
                           {"bound", bound}};
  const std::string text = json::to_string(state);
  const base::Status kept = co_await world_.disk.replace_file(folder_ + "/state.json", text, 0600);
  if (!kept) log_.warn("cannot keep what runs", {{"error", kept.error().message}});
}

io::Task<void> DataPlane::run() {
  while (true) {
    co_await step();
    co_await limit_log();
    base::Duration pause = look_interval;
    const base::Duration now = world_.clock.uptime();
    if (next_due_ > now) pause = std::min(pause, next_due_ - now);
    co_await (changed_.wait() || world_.clock.sleep(pause));
  }
}

io::Task<void> DataPlane::step() {
  if (!wanted_) co_return;
  const base::Duration now = world_.clock.uptime();
  if (!world_.processes.is_alive(process_)) {
    if (is_up_) {
      log_.error("the data plane has ended; it is started again",
                 {{"pid", std::to_string(process_.pid)}});
      is_up_ = false;
      bound_.clear();
      if (on_change) on_change();
    }
    if (now >= next_start_) co_await start_anew();
    co_return;
  }
  if (now - last_reload_ > start_pause_max) start_pause_ = base::Duration(0);
  bool is_complete = !shape_.empty();
  if (!shape_.empty()) {
    ServerChanges changes = change_servers(placement_, *wanted_, now, settings_.drain_time);
    next_due_ = changes.next_due;
    is_complete = changes.is_complete;
    if (!changes.commands.empty()) {
      const base::Status done = co_await control_.carry_out(changes.commands);
      counts_.commands += changes.commands.size();
      if (done) {
        placement_ = std::move(changes.placement);
        if (on_change) on_change();
      } else {
        log_.warn("a command was refused", {{"error", done.error().message}});
        is_complete = false;
        shape_.clear();
      }
    }
    // A reload forgets who left. It waits for a while only: some may come and go without end.
    if (co_await gives_up_silent())
      held_since_.reset();
    else if (!held_since_)
      held_since_ = now;
    if (held_since_ && now - *held_since_ < reload_held_max) co_return;
  }
  const Placement next = placement_of(*wanted_, placement_);
  const std::string wanted_shape = shape(*wanted_, next);
  const bool differs = !is_complete || reads_again_ || wanted_shape != shape_;
  if (!differs) co_return;
  if (wanted_shape == bad_shape_ && !reads_again_ && now < retry_at_) co_return;
  if (now - last_reload_ < reload_interval()) co_return;
  co_await reload();
}

/// Ends what waits for servers that left without a word, once nobody tries any more to connect to
/// them: those go elsewhere by themselves. False: that time is still to come for one of them.
io::Task<bool> DataPlane::gives_up_silent() {
  const std::vector<std::string> questions = questions_about_leaving(placement_);
  if (questions.empty()) co_return true;
  const base::Result<std::string> stat = co_await control_.ask_each(questions);
  const base::Duration now = world_.clock.uptime();
  const base::Duration until = settings_.connect_timeout + look_interval;
  std::vector<std::string> commands;
  bool are_all = true;
  for (const SilentServer& server : silent_servers(placement_, stat.value_or("")))
    if (now - server.since >= until)
      commands.push_back("shutdown sessions server " + server.name);
    else
      are_all = false;
  const base::Status ended = co_await control_.carry_out(commands);
  if (!stat || !ended)
    log_.warn("cannot end what waits for silent servers",
              {{"error", stat ? ended.error().message : stat.error().message}});
  co_return are_all;
}

base::Duration DataPlane::reload_interval() const {
  return workers() > workers_busy ? reload_interval_busy : reload_interval_min;
}

/// The master's children: the worker that answers, and those that still end.
std::size_t DataPlane::workers() const {
  const base::Result<std::string> children = world_.disk.read_file(
      fmt::format("/proc/{}/task/{}/children", process_.pid, process_.pid));
  return children ? static_cast<std::size_t>(std::ranges::count(*children, ' ')) : 0;
}

base::Status DataPlane::spawn() {
  // The shell gives it a file for what it says, and then becomes it.
  const io::Program program{{"/bin/sh", "-c", "umask 077; exec \"$0\" \"$@\" >>\"$INGRESS_LOG\" 2>&1", program_,
                             "-W", "-f", folder_ + "/haproxy.cfg"},
                            program_environment()};
  io::Program with_log = program;
  with_log.env.push_back("INGRESS_LOG=" + folder_ + "/haproxy.log");
  TRY(process_, world_.processes.spawn_detached(with_log));
  return {};
}

/// Waits until the data plane says that it has this configuration.
io::Task<bool> DataPlane::arrives(const std::string& generation) {
  const base::Duration until = world_.clock.uptime() + arrival_timeout;
  while (world_.clock.uptime() < until && world_.processes.is_alive(process_)) {
    if (world_.disk.exists(paths_.control) && co_await control_.generation() == generation)
      co_return true;
    co_await world_.clock.sleep(arrival_look);
  }
  co_return false;
}

io::Task<void> DataPlane::start_anew() {
  start_pause_ = std::clamp(2 * start_pause_, start_pause_min, start_pause_max);
  const std::set<std::string> taken = co_await taken_ports();
  for (const EntryPoint& entry : settings_.entry_points)
    if (taken.contains(endpoint_of(entry.host, entry.port))) {
      report({{"", "entry point " + entry.name,
               fmt::format("port {} of this machine is in use by another program", entry.port)}});
      next_start_ = world_.clock.uptime() + start_pause_;
      co_return;
    }
  const RoutingTable asked = *wanted_;  // while it starts, something else may be wanted
  const std::string asked_shape = shape(asked, placement_of(asked, {}));
  placement_.clear();
  const bool is_good = co_await prepare(asked, taken);
  if (is_good) {
    const base::Status spawned = spawn();
    if (spawned) co_await remember();
    const bool is_there = spawned && co_await arrives(std::to_string(generation_));
    if (is_there) {
      ++counts_.starts;
      is_up_ = true;
      placement_ = placement_of(possible_, {});
      shape_ = asked_shape;
      last_reload_ = world_.clock.uptime();
      reads_again_ = false;
      for (const EntryPoint& entry : settings_.entry_points)
        bound_.insert(endpoint_of(entry.host, entry.port));
      for (const Route& route : possible_.routes)
        if (route.port != 0) bound_.insert(endpoint_of(settings_.tcp_host, route.port));
      co_await remember();
      log_.info("the data plane is up", {{"pid", std::to_string(process_.pid)},
                                         {"routes", std::to_string(possible_.routes.size())}});
      if (on_change) on_change();
    } else {
      log_.error("the data plane does not come up; its words are in haproxy.log",
                 {{"folder", folder_}, {"error", spawned ? "" : spawned.error().message}});
      if (spawned) (void)world_.processes.signal(process_, SIGKILL);
    }
  }
  next_start_ = world_.clock.uptime() + start_pause_;
}

io::Task<void> DataPlane::reload() {
  last_reload_ = world_.clock.uptime();
  held_since_.reset();
  const std::set<std::string> taken = co_await taken_ports();
  const RoutingTable asked = *wanted_;  // while it is prepared, something else may be wanted
  const std::string asked_shape = shape(asked, placement_of(asked, placement_));
  const std::string before = fmt::format("{}/generation-{}", folder_, generation_);
  if (!co_await prepare(asked, taken)) {
    bad_shape_ = asked_shape;
    retry_at_ = world_.clock.uptime() + refused_pause;
    co_return;
  }
  const Placement next = placement_of(possible_, placement_);
  reads_again_ = false;
  const base::Status told = world_.processes.signal(process_, SIGUSR2);
  const bool is_there = told && co_await arrives(std::to_string(generation_));
  if (!is_there) {
    ++counts_.refused;
    bad_shape_ = asked_shape;
    retry_at_ = world_.clock.uptime() + refused_pause;
    log_.error("the data plane did not take its new configuration; its words are in haproxy.log",
               {{"folder", folder_}});
    co_return;
  }
  ++counts_.reloads;
  placement_ = next;
  // Routes that had to be left out are asked for again when something changes, or after a while.
  const bool is_whole = possible_.routes.size() == asked.routes.size();
  shape_ = is_whole ? shape(asked, placement_) : asked_shape;
  bad_shape_ = is_whole ? "" : asked_shape;
  retry_at_ = world_.clock.uptime() + refused_pause;
  bound_.clear();
  for (const EntryPoint& entry : settings_.entry_points)
    bound_.insert(endpoint_of(entry.host, entry.port));
  for (const Route& route : possible_.routes)
    if (route.port != 0) bound_.insert(endpoint_of(settings_.tcp_host, route.port));
  if (world_.disk.exists(before)) (void)world_.disk.remove(before);
  co_await remember();
  log_.debug("the data plane has new routes", {{"routes", std::to_string(possible_.routes.size())}});
  if (on_change) on_change();
}

/// The file is open in another process for as long as that lives: it is cut, not replaced.
io::Task<void> DataPlane::limit_log() {
  const base::Result<std::unique_ptr<io::File>> file =
      world_.disk.open_to_read(folder_ + "/haproxy.log");
  const base::Result<std::uint64_t> size = file ? (*file)->size() : base::Result<std::uint64_t>(0);
  if (!size || *size < log_bytes_max) co_return;
  const base::Result<std::string> last = (*file)->read_at(*size - log_bytes_kept, log_bytes_kept);
  if (last) (void)world_.disk.write_file(folder_ + "/haproxy.log.1", *last, 0600, -1, -1);
  const base::Result<std::unique_ptr<io::File>> whole =
      world_.disk.open(folder_ + "/haproxy.log", false);
  if (whole) (void)(*whole)->truncate(0);
}

io::Task<void> DataPlane::end() {
  const base::Duration until = world_.clock.uptime() + end_patience;
  (void)world_.processes.signal(process_, SIGUSR1);
  while (world_.processes.is_alive(process_) && world_.clock.uptime() < until)
    co_await world_.clock.sleep(arrival_look);
  (void)world_.processes.signal(process_, SIGTERM);
  const base::Duration last = world_.clock.uptime() + 1s;
  while (world_.processes.is_alive(process_) && world_.clock.uptime() < last)
    co_await world_.clock.sleep(arrival_look);
  (void)world_.processes.signal(process_, SIGKILL);
  is_up_ = false;
}

}  // namespace caravan::ingress
