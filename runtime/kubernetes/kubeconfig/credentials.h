// What proves to a cluster who asks: from a kubeconfig's user to a header and a certificate. Files are read
// again and plugins asked again when what they gave has come to its end or was refused. Nothing of it is ever
// part of a message. May be used by several threads.
#pragma once

#include <memory>
#include <mutex>
#include <string>

#include "runtime/base/clock.h"
#include "runtime/kubernetes/kubeconfig/kubeconfig.h"
#include "runtime/system/processes.h"

namespace msctl::kubernetes::kubeconfig {

struct Credential {
  std::string authorization;     // the header's value; empty: none
  std::string certificate, key;  // PEM; empty: none
  std::uint64_t number = 0;      // grows with each one that is new
};

struct Outside {
  const system::Files& files;
  system::Processes& processes;
  const base::Clock& clock;
  bool terminal = false;  // somebody sits there whom a plugin may ask
  int cancel = -1;        // a descriptor: when it becomes readable, a plugin is killed
};

class Credentials {
public:
  Credentials(Access access, Outside outside);

  // Errors: badKubeconfig (a file that cannot be read), credentialPlugin.
  base::Result<Credential> current();
  // The server did not take this one: ask anew, unless somebody else has done so by now. False: there is
  // nothing that could give another one.
  bool renew(const Credential& refused);

  // As whom, as far as it can be told from here: "ann (client certificate, expired 2026-01-31T12:00:00Z)",
  // "'staging' (token of system:serviceaccount:shop:ci)". For messages.
  std::string describe();

private:
  base::Result<Credential> make();

  Access access_;
  Outside outside_;
  std::mutex mutex_;
  bool known_ = false;
  Credential credential_;
  std::optional<base::WallTime> good_until_;
};

}  // namespace msctl::kubernetes::kubeconfig
