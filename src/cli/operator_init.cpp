// SPDX-License-Identifier: Apache-2.0
// operator init: the first machine of a cluster.
#include <fmt/core.h>

#include "base/text.hpp"
#include "cli/format.hpp"
#include "cli/machine_setup.hpp"
#include "cli/tls_files.hpp"
#include "cli/verbs.hpp"
#include "io/linux/clock.hpp"
#include "io/linux/disk.hpp"
#include "io/random_bytes.hpp"
#include "keyring/join_token.hpp"

namespace caravan::cli {
namespace {

constexpr long long authority_days = 3650, certificate_days = 365;
constexpr std::size_t gossip_key_bytes = 32, nonce_bytes = 4;
constexpr std::int64_t hour_ns = 3'600'000'000'000;

std::string drawn(std::size_t count) {
  io::linux_world::Random random;
  return io::random_bytes(random, count);
}

/// All that a new cluster begins with.
struct Beginning {
  std::string authority, authority_key, certificate, key, gossip_key, bootstrap_secret, join_token;
};

base::Result<Beginning> draw(const MachineSetup& setup, const std::string& region) {
  Beginning all;
  crypto::CertificateForm form = certificate_form("Caravan Agent CA", authority_days);
  form.is_authority = true;
  const crypto::CertificateKey authority_key = crypto::CertificateKey::draw();
  TRY(all.authority, crypto::issue(form, authority_key));
  all.authority_key = authority_key.to_pem();
  form = certificate_form(fmt::format("server.{}.nomad", region), certificate_days);
  form.dns_names = {form.common_name, "localhost"};
  form.ip_addresses = {"127.0.0.1", setup.address};
  const crypto::CertificateKey key = crypto::CertificateKey::draw();
  TRY(all.certificate, crypto::issue(form, key, crypto::Issuer{all.authority, authority_key}));
  all.key = key.to_pem();
  all.gossip_key = base::base64_encode(drawn(gossip_key_bytes));
  all.bootstrap_secret = io::linux_world::Random().uuid().to_string();
  keyring::JoinToken token;
  token.is_server = true;
  token.expires = {io::linux_world::Clock().now().unix_ns + hour_ns};
  token.authority = keyring::fingerprint(all.authority);
  token.nonce = drawn(nonce_bytes);
  all.join_token = keyring::mint(token, all.authority_key);
  return all;
}

base::Status write(const MachineSetup& setup, const Beginning& all, const AgentRole& role) {
  io::linux_world::Disk disk;
  TRY_VOID(disk.make_dirs(setup.data_dir + "/server/keystore", 0700));
  TRY_VOID(write_new(setup.data_dir + "/server/keystore/authority.pem",
                     all.authority + all.authority_key, 0600));
  TRY_VOID(write_new(setup.data_dir + "/server/acl-bootstrap-secret", all.bootstrap_secret + "\n",
                     0600));
  return write_machine(setup, all.authority, all.certificate, all.key, configuration(setup, role));
}

int run(Context& context) {
  const std::string region = context.flags.text("region", "global");
  const base::Result<MachineSetup> setup = machine_setup(context.flags);
  if (!setup) return context.fail("Error beginning a cluster", setup.error());
  const base::Result<Beginning> all = draw(*setup, region);
  if (!all) return context.fail("Error beginning a cluster", all.error());
  AgentRole role{region, context.flags.text("dc", "dc1"), true, true, all->gossip_key, {}};
  if (const base::Status written = write(*setup, *all, role); !written)
    return context.fail("Error beginning a cluster", written.error());
  context.out(fmt::format(
      "A cluster begins here, with {}.\n\n"
      "To use it from this machine:\n\n"
      "  export NOMAD_ADDR=https://{}:4646\n"
      "  export NOMAD_CACERT={}\n"
      "  export NOMAD_TOKEN={}\n\n"
      "The token may do everything; it is shown only now.\n\n"
      "On each further machine, within the next hour:\n\n"
      "  caravan join {} {}\n\n"
      "It is a server then, as this one. 'caravan operator join-token -role client' makes a token\n"
      "for machines that are to run work only. Three servers survive the loss of one.\n",
      setup->config_file(), setup->address, setup->ca_file(), all->bootstrap_secret, setup->address,
      all->join_token));
  if (!setup->starts) {
    context.out(fmt::format("Start it with: caravan agent -config {}", setup->config_dir));
    return 0;
  }
  const base::Status started = start_agent(*setup);
  return started ? 0 : context.fail("Error starting the agent", started.error());
}

}  // namespace

Command operator_init_command() {
  std::vector<FlagSpec> flags = machine_flags();
  flags.push_back({"region", "name", "The cluster's region. Default = global"});
  flags.push_back({"dc", "name", "The machine's datacenter. Default = dc1"});
  return {.name = "operator init",
          .synopsis = "Begin a cluster on this machine",
          .usage = "[options]",
          .help =
              "Makes a certificate authority, a gossip key and the first token, writes the\n"
              "configuration of an agent that is server and client, closed to everybody who has\n"
              "no token, and starts it. Prints the one command that lets further machines in.",
          .flags = std::move(flags),
          .takes = "no arguments",
          .uses_api = false,
          .run = run};
}

}  // namespace caravan::cli
