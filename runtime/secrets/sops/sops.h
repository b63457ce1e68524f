// Values from a file that is kept encrypted in the repository and opened by the program `sops`
// (https://getsops.io): {orders: {PAYMENT_KEY: …}}. Its output goes through a pipe and is never written down.
#pragma once

#include <string>
#include <string_view>

#include "runtime/secrets/source.h"
#include "runtime/system/processes.h"

namespace msctl::secrets {

class Sops final : public Source {
public:
  // `file`: an absolute path; `shown`: the same for people. `terminal`: somebody can be asked for a
  // passphrase. `cancel`: a descriptor that becomes readable when it is to be given up.
  Sops(std::string file, std::string shown, system::Processes& processes, bool terminal, int cancel)
      : file_(std::move(file)),
        shown_(std::move(shown)),
        processes_(processes),
        terminal_(terminal),
        cancel_(cancel) {}

  // Errors: sopsFailed, toolMissing, interrupted, secretMissing.
  std::expected<Values, base::Errors> read(const std::vector<Wanted>& wanted) override;

private:
  base::Result<std::string> decrypted() const;

  std::string file_, shown_;
  system::Processes& processes_;
  bool terminal_;
  int cancel_;
};

// What is wanted of what sops prints as JSON. Errors: sopsFailed where it is no map of maps of texts,
// secretMissing.
std::expected<Values, base::Errors> values_of(std::string_view json, const std::vector<Wanted>& wanted,
                                              const std::string& shown);

}  // namespace msctl::secrets
