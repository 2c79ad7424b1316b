// SPDX-License-Identifier: Apache-2.0
#include "fetch/sandbox.hpp"

#include <cstddef>
#include <fcntl.h>
#include <iterator>
#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <csignal>

#include "fetch/failure.hpp"

namespace caravan::fetch {
namespace {

#if defined(__x86_64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
constexpr std::uint32_t architecture = AUDIT_ARCH_AARCH64;
#else
#error "which AUDIT_ARCH is this?"
#endif

constexpr std::uint64_t reading = LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR;
constexpr std::uint64_t loading = reading | LANDLOCK_ACCESS_FS_EXECUTE;
// Everything of the first version of landlock; `refer` and `truncate` came later.
constexpr std::uint64_t first_version = (LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;

/// What a resolver and TLS read.
constexpr const char* always_readable[] = {"/etc", "/usr/share", "/run/systemd/resolve",
                                           "/dev/null", "/dev/urandom"};
constexpr const char* always_loadable[] = {"/usr/lib", "/lib", "/lib64", "/usr/local/lib"};

void allow(int rules, const std::string& path, std::uint64_t access) {
  const int fd = ::open(path.c_str(), O_PATH | O_CLOEXEC);
  if (fd < 0) return;  // what is not there needs no permission
  landlock_path_beneath_attr below{};
  // Rules about folders make no sense for a file, and the kernel refuses them.
  below.allowed_access = access;
  below.parent_fd = fd;
  if (::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0) != 0) {
    below.allowed_access = access & (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_EXECUTE |
                                     LANDLOCK_ACCESS_FS_WRITE_FILE);
    ::syscall(SYS_landlock_add_rule, rules, LANDLOCK_RULE_PATH_BENEATH, &below, 0);
  }
  ::close(fd);
}

void restrict_files(const std::string& root, const std::vector<std::string>& readable) {
  const long version =
      ::syscall(SYS_landlock_create_ruleset, nullptr, 0, LANDLOCK_CREATE_RULESET_VERSION);
  if (version < 1) return;  // an older kernel; place.cpp does not follow links there either
  std::uint64_t everything = first_version;
  if (version >= 2) everything |= LANDLOCK_ACCESS_FS_REFER;
  landlock_ruleset_attr attributes{};
  attributes.handled_access_fs = everything;
  const int rules =
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0));
  if (rules < 0) fail_system("landlock");
  allow(rules, root, everything & ~std::uint64_t{LANDLOCK_ACCESS_FS_EXECUTE});
  for (const char* path : always_readable)
    allow(rules, path, reading);
  for (const char* path : always_loadable)
    allow(rules, path, loading);
  for (const std::string& path : readable)
    allow(rules, path, reading);
  if (::syscall(SYS_landlock_restrict_self, rules, 0) != 0) fail_system("landlock");
  ::close(rules);
}

/// Files get an owner, modes of others do not matter; the rest of root's powers go.
void drop_capabilities() {
  constexpr std::uint32_t kept = (1U << CAP_CHOWN) | (1U << CAP_DAC_OVERRIDE) | (1U << CAP_FOWNER);
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability, 0, 0, 0) >= 0; ++capability)
    if (capability >= 32 || ((kept >> capability) & 1U) == 0)
      ::prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
  if (::getuid() != 0) return;
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  __user_cap_data_struct data[2] = {{kept, kept, 0}, {0, 0, 0}};
  if (::syscall(SYS_capset, &header, data) != 0) fail_system("dropping capabilities");
}

/// System calls that a download never makes and an intruder would like.
void filter_system_calls() {
  constexpr int refused_calls[] = {
      SYS_execve,         SYS_execveat,     SYS_ptrace,      SYS_process_vm_writev,
      SYS_mount,          SYS_umount2,      SYS_pivot_root,  SYS_chroot,
      SYS_unshare,        SYS_setns,        SYS_bpf,         SYS_perf_event_open,
      SYS_init_module,    SYS_finit_module, SYS_kexec_load,  SYS_reboot,
      SYS_keyctl,         SYS_add_key,      SYS_userfaultfd, SYS_open_by_handle_at,
      SYS_io_uring_setup, SYS_mknodat};
  constexpr auto count = std::size(refused_calls);
  std::vector<sock_filter> program;
  const auto add = [&](std::uint16_t code, std::uint32_t k, std::uint8_t yes, std::uint8_t no) {
    program.push_back({code, yes, no, k});
  };
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, arch), 0, 0);
  add(BPF_JMP | BPF_JEQ | BPF_K, architecture, 1, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_KILL_PROCESS, 0, 0);
  add(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr), 0, 0);
  for (std::size_t i = 0; i < count; ++i)
    add(BPF_JMP | BPF_JEQ | BPF_K, static_cast<std::uint32_t>(refused_calls[i]),
        static_cast<std::uint8_t>(count - i), 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_ALLOW, 0, 0);
  add(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EPERM, 0, 0);
  const sock_fprog filter{static_cast<unsigned short>(program.size()), program.data()};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter, 0, 0) != 0) fail_system("seccomp");
}

}  // namespace

void bind_to_parent() {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  if (::getppid() == 1) fail("the agent is gone");
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) fail_system("no_new_privs");
}

void enter_sandbox(const std::string& root, const std::vector<std::string>& readable) {
  restrict_files(root, readable);
  drop_capabilities();
  filter_system_calls();
}

}  // namespace caravan::fetch
